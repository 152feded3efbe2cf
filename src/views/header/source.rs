//! The source of the pods: the left half of the title.

use ratatui::text::{Line, Span};

use super::trim::Trim;
use crate::app::Model;
use crate::fleet::RemoteText;
use crate::ui::format::fit;
use crate::ui::{Role, Theme};

/// The program, and the source of its pods.
pub(super) fn source_line<'a>(model: &Model, theme: &Theme, trim: Trim) -> Line<'a> {
    /// Cells of a name, and of a shortened project.
    const NAME: usize = 32;
    const SHORT: usize = 12;
    let source = &model.source;
    let mut spans = vec![Span::styled(" hss-top", theme.style(Role::Title))];
    if source.demo {
        spans.push(Span::styled(" DEMO", theme.style(Role::Warn)));
    }
    if let Some(at) = source.recorded_at {
        let at = at.to_zoned_datetime(model.zone.clone());
        let form = if trim.keeps(Trim::Words) {
            " REPLAY %Y-%m-%d %H:%M"
        } else {
            " REPLAY %Y-%m-%d"
        };
        let masked = if source.is_masked { " masked" } else { "" };
        let text = format!("{}{masked}", at.strftime(form));
        spans.push(Span::styled(text, theme.style(Role::Warn)));
    }
    if source.plain_text {
        spans.push(Span::styled(" PLAIN HTTP", theme.style(Role::Bad)));
    }
    if model.masking.is_on() {
        spans.push(Span::styled(" MASKED", theme.style(Role::Warn)));
    }
    let shown = model.shown_source();
    let project = match shown.project.as_str() {
        "" => "finding the project",
        project => project,
    };
    let project_room = if trim.keeps(Trim::Middle) { NAME } else { SHORT };
    let names = [
        (shown.profile.as_str(), NAME, Trim::Left),
        (shown.place.as_str(), NAME, Trim::Place),
        (project, project_room, Trim::Project),
        (shown.enterprise_project.as_str(), NAME, Trim::Enterprise),
        (shown.signed_in_by.as_str(), NAME, Trim::Signer),
    ];
    let kept = names
        .into_iter()
        .filter(|(name, _, part)| !name.is_empty() && trim.keeps(*part));
    for (at, (name, room, _)) in kept.enumerate() {
        let separator = if at == 0 { "  " } else { " · " };
        let name = fit(RemoteText::name(name).shown(), room);
        spans.push(Span::styled(separator, theme.style(Role::Muted)));
        spans.push(Span::raw(name));
    }
    Line::from(spans)
}
