//! The record of the pod as HSS sent it.
//!
//! ```text
//!  As sent    data_list
//!  {
//!    "pod_name": "payment-api-667894bc4-nz5xj",
//!    "status": "Running"
//!  }
//!  Absent, null or empty: region_id, pod_ip
//! ```

use std::ops::Range;

use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::fields::label_span;
use super::{DetailFacts, NOT_SAVED};
use crate::fleet::text::NAME_CHARS;
use crate::report::record::{SentRecord, records};
use crate::ui::format::wrapped;
use crate::ui::theme::{Role, Theme};

/// The records of the pod, line by line, none wider than `width`.
pub fn lines(facts: DetailFacts<'_>, width: usize) -> Vec<Line<'_>> {
    let DetailFacts { model, pod, theme } = facts;
    let mut lines = Vec::new();
    if facts.is_told() {
        return vec![Line::from(vec![
            label_span("As sent", theme),
            Span::styled(NOT_SAVED, theme.style(Role::Muted)),
        ])];
    }
    for record in records(pod) {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::from(vec![
            label_span("As sent", theme),
            Span::styled(record.list, theme.style(Role::Title)),
        ]));
        for line in &record.lines {
            json_line(line, width, theme, &mut lines);
        }
        for note in notes(&record) {
            for part in wrapped(&note, width.saturating_sub(1).max(1)) {
                lines.push(Line::styled(format!(" {part}"), theme.style(Role::Muted)));
            }
        }
    }
    let sought = &model.detail.search.text;
    if !sought.is_empty() {
        lines = lines
            .into_iter()
            .map(|line| marked(line, sought, theme))
            .collect();
    }
    lines
}

/// Where a line holds what is sought; upper and lower case of ASCII are alike.
pub fn found(line: &str, sought: &str) -> Vec<Range<usize>> {
    if sought.is_empty() {
        return Vec::new();
    }
    // Lowering ASCII moves no byte.
    let (lower, sought) = (line.to_ascii_lowercase(), sought.to_ascii_lowercase());
    let places = lower.match_indices(&sought);
    places.map(|(at, part)| at..at + part.len()).collect()
}

/// The line with what is sought set off.
fn marked<'a>(line: Line<'a>, sought: &str, theme: &Theme) -> Line<'a> {
    let places = found(&line.to_string(), sought);
    if places.is_empty() {
        return line;
    }
    let mut spans = Vec::new();
    let mut begin = 0;
    for span in line.spans {
        let end = begin + span.content.len();
        let mut at = begin;
        for place in places
            .iter()
            .filter(|place| place.start < end && place.end > begin)
        {
            let (start, stop) = (place.start.max(begin), place.end.min(end));
            let part = |from: usize, to: usize| {
                span.content
                    .get(from - begin..to - begin)
                    .unwrap_or_default()
                    .to_owned()
            };
            spans.push(Span::styled(part(at, start), span.style));
            spans.push(Span::styled(part(start, stop), theme.style(Role::Caret)));
            at = stop;
        }
        let rest = span.content.get(at - begin..).unwrap_or_default().to_owned();
        spans.push(Span::styled(rest, span.style));
        begin = end;
    }
    Line::from(spans)
}

/// A line of JSON: its name as a label, its value as text; a long one continues with an indentation.
fn json_line(line: &str, width: usize, theme: &Theme, lines: &mut Vec<Line<'_>>) {
    const DEEPER: usize = 6;
    let (name, value) = match line.split_once("\": ") {
        Some((name, value)) => (format!(" {name}\": "), value),
        None => (String::new(), line),
    };
    let lead = if name.is_empty() { " ".to_owned() } else { name };
    let mut lead = Span::styled(lead, theme.style(Role::Label));
    let mut rest = value;
    loop {
        let room = width.saturating_sub(lead.width()).max(1);
        let (part, after) = beginning(rest, room);
        let text = Span::styled(part.to_owned(), theme.style(Role::Text));
        lines.push(Line::from(vec![lead, text]));
        if after.is_empty() || part.is_empty() {
            return;
        }
        rest = after;
        lead = Span::raw(" ".repeat(DEEPER.min(width / 2)));
    }
}

/// The part of `text` that fits into this many cells, at least one character, and the rest. Blanks are data
/// of HSS, so a line breaks anywhere and loses none.
fn beginning(text: &str, room: usize) -> (&str, &str) {
    let mut used = 0;
    let end = text.grapheme_indices(true).find_map(|(at, grapheme)| {
        used += grapheme.width();
        (used > room && at > 0).then_some(at)
    });
    text.split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or((text, ""))
}

/// The facts about the answer that the JSON cannot show.
fn notes(record: &SentRecord) -> Vec<String> {
    let note =
        |said: String, names: &[&str]| (!names.is_empty()).then(|| format!("{said}: {}", names.join(", ")));
    let all = [
        note("absent, null or empty".to_owned(), &record.silent),
        note("of another type, so not saved".to_owned(), &record.not_kept),
        note(format!("cut at {NAME_CHARS} characters"), &record.cut),
    ];
    all.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Palette;
    use proptest::prelude::*;

    fn drawn(line: &str, width: usize) -> Vec<String> {
        let mut lines = Vec::new();
        json_line(line, width, &Theme::new(Palette::None), &mut lines);
        lines.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_long_value_goes_on_further_in() {
        assert_eq!(drawn("{", 20), [" {"]);
        assert_eq!(
            drawn("  \"id\": \"05d8a4f1-c280-4c6f\"", 20),
            ["   \"id\": \"05d8a4f1-c", "      280-4c6f\""]
        );
    }

    #[test]
    fn blanks_in_a_value_cost_nothing_behind_them() {
        assert_eq!(
            drawn("  \"id\": \"   05d8a4f1\"", 16),
            ["   \"id\": \"   05d", "      8a4f1\""]
        );
    }

    #[test]
    fn what_is_sought_is_set_off_wherever_it_stands() {
        let theme = Theme::new(Palette::None);
        let line = Line::from(vec![Span::raw(" \"name\": "), Span::raw("\"Pay-api-PAY\"")]);
        let line = marked(line, "pay", &theme);
        let caret = theme.style(Role::Caret);
        let set_off: Vec<&str> = line
            .spans
            .iter()
            .filter(|span| span.style == caret)
            .map(|span| span.content.as_ref())
            .collect();
        assert_eq!(set_off, ["Pay", "PAY"]);
        assert_eq!(line.to_string(), " \"name\": \"Pay-api-PAY\"");
        // It may reach from a name into its value.
        let line = Line::from(vec![Span::raw("\"a\": "), Span::raw("\"b\"")]);
        assert_eq!(marked(line, ": \"b", &theme).to_string(), "\"a\": \"b\"");
        assert!(found("anything", "").is_empty());
    }

    proptest! {
        #[test]
        fn no_text_is_lost_where_something_is_set_off(value in "[a-cA-C生é]{0,30}", other in "[a-c生]{0,9}", sought in "[a-c生]{0,3}") {
            let theme = Theme::new(Palette::None);
            let line = Line::from(vec![Span::raw(value.clone()), Span::raw(other.clone())]);
            prop_assert_eq!(marked(line, &sought, &theme).to_string(), format!("{value}{other}"));
        }

        #[test]
        fn no_character_of_a_record_is_lost(value in "[ -~生é]{0,120}", width in 16_usize..60) {
            let line = format!("  \"pod_name\": {value}");
            let shown: String = drawn(&line, width).iter().map(|part| part.trim().to_owned()).collect();
            let letters = |text: &str| text.chars().filter(|it| *it != ' ').collect::<String>();
            prop_assert_eq!(letters(&shown), letters(&line));
        }
    }
}
