//! hss-top: a terminal dashboard for the pods that Huawei Cloud Host Security Service (HSS) knows.

pub mod clock;
pub mod fleet;
pub mod hss;
pub mod simulator;
pub mod sync;
