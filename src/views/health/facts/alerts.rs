//! Alerts: sinks that do not take what they are given, and what was told last.
//!
//! ```text
//!  Alerts      ▲ alertmanager: am:9093 answered 503 Service Unavailable; 3 wait
//!              2 min ago  bell, sent: 2 new risks: settle-1, settle-2
//! ```

use super::{FactLines, masked};
use crate::app::Model;
use crate::ui::format::{age, seconds_since};
use crate::ui::signs;
use crate::ui::theme::Role;

/// What was told, in lines: all of it is in `hss-top alerts log`.
const SHOWN: usize = 3;

pub(super) fn add(model: &Model, facts: &mut FactLines) {
    let mut label = "Alerts";
    for trouble in model.alerts.troubles.iter() {
        let waiting = match trouble.waiting {
            0 => String::new(),
            1 => "; 1 waits".to_owned(),
            many => format!("; {many} wait"),
        };
        let text = masked(model, &format!("{}: {}{waiting}", trouble.sink, trouble.why));
        facts.add(
            2,
            std::mem::take(&mut label),
            &format!("{} {}", signs::RISK, text.shown()),
            Role::Warn,
        );
    }
    for receipt in model.alerts.receipts.iter().take(SHOWN) {
        let ago = age(seconds_since(receipt.at, model.now));
        let (way, result) = (receipt.way.name(), receipt.result.words());
        let text = masked(model, &receipt.text);
        let text = format!("{ago} ago  {way}, {result}: {}", text.shown());
        facts.add(6, std::mem::take(&mut label), &text, Role::Text);
    }
}
