//! Alerts: sinks that fail, and what was sent last.
//!
//! ```text
//!  Alerts      ▲ alertmanager: am:9093 answered 503 Service Unavailable; 3 wait
//!              2 min ago  bell, sent: 2 new risks: settle-1, settle-2
//! ```

use super::{FactLines, masked};
use crate::app::Model;
use crate::ui::format::{age, left, seconds_since, width};
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
        let text = masked(model, &format!("{}: {}{waiting}", trouble.label(), trouble.why));
        facts.add(
            2,
            std::mem::take(&mut label),
            &format!("{} {}", signs::RISK, text.shown()),
            Role::Warn,
        );
    }
    let shown = || model.alerts.receipts.iter().take(SHOWN);
    let ago = |at| format!("{} ago", age(seconds_since(at, model.now)));
    let longest = shown().map(|receipt| width(&ago(receipt.at))).max().unwrap_or(0);
    for receipt in shown() {
        let ago = left(&ago(receipt.at), longest);
        let (way, result) = (receipt.way.name(), receipt.result.words());
        let text = masked(model, &receipt.text);
        let text = format!("{ago}  {way}, {result}: {}", text.shown());
        facts.add(6, std::mem::take(&mut label), &text, Role::Text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::{AlertWay, NoticeKind};
    use crate::app::fixture::empty_model;
    use crate::sinks::{AlertReceipt, ReceiptResult};
    use jiff::SignedDuration;
    use ratatui::layout::Size;

    #[test]
    fn what_was_told_stands_in_columns() {
        let now: jiff::Timestamp = "2025-08-15T09:30:15Z".parse().unwrap();
        let mut model = empty_model(Size::new(120, 40), now);
        let receipts = [58, 88].map(|seconds| AlertReceipt {
            at: now.checked_sub(SignedDuration::from_secs(seconds)).unwrap(),
            rule: "risk".into(),
            kind: NoticeKind::Firing,
            way: AlertWay::Bell,
            count: 1,
            text: "1 new risk".into(),
            result: ReceiptResult::Sent,
            why: None,
        });
        model.alerts.receipts = receipts.into();
        let mut facts = FactLines {
            lines: vec![],
            room: 100,
            is_roomy: true,
        };
        add(&model, &mut facts);
        let lines: Vec<&str> = facts.lines.iter().map(|fact| fact.text.as_str()).collect();
        assert!(lines[0].starts_with("58s ago    bell"), "{lines:?}");
        assert!(lines[1].starts_with("1m28s ago  bell"), "{lines:?}");
    }
}
