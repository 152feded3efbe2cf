//! The banner: alerts that wait until somebody acknowledges them.
//!
//! ```text
//!  ▲ 2 new risks (1 over): settle-1, settle-2 · pod failed: tax-cache-1   ! acknowledges  B lists them  3 opens Changes
//! ```
//!
//! It is above the last line, which still says why the list is old and which keys there are. On a low screen it replaces the
//! last line. It is drawn in reverse video, so that it is visible without colours and from a distance.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::alerts::AlertSeverity;
use crate::app::alert_desk::banner::AlertBanner;
use crate::ui::format::head;
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};

/// The sign and the colour of a severity.
pub(super) fn meaning(severity: AlertSeverity) -> (&'static str, Role) {
    match severity {
        AlertSeverity::Critical => (signs::RISK, Role::Bad),
        AlertSeverity::Warning => (signs::RISK, Role::Warn),
        AlertSeverity::Info => (signs::FINE, Role::Busy),
    }
}

/// The banner in at most this many cells.
pub fn line(banner: &AlertBanner, theme: &Theme, width: usize) -> Line<'static> {
    let (sign, role) = meaning(banner.severity);
    let room = width.saturating_sub(sign.width() + 3);
    let text = format!(" {sign} {} ", head(&banner.text(room), room));
    Line::from(Span::styled(
        text,
        theme.style(role).add_modifier(Modifier::REVERSED),
    ))
}
