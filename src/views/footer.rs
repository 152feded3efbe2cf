//! The last line: a [`prompt`], a notice, a problem, or the keys.
//!
//! ```text
//!  ✗ HSS says: … (400 HSS.0001)     ? help  q quit                                    ? help  / filter  …  q quit
//! ```

mod alert_line;
mod cut;
mod key_line;
mod standing;

use std::ops::Range;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

pub use alert_line::{alert_hotspots, render_alerts};
use cut::{REQUEST, shortened, with_bracket};
use key_line::{KeyHint, KeyLine};

use super::overlays::{help, prompt};
use crate::app::Model;
use crate::app::changes_view::muting::Muting;
use crate::app::hotspots::{ClickTarget, Hotspot};
use crate::app::layout::RECORD_BESIDE;
use crate::fleet::RemoteText;
use crate::keys::hints::{self, Hint, HintPlace};
use crate::keys::{Action, KeyMap, Mode, ViewKind};
use crate::ui::format::{age, counted, fit, head, left};
use crate::ui::signs;
use crate::ui::theme::{Role, Theme};

/// Draws the line.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if model.stuck.is_none() && is_typed_in(model) {
        return prompt::render(model, theme, area, buffer);
    }
    line(model, theme, usize::from(area.width))
        .line
        .render(area, buffer);
}

/// Whether somebody types in the line.
fn is_typed_in(model: &Model) -> bool {
    matches!(model.mode(), Mode::Filter | Mode::Command | Mode::HelpSearch)
}

/// A click on a key or on its text is the same as the key.
pub fn hotspots(model: &Model, area: Rect) -> Vec<Hotspot> {
    if is_typed_in(model) {
        return prompt::hotspots(model, area);
    }
    let theme = Theme::new(crate::ui::Palette::None);
    spots(line(model, &theme, usize::from(area.width)), area)
}

/// The cells of the keys of a line.
fn spots(line: KeyLine<'_>, area: Rect) -> Vec<Hotspot> {
    let keys = line.keys.into_iter();
    let cells = |at: usize| u16::try_from(at).unwrap_or(u16::MAX).min(area.width);
    let spot = |(place, action): (Range<usize>, Action)| {
        let (start, end) = (cells(place.start), cells(place.end));
        let area = Rect {
            x: area.x.saturating_add(start),
            width: end.saturating_sub(start),
            ..area
        };
        Hotspot::new(area, ClickTarget::Do(action))
    };
    keys.map(spot).collect()
}

/// The line without a prompt, and the cells of each key in it.
fn line<'a>(model: &Model, theme: &Theme, width: usize) -> KeyLine<'a> {
    if let Some(stuck) = model.stuck {
        return self::stuck(stuck, theme, width).into();
    }
    match model.mode() {
        Mode::Filter | Mode::Command | Mode::HelpSearch => KeyLine::default(),
        Mode::Export => {
            let [one, _] = model.export_subject().nouns();
            let rows = counted(model.rows_to_export(), one);
            let what = format!(" write {rows} as ");
            let mut line = Line::styled(what, theme.style(Role::Title)).into();
            hints(&mut line, model, theme, width);
            with_notice(line, model, theme, width)
        }
        Mode::Confirm => {
            let mut line = KeyLine::default();
            hints(&mut line, model, theme, width);
            with_notice(line, model, theme, width)
        }
        Mode::Mute => {
            let target = model.focus.mute().map(Muting::target);
            let target = target
                .map(|target| model.target_words(target))
                .unwrap_or_default();
            // The menu has the rest.
            let mut line = KeyLine::default();
            hints(&mut line, model, theme, width);
            let room = width.saturating_sub(line.line.width());
            let what = head(&format!(" mute {target} "), room);
            let mut line = KeyLine::from(Line::styled(what, theme.style(Role::Title)));
            hints(&mut line, model, theme, width);
            line
        }
        Mode::Table
        | Mode::Detail
        | Mode::Overview
        | Mode::Health
        | Mode::Changes
        | Mode::Decisions
        | Mode::Views
        | Mode::Alerts
        | Mode::Sort
        | Mode::Columns
        | Mode::Themes
        | Mode::Help
        | Mode::RowMenu
        | Mode::Compare => {
            if let Some(notice) = model.shown_notice() {
                let text = RemoteText::message(&notice.text);
                Line::styled(fit(&format!(" {}", text.shown()), width), theme.style(Role::Busy)).into()
            } else if let Some(banner) = alert_line::banner_here(model) {
                alert_line::line(&banner, model, theme, width)
            } else if let Some(problem) = &model.status.problem {
                // The next start would send a refused password again: this comes first, and the health view
                // says why.
                let mark = model.status.sign_in_trouble.as_ref();
                let mark = mark.map_or_else(Line::default, |_| {
                    let text = format!(" {} refusal not remembered ", signs::RISK);
                    Line::styled(text, theme.style(Role::Warn))
                });
                let room = width.saturating_sub(mark.width());
                let mut line = KeyLine::from(mark);
                line.append(wrong(
                    &model.masking.sentence(&problem.error.to_string()),
                    &way_on(model.mode(), &model.keys),
                    theme,
                    room,
                ));
                line
            } else {
                let mut line = match help::found(model).filter(|_| model.mode() == Mode::Help) {
                    Some(found) => Line::styled(format!(" {found} "), theme.style(Role::Busy)),
                    // In front of a view the keys are what is looked for.
                    None if is_menu(model.mode()) => Line::default(),
                    None => standing::line(model, theme, width, first_key(model)),
                }
                .into();
                hints(&mut line, model, theme, width);
                line
            }
        }
    }
}

/// Whether it is a box that was opened to choose something in it.
fn is_menu(mode: Mode) -> bool {
    use Mode::{Alerts, Columns, Help, RowMenu, Sort, Themes, Views};
    matches!(mode, Alerts | Columns | Help | RowMenu | Sort | Themes | Views)
}

/// The line with the notice after the keys, if there is room: the keys answer the question.
fn with_notice<'a>(mut line: KeyLine<'a>, model: &Model, theme: &Theme, width: usize) -> KeyLine<'a> {
    let room = width.saturating_sub(line.line.width() + 1);
    if let Some(notice) = model.shown_notice() {
        let text = RemoteText::message(&notice.text);
        let text = format!(" {}", head(text.shown(), room));
        line.line.push_span(Span::styled(text, theme.style(Role::Busy)));
    }
    line
}

/// The event loop is stuck: the picture is old, no key works, and only a signal ends the program.
fn stuck<'a>(stuck: Duration, theme: &Theme, width: usize) -> Line<'a> {
    let (stuck, id) = (
        age(i64::try_from(stuck.as_secs()).unwrap_or(i64::MAX)),
        std::process::id(),
    );
    let text = format!(" ✗ hss-top has been stuck for {stuck} and accepts no keys; kill {id} ends it");
    Line::styled(head(&text, width), theme.style(Role::Bad))
}

fn hints(line: &mut KeyLine<'_>, model: &Model, theme: &Theme, width: usize) {
    line.push(&key_hints(model), theme, width);
}

/// The cells of the first key: the way to all others.
fn first_key(model: &Model) -> usize {
    key_hints(model).first().map_or(0, KeyHint::width)
}

/// The keys of what is in front, the most important first.
fn key_hints(model: &Model) -> Vec<KeyHint> {
    let is_record = model.has_record_in_front() && model.size.width < RECORD_BESIDE;
    let place = if is_record {
        HintPlace::Record
    } else {
        HintPlace::In(model.mode())
    };
    let mut hints = with_keys(place, model.mode(), &model.keys);
    if model.mode() == Mode::Compare && !model.compares_dates() {
        hints.retain(|hint| !hint.keys.iter().any(|(action, _)| is_of_dates(*action)));
    }
    if model.mode() == Mode::Detail && model.focus.view() == ViewKind::Changes {
        hints.retain(|hint| hint.keys.iter().all(|(action, _)| *action != Action::OpenCompare));
    }
    if model.mode() == Mode::Alerts && model.alerts.listed.is_empty() {
        // There is nothing to choose.
        hints.retain(|hint| hint.keys.iter().any(|(action, _)| *action == Action::Back));
    }
    if model.kiosk.is_on() {
        for hint in &mut hints {
            hint.keys.retain(|(action, _)| !model.kiosk.refuses(*action));
        }
        hints.retain(|hint| !hint.keys.is_empty());
        // First, because the only way out must not be cut off.
        let end = KeyHint {
            keys: vec![(Action::Quit, "^x q".to_owned())],
            means: "ends the wall",
        };
        hints.insert(0, end);
    }
    hints
}

/// Whether it chooses a date of the pod that is compared.
fn is_of_dates(action: Action) -> bool {
    use Action::{ComparedEarlier, ComparedLater, EarlierSnapshot, LaterSnapshot};
    matches!(
        action,
        ComparedEarlier | ComparedLater | EarlierSnapshot | LaterSnapshot
    )
}

/// The hints with their keys; actions without a key are left out.
fn with_keys(place: HintPlace, mode: Mode, keys: &KeyMap) -> Vec<KeyHint> {
    let key = |action: &Action| Some((*action, keys.key_of(mode, *action)?.short_label()));
    let with_keys = |hint: Hint| {
        let keys: Vec<(Action, String)> = hint.actions.iter().filter_map(key).collect();
        let means = hint.words;
        (!keys.is_empty()).then_some(KeyHint { keys, means })
    };
    hints::hints(place).into_iter().filter_map(with_keys).collect()
}

/// The keys that stay next to a problem.
fn way_on(mode: Mode, keys: &KeyMap) -> Vec<KeyHint> {
    let place = match mode {
        Mode::Table | Mode::Overview => HintPlace::PodsProblem,
        _ => HintPlace::Problem,
    };
    with_keys(place, mode, keys)
}

/// A problem's sentence, and at the right the remaining keys.
fn wrong<'a>(sentence: &str, hints: &[KeyHint], theme: &Theme, width: usize) -> KeyLine<'a> {
    let text = RemoteText::message(sentence);
    let text = text.shown();
    let beside = |hints: &[KeyHint]| {
        let mut keys = KeyLine::default();
        keys.push(hints, theme, width);
        let room = width.saturating_sub(keys.line.width());
        (keys, room, shortened(text, room.saturating_sub(3)))
    };
    // Fewer keys, if the complete sentence fits then; no keys, if it does not fit and its end is important.
    let is_whole = |sentence: &str| sentence == text || (text.contains(REQUEST) && !sentence.contains('…'));
    let all = beside(hints);
    let fewer = [hints.get(..1), Some(&[])].into_iter().flatten().map(beside);
    let (keys, room, sentence) = if is_whole(&all.2) {
        all
    } else {
        let mut fewer = fewer.skip_while(|(_, room, sentence)| !is_whole(sentence) && *room < width);
        let (keys, room, sentence) = fewer.next().unwrap_or(all);
        // A request's id is in the log; the code before it replaces the end of the sentence.
        if is_whole(&sentence) || text.contains(REQUEST) {
            (keys, room, sentence)
        } else {
            (keys, room, with_bracket(text, room.saturating_sub(3)))
        }
    };
    let sentence = left(&format!(" {} {sentence}", signs::FAILED), room);
    let mut line = KeyLine::from(Line::styled(sentence, theme.style(Role::Bad)));
    line.append(keys);
    line
}

#[cfg(test)]
mod tests;
