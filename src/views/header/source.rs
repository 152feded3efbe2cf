//! Whose pods these are: the left half of the title.

use ratatui::text::{Line, Span};

use super::trim::Trim;
use crate::app::Model;
use crate::fleet::RemoteText;
use crate::ui::format::fit;
use crate::ui::{Role, Theme};

/// The program, and where its pods come from.
pub(super) fn source_line<'a>(model: &Model, theme: &Theme, trim: Trim) -> Line<'a> {
    /// Cells of a name, and of a project that is cut.
    const NAME: usize = 32;
    const SHORT: usize = 12;
    let source = &model.source;
    let mut spans = vec![Span::styled(" hss-top", theme.style(Role::Title))];
    if source.demo {
        spans.push(Span::styled(" DEMO", theme.style(Role::Warn)));
    }
    if source.plain_text {
        spans.push(Span::styled(" PLAIN HTTP", theme.style(Role::Bad)));
    }
    let project = match model.project() {
        "" => "finding the project",
        project => project,
    };
    let project_room = if trim.keeps(Trim::Middle) { NAME } else { SHORT };
    let names = [
        (source.place.as_str(), NAME, Trim::Place),
        (project, project_room, Trim::Project),
        (source.enterprise_project.as_str(), NAME, Trim::Enterprise),
        (source.signed_in_by.as_str(), NAME, Trim::Signer),
    ];
    let shown = names
        .into_iter()
        .filter(|(name, _, part)| !name.is_empty() && trim.keeps(*part));
    for (at, (name, room, _)) in shown.enumerate() {
        let separator = if at == 0 { "  " } else { " · " };
        let name = fit(RemoteText::name(name).shown(), room);
        spans.push(Span::styled(separator, theme.style(Role::Muted)));
        spans.push(Span::raw(name));
    }
    Line::from(spans)
}
