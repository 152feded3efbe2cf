//! The banner: alerts that wait until somebody acknowledges them.
//!
//! ```text
//!  ▲ 2 new risks: settle-1, … · pod failed: tax-cache-1                    ! acknowledge  3 changes
//! ```
//!
//! It stands in the last line, where nothing has to move for it, and goes before what else is told there: the state word says
//! the rest. Reversed, so that it is seen without colours and from a distance.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::alerts::AlertSeverity;
use crate::app::alert_desk::AlertBanner;
use crate::ui::format::head;
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};

/// The banner in at most this many cells.
pub fn line(banner: &AlertBanner, theme: &Theme, width: usize) -> Line<'static> {
    let (sign, role) = match banner.severity {
        AlertSeverity::Critical => (signs::RISK, Role::Bad),
        AlertSeverity::Warning => (signs::RISK, Role::Warn),
        AlertSeverity::Info => (signs::FINE, Role::Busy),
    };
    let room = width.saturating_sub(sign.width() + 3);
    let text = format!(" {sign} {} ", head(&banner.text, room));
    Line::from(Span::styled(
        text,
        theme.style(role).add_modifier(Modifier::REVERSED),
    ))
}
