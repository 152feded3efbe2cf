//! The line while alerts wait: the banner, a sink that takes nothing, and the keys that lead on.

use ratatui::text::Line;

use super::hints::Hint;
use super::key_line::{KeyHint, KeyLine};
use super::with_keys;
use crate::app::Model;
use crate::app::alert_desk::banner::AlertBanner;
use crate::fleet::RemoteText;
use crate::keys::{Action, ViewKind};
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};
use crate::views::alert_banner;

/// What can be done about an alert. Each is a verb: `3 changes` would be a count.
const KEYS: [Hint; 3] = [
    (&[Action::AcknowledgeAlerts], "acknowledges"),
    (&[Action::OpenAlerts], "lists them"),
    (&[Action::Show(ViewKind::Changes)], "opens Changes"),
];

/// The line in at most this many cells.
pub(super) fn line<'a>(banner: &AlertBanner, model: &Model, theme: &Theme, width: usize) -> KeyLine<'a> {
    let mark = model
        .alerts
        .troubles
        .first()
        .map_or_else(Line::default, |trouble| {
            let text = format!(" {} {} fails ", signs::FAILED, trouble.sink);
            Line::styled(text, theme.style(Role::Warn))
        });
    let keys = with_keys(&KEYS, model.mode(), &model.keys);
    let wanted = mark.width() + keys.iter().map(KeyHint::width).sum::<usize>();
    // What happened matters more than what to do about it.
    let room = width.saturating_sub(wanted).max(width / 2);
    let mut line = KeyLine::from(alert_banner::line(banner, theme, room));
    line.append(KeyLine::from(mark));
    line.push(&keys, theme, width);
    line
}

/// A sink that does not take what it is given, as a sentence.
pub(super) fn trouble(model: &Model) -> Option<String> {
    let trouble = model.alerts.troubles.first()?;
    let text = format!("{}: {}", trouble.sink, trouble.why);
    let text = model.masking.sentence(&text);
    Some(RemoteText::message(&text).shown().to_owned())
}
