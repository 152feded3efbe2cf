//! The line in which filter and command are typed, with completions.
//!
//! ```text
//!  payments  payroll  prepay                                                       2 of 3
//!  / ns:payroll▏   Tab next · Right accept · Esc back
//! ```
//!
//! A filter with a term that is wrong or unfinished says so under the place, on one line more; the finished terms act:
//!
//! ```text
//! /ns:pay cpu%>▏
//!              ^ unfinished: expected a percentage such as 80 or 79.5; the rest of the filter applies
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;
use unicode_width::UnicodeWidthStr as _;

use super::help;
use crate::app::Model;
use crate::app::command::{COMMANDS, CommandRow};
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::app::masking::Masking;
use crate::app::prompt::{Offers, Prompt};
use crate::fleet::RemoteText;
use crate::fleet::query::{MAX_COMPLETIONS, ParseError};
use crate::keys::Action;
use crate::keys::Edit;
use crate::keys::{Mode, ViewKind};
use crate::ui::format::{fit, head, tail};
use crate::ui::theme::{Role, Theme};

/// From this line on, there is room above the footer for another line.
const HIGH: u16 = 13;
/// Cells of the sign before the text.
const SIGN: usize = 2;

/// Draws the line and, if there is room, completions or the error.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let Some(prompt) = model.focus.prompt() else {
        return;
    };
    let sign = if model.mode() == Mode::Command { ":" } else { "/" };
    let (line, shift) = typed(prompt, &model.masking, sign, theme, width);
    let above = (area.y >= HIGH).then(|| Rect {
        y: area.y - 1,
        ..area
    });
    if let Some(offers) = prompt.offers() {
        explained(line, &ways_on(model, &wanted(model)), theme, width).render(area, buffer);
        if let Some(above) = above {
            super::clear(above, buffer);
            list(offers, theme, width).render(above, buffer);
        }
        return;
    }
    let Some(error) = model.filter_fault() else {
        let help = match model.mode() {
            Mode::Command => command_help(prompt.text(), width.saturating_sub(line.width() + 3)),
            Mode::HelpSearch => match help::found(model) {
                Some(found) => format!("{found} · {}", ways_on(model, &wanted(model))),
                None => ways_on(model, &wanted(model)),
            },
            _ => ways_on(model, &wanted(model)),
        };
        explained(line, &help, theme, width).render(area, buffer);
        return;
    };
    let role = if error.is_unfinished && !error.is_refused {
        Role::Label
    } else {
        Role::Warn
    };
    let sentence = format!("{}{}", error.verdict(), model.masking.filter_fault(&error.error));
    if let Some(above) = above {
        super::clear(above, buffer);
        line.render(above, buffer);
        let meanwhile = error.meanwhile(match model.focus.view() {
            ViewKind::Changes => "; all changes are shown",
            _ => "; all pods are shown",
        });
        // Its place is one in the filter as it is meant, which is not the one that stands there while names are masked.
        let at = if model.masking.is_on() {
            None
        } else {
            Some(place(prompt, &error.error, shift))
        };
        let told = under(at, &sentence, meanwhile, width);
        Line::styled(told, theme.style(role)).render(area, buffer);
    } else {
        let room = width.saturating_sub(line.width());
        let mut line = line;
        let told = fit(&format!(" ^ {sentence}"), room);
        line.push_span(Span::styled(told, theme.style(role)));
        line.render(area, buffer);
    }
}

/// What helps to type a command, in this many cells: the commands that begin like this, or what the only one does.
fn command_help(typed: &str, room: usize) -> String {
    let (word, is_whole) = match typed.trim_start().split_once(char::is_whitespace) {
        Some((word, _)) => (word, true),
        None => (typed.trim(), false),
    };
    let matches = |row: &&CommandRow| {
        let mut names = std::iter::once(&row.name).chain(row.aliases);
        names.any(|name| *name == word) || (!is_whole && row.name.starts_with(word))
    };
    let rows: Vec<&CommandRow> = COMMANDS.iter().filter(matches).collect();
    if let [row] = rows.as_slice() {
        let text = format!("{} {}: {}", row.name, row.argument.shown(), row.help);
        return head(&text.replace(" :", ":"), room);
    }
    let mut text = String::new();
    for row in &rows {
        let separator = if text.is_empty() { "" } else { " " };
        if text.width() + separator.len() + row.name.width() + 2 > room {
            text.push_str(" …");
            break;
        }
        text.push_str(separator);
        text.push_str(row.name);
    }
    text
}

/// A click on a key or on what it does is the same as the key.
pub fn hotspots(model: &Model, area: Rect) -> Vec<Hotspot> {
    let theme = Theme::new(crate::ui::Palette::None);
    let width = usize::from(area.width);
    let sign = if model.mode() == Mode::Command { ":" } else { "/" };
    let Some(prompt) = model.focus.prompt() else {
        return vec![];
    };
    let (line, _) = typed(prompt, &model.masking, sign, &theme, width);
    let wanted = wanted(model);
    let is_explained = line.width() + ways_on(model, &wanted).width() + 3 <= width;
    let is_wrong = model.filter_fault().is_some();
    let has_keys = prompt.offers().is_some() || (model.mode() == Mode::Filter && !is_wrong);
    if !has_keys || !is_explained {
        return vec![];
    }
    let mut x = line.width() + 3;
    let mut spots = Vec::new();
    for way in wanted {
        let cells = ways_on(model, &[way]).width();
        if cells > 0 {
            let place = |cells: usize| u16::try_from(cells).unwrap_or(u16::MAX);
            let spot = Rect {
                x: area.x.saturating_add(place(x)),
                width: place(cells),
                ..area
            };
            spots.push(Hotspot::new(spot, ClickTarget::Do(way.0)));
            x += cells + 3;
        }
    }
    spots
}

/// The keys that matter: those of the completions that are offered, or those that end the prompt.
fn wanted(model: &Model) -> Vec<(Action, &'static str)> {
    if model
        .focus
        .prompt()
        .is_some_and(|prompt| prompt.offers().is_some())
    {
        return vec![
            (Action::Complete, "next"),
            (Action::Edit(Edit::Right), "accept"),
            (Action::Back, "back"),
        ];
    }
    if model.mode() == Mode::HelpSearch {
        return vec![(Action::Submit, "keeps it"), (Action::Back, "ends the search")];
    }
    if model.detail.search.is_typed() {
        return vec![
            (Action::Submit, "keeps it, then n and N"),
            (Action::Back, "cancels"),
        ];
    }
    let back = if model.filter_text.is_empty() {
        "clears"
    } else {
        "cancels"
    };
    vec![
        (Action::Submit, "applies"),
        (Action::Complete, "completes"),
        (Action::Back, back),
    ]
}

/// The keys that are bound, and what they do.
fn ways_on(model: &Model, wanted: &[(Action, &str)]) -> String {
    let way_on = |(action, does): &(Action, &str)| {
        let key = model.keys.key_of(model.mode(), *action)?;
        Some(format!("{} {does}", key.label()))
    };
    wanted.iter().filter_map(way_on).collect::<Vec<_>>().join(" · ")
}

/// The text with its cursor, and how many cells of its beginning do not fit.
fn typed(
    prompt: &Prompt,
    masking: &Masking,
    sign: &'static str,
    theme: &Theme,
    width: usize,
) -> (Line<'static>, usize) {
    let (before, at, after) = prompt.parts();
    // Words are found in the complete text; masking does not change its length.
    let masked = masking.typing(prompt.text());
    let mut masked = masked.chars();
    let mut part = |text: &str| masked.by_ref().take(text.chars().count()).collect::<String>();
    let (before, at, after) = (part(before), part(at), part(after));
    let shown = |text: &str| RemoteText::message(text).shown().to_owned();
    let (before, mut at, after) = (shown(&before), shown(&at), shown(&after));
    if at.is_empty() {
        at.push(' ');
    }
    let room = width.saturating_sub(SIGN + at.width());
    // Some text after the cursor stays visible.
    let behind = after.width().min(room / 4);
    let kept = tail(&before, room.saturating_sub(behind));
    let after = head(&after, room.saturating_sub(kept.width()));
    let shift = before.width() - kept.width().min(before.width());
    let line = Line::from(vec![
        Span::styled(format!(" {sign}"), theme.style(Role::Key)),
        Span::raw(kept),
        Span::styled(at, theme.style(Role::Caret)),
        Span::raw(after),
    ]);
    (line, shift)
}

/// The line, and the important keys if there is room.
fn explained(mut line: Line<'static>, help: &str, theme: &Theme, width: usize) -> Line<'static> {
    if line.width() + help.width() + 3 <= width {
        line.push_span(Span::styled(format!("   {help}"), theme.style(Role::Muted)));
    }
    line
}

/// The cell of what is wrong.
fn place(prompt: &Prompt, error: &ParseError, shift: usize) -> usize {
    let before = prompt.text().get(..error.range.start).unwrap_or_default();
    SIGN + RemoteText::message(before).shown().width().saturating_sub(shift)
}

/// What is wrong, under the place if that is known; and where there is room, what is shown meanwhile.
fn under(at: Option<usize>, sentence: &str, meanwhile: &str, width: usize) -> String {
    let whole = format!("{sentence}{meanwhile}");
    let Some(at) = at else {
        return fit(&format!("  {whole}"), width);
    };
    if at + 2 + whole.width() <= width {
        format!("{}^ {whole}", " ".repeat(at))
    } else if at + 2 + sentence.width() <= width {
        format!("{}^ {sentence}", " ".repeat(at))
    } else if at < width && sentence.width() + 2 <= at {
        format!("{}{sentence} ^", " ".repeat(at - sentence.width() - 1))
    } else {
        fit(&format!(" ^ {sentence}"), width)
    }
}

/// As many completions as fit, including the chosen one.
fn list(offers: &Offers, theme: &Theme, width: usize) -> Line<'static> {
    let count = offers.list().len();
    let more = if count >= MAX_COMPLETIONS { "+" } else { "" };
    let place = format!("{} of {count}{more} ", offers.chosen() + 1);
    let room = width.saturating_sub(place.width() + 1);
    let texts = offers.list().iter().map(|completion| {
        let text = RemoteText::name(completion.text.trim_end());
        fit(text.shown(), room.saturating_sub(2))
    });
    let texts: Vec<String> = texts.collect();
    // They are shown page by page.
    let (mut start, mut used) = (0, 0);
    for (at, text) in texts.iter().enumerate().take(offers.chosen() + 1) {
        if used + text.width() + 2 > room {
            (start, used) = (at, 0);
        }
        used += text.width() + 2;
    }
    let mut line = Line::default();
    for (at, text) in texts.iter().enumerate().skip(start) {
        if line.width() + text.width() + 2 > room {
            break;
        }
        let role = if at == offers.chosen() {
            Role::Selected
        } else {
            Role::Label
        };
        line.push_span(Span::styled(format!(" {text} "), theme.style(role)));
    }
    let gap = width.saturating_sub(line.width() + place.width());
    line.push_span(Span::raw(" ".repeat(gap)));
    line.push_span(Span::styled(place, theme.style(Role::Muted)));
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::query::Completion;
    use crate::keys::Edit;

    fn theme() -> Theme {
        Theme::new(crate::ui::Palette::None)
    }

    #[test]
    fn the_cursor_is_in_sight() {
        let text = "ns:payments status:Failed cpu%>80 detect:risk";
        let mut prompt = Prompt::with(text);
        let line = |prompt: &Prompt| {
            let (line, shift) = typed(prompt, &Masking::default(), "/", &theme(), 24);
            (line.to_string(), shift)
        };
        assert_eq!(line(&prompt), (" /… cpu%>80 detect:risk ".into(), 24));
        prompt.edit(Edit::Start);
        assert_eq!(line(&prompt), (" /ns:payments status:Fa…".into(), 0));
        (0..24).for_each(|_| prompt.edit(Edit::Right));
        assert_eq!(line(&prompt), (" /…ts status:Failed cpu…".into(), 8));
    }

    #[test]
    fn what_is_wrong_is_told_under_its_place() {
        let text = "a cpu%>lots";
        let error = crate::fleet::query::Query::parse(text).unwrap_err();
        let prompt = Prompt::with(text);
        let said = error.to_string();
        let under = |shift, width| under(Some(place(&prompt, &error, shift)), &said, "; meanwhile", width);
        assert_eq!(under(0, 80), format!("{}^ {said}; meanwhile", " ".repeat(9)));
        assert_eq!(under(5, 80), format!("{}^ {said}; meanwhile", " ".repeat(4)));
        assert_eq!(
            under(0, 60),
            format!("{}^ {said}", " ".repeat(9)),
            "where there is room"
        );
        assert!(under(0, 20).starts_with(" ^ "));
    }

    #[test]
    fn what_is_typed_of_a_command_names_those_that_begin_like_it_or_says_what_it_does() {
        assert_eq!(command_help("re", 40), "refresh report");
        let all = command_help("", 40);
        assert!(all.starts_with("ns cluster") && all.ends_with(" …"), "{all}");
        assert!(all.width() <= 40, "{all}");
        let one = command_help("repo", 60);
        assert!(
            one.starts_with("report [TIME] [PATH]: write the changes"),
            "{one}"
        );
        assert_eq!(one.width(), 60);
        assert!(command_help("pods ", 60).starts_with("pods: show"));
        assert_eq!(command_help("nonsense", 60), "");
    }

    #[test]
    fn completions_are_turned_over_like_pages() {
        let completion = |at: usize| Completion {
            range: 0..0,
            text: format!("namespace-{at}"),
        };
        let mut prompt = Prompt::default();
        prompt.offer((0..7).map(completion).collect());
        let mut lines = Vec::new();
        for _ in 0..7 {
            let line = list(prompt.offers().unwrap(), &theme(), 50).to_string();
            assert_eq!(line.width(), 50);
            lines.push(line);
            prompt.next_offer(true);
        }
        assert_eq!(lines[0], " namespace-0  namespace-1  namespace-2     1 of 7 ");
        assert_eq!(lines[2], " namespace-0  namespace-1  namespace-2     3 of 7 ");
        assert_eq!(lines[3], " namespace-3  namespace-4  namespace-5     4 of 7 ");
        assert_eq!(lines[6], " namespace-6                               7 of 7 ");
    }
}
