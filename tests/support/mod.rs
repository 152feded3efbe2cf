//! What several test files share.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(
    clippy::allow_attributes,
    reason = "an expectation would fail where the whole part is used"
)]

pub mod alertmanager;
pub mod answering;
pub mod answers;
pub mod child;
pub mod corpus;
pub mod fault_case;
pub mod fault_stage;
pub mod faultd;
pub mod measure;
pub mod mishap;
pub mod program;
pub mod pty;
pub mod run;
pub mod schema;
pub mod scripted;
pub mod serving;
pub mod simulate;
pub mod stage;
pub mod svg;
pub mod tls;
