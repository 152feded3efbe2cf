//! Recordings: the answers of HSS in a file, for a report that anybody can replay.
//!
//! ```text
//! {"hss_top_recording":1,"hss_top":"0.1.0","recorded_at":"2026-11-29T09:12:33Z","masked":false,…}
//! {"at_ms":0,"took_ms":210,"method":"GET","path":"/v5/project/kubernetes/pods","query":"…","status":200,…,"body":"…"}
//! {"at_ms":310,"took_ms":5000,"method":"GET",…,"error":{"kind":"timed-out","why":"…"}}
//! {"end":"sweeps","at_ms":900,"exchanges":2}
//! ```
//!
//! One JSON object per line, in UTF-8, optionally in gzip. The first line is the [`RecordingHeader`], each
//! further one a [`RecordedExchange`], and the last one the [`RecordingEnd`], without which a recording is
//! damaged. `hss-top schema recording` describes the lines. A reader refuses a newer [`VERSION`] and ignores
//! members that it does not know.
//!
//! ```text
//! transport ─► heard exchange ─► clean ─► (mask) ─► form ─► write          record
//! file ─► read (bounded, checked) ─► replay ─► transport                   replay
//! ```
//!
//! Owns the form of the file, what is taken out of an exchange before it is written, and the choice of a
//! recorded answer for a call. A recording never has a header of a request, the body of a sign-in, or the id of
//! a project. Must not: open a file for writing, call, or know the screen.

mod clean;
mod failure;
mod form;
mod mask;
mod read;
mod replay;
pub mod schema;
#[cfg(test)]
mod tests;
mod write;

pub use clean::ExchangeCleaner;
pub use failure::RecordedFailure;
pub use form::{RecordedExchange, RecordingEnd, RecordingHeader};
pub use read::{Recording, RecordingFault};
pub use replay::{RecordingReplay, ReplayPace};
pub use write::RecordingWriter;

/// The version of the form. It changes if a member is removed or changes its meaning, but not for a new member.
pub const VERSION: u32 = 1;
/// The project id of every recording.
pub const PROJECT: &str = "project";
/// The id of the enterprise project of every recording that asked for one.
pub const ENTERPRISE_PROJECT: &str = "enterprise-project";
