//! The line while alerts wait: the banner, a sink that fails, and the keys for more.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget as _;

use super::key_line::{KeyHint, KeyLine};
use super::{spots, with_keys};
use crate::app::Model;
use crate::app::alert_desk::banner::AlertBanner;
use crate::app::hotspots::Hotspot;
use crate::fleet::RemoteText;
use crate::keys::hints::HintPlace;
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};
use crate::views::alert_banner;

/// How long the banner and a problem have the same line in turns, in ticks.
const TURN: u64 = 4;

/// Draws the banner of the alerts, in a line of its own.
pub fn render_alerts(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if let Some(banner) = model.alert_banner() {
        let line = line(&banner, model, theme, usize::from(area.width));
        line.line.render(area, buffer);
    }
}

/// The banner of the alerts where it has no line of its own. With a problem it has the line in turns.
pub(super) fn banner_here(model: &Model) -> Option<AlertBanner> {
    let has_line = model.areas().is_some_and(|areas| areas.alerts.is_some());
    let is_its_turn = model.status.problem.is_none() || (model.beat / TURN).is_multiple_of(2);
    model.alert_banner().filter(|_| !has_line && is_its_turn)
}

/// A click on a key of the banner's line is the same as the key.
pub fn alert_hotspots(model: &Model, area: Rect) -> Vec<Hotspot> {
    let theme = Theme::new(crate::ui::Palette::None);
    let banner = model.alert_banner().into_iter();
    let lines = banner.map(|banner| line(&banner, model, &theme, usize::from(area.width)));
    lines.flat_map(|line| spots(line, area)).collect()
}

/// The line in at most this many cells.
pub(super) fn line<'a>(banner: &AlertBanner, model: &Model, theme: &Theme, width: usize) -> KeyLine<'a> {
    let mark = model
        .alerts
        .troubles
        .first()
        .map_or_else(Line::default, |trouble| {
            let text = format!(" {} {} fails ", signs::FAILED, trouble.label());
            Line::styled(text, theme.style(Role::Warn))
        });
    let keys = with_keys(HintPlace::Banner, model.mode(), &model.keys);
    let wanted = mark.width() + keys.iter().map(KeyHint::width).sum::<usize>();
    // What happened matters more than what to do about it.
    let room = width.saturating_sub(wanted).max(width / 2);
    let mut line = KeyLine::from(alert_banner::line(banner, theme, room));
    line.append(KeyLine::from(mark));
    line.push(&keys, theme, width);
    line
}

/// A sink that does not take what it is given, as a mark. The sentence was told when it began, and Health has it.
pub(super) fn trouble(model: &Model) -> Option<String> {
    let trouble = model.alerts.troubles.first()?;
    let text = model.masking.sentence(trouble.label());
    Some(format!(
        "{} fails, see Health",
        RemoteText::message(&text).shown()
    ))
}
