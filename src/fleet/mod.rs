//! The model of the pods.
//!
//! Pure: no HTTP, no clock, no screen. [`pod`] defines a pod, [`store`] merges pages into columns,
//! [`snapshot`] is an immutable picture of them, [`row_facts`] reads a few fields of many of its rows,
//! [`row_texts`] all texts, [`view`] filters and sorts it, [`changes`] lists what changed, [`change_log`] puts
//! that in order, [`changed_pods`] has the pods, [`news`] says what is new, [`decisions`] what is
//! acknowledged or muted, [`watched`] when hss-top watched, [`past`] has the pods as they were, [`blocks`] has them as
//! bytes that are read back at once, [`risk`] rates what needs attention. [`query`] is the filter language.

pub mod blocks;
pub mod change_log;
pub mod changed_pods;
pub mod changes;
pub mod create_time;
pub mod decisions;
pub mod field;
pub mod fields;
pub mod filter;
#[cfg(test)]
pub mod fixture;
pub mod grouped;
pub mod history;
pub mod list_age;
pub mod listed;
pub mod news;
pub mod order;
pub mod overview;
pub mod past;
pub mod piece_room;
pub mod piece_writer;
pub mod pod;
pub mod pod_names;
pub mod pseudonym;
pub mod quantity;
pub mod query;
pub mod raw;
pub mod record_texts;
pub mod risk;
pub mod risk_marks;
pub mod row_facts;
pub mod row_texts;
pub mod scope;
pub mod score_shift;
mod shown;
pub mod snapshot;
pub mod sort;
mod source_id;
pub mod store;
pub mod summary;
pub mod text;
pub mod usage;
pub mod view;
pub mod watched;
pub mod words;

pub use field::Field;
pub use fields::PodField;
pub use history::History;
pub use pod::{Pod, PodKey};
pub use scope::Scope;
pub use snapshot::Fleet;
pub use source_id::SourceId;
pub use store::Store;
pub use text::RemoteText;
pub use view::{View, ViewRequest};
