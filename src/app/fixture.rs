//! The smallest model for tests, before any pod is loaded.

use std::time::Duration;

use jiff::Timestamp;
use ratatui::layout::Size;

use super::Model;
use crate::collector::FetchRequest;
use crate::fleet::{Scope, SourceId};
use crate::settings::SourceLabel;

/// A model of a real source named `test`, on a screen of this size.
pub(crate) fn empty_model(size: Size, now: Timestamp) -> Model {
    let source = SourceLabel {
        profile: String::new(),
        id: SourceId::default(),
        project: "p".into(),
        enterprise_project: "all_granted_eps".into(),
        place: "test".into(),
        demo: false,
        recorded_at: None,
        is_masked: false,
        plain_text: false,
        signed_in_by: String::new(),
    };
    let wanted = FetchRequest {
        scope: Scope::default(),
        pod: None,
        asks: 0,
        syncs: 0,
        interval: Duration::from_mins(1),
    };
    Model::new(source, wanted, 200, size, now, crate::views::DRAWN)
}
