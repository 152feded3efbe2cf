//! From an event to a changed model: plain, synchronous and total.

pub(super) mod alerts;
pub(super) mod columns;
mod keys;
mod mouse;
pub(super) mod row;
pub(super) mod run;
pub(super) mod saved_views;
#[cfg(test)]
mod tests;
pub(super) mod themes;
mod travel;
mod view;

use std::mem;
use std::sync::Arc;

use crossterm::event::{Event as Input, KeyEventKind};
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Size;

use super::effect::Effect;
use super::event::Event;
use super::masking::HIDDEN;
use super::model::Model;
use super::snapshot_request;
use crate::collector::{News, SyncStatus};
use crate::fleet::Fleet;
use crate::keys::{Action, Mode, ViewKind};
use crate::report::WrittenFile;
use crate::ui::format::count;
use keys::{take_key, typed};
use mouse::take_mouse;

/// Said from the key until an answer, or why there is none; the second where a sweep is under way already.
const ASKING: [&str; 2] = ["asking HSS now", "already asking"];

/// A service's clock that turns out to be so far from what was taken for it changes which pods an age lets through.
const CLOCK_MOVED: SignedDuration = SignedDuration::from_secs(10);

/// Applies one event to the model; returns the effects to carry out.
pub fn update(model: &mut Model, event: Event) -> Vec<Effect> {
    let told = model.notice_place();
    let mut effects = take(model, event);
    model.leave_notice(told);
    model.know_rows();
    let overview = (model.focus.view() == ViewKind::Overview).then_some(model.namespaces.sort);
    if model.request.overview != overview {
        model.request.overview = overview;
        if overview.is_some() {
            effects.push(Effect::View);
        }
    }
    themes::settle(model);
    model.catch_up_changes();
    effects.extend(model.read_opened_pod());
    let looked_at = model.looked_at();
    if model.wanted.pod != looked_at {
        model.wanted.pod = looked_at;
        effects.push(Effect::Want);
    }
    let request = model.history_request();
    if model.detail.usage.wanted != request {
        model.detail.usage.wanted = request;
        effects.push(Effect::History);
    }
    effects
}

fn take(model: &mut Model, event: Event) -> Vec<Effect> {
    match event {
        Event::Input(input) => take_input(model, input),
        // The table shows one source.
        Event::Reply(reply) if reply.source != model.source.id => vec![],
        Event::Reply(reply) => match reply.news {
            News::List { status, fleet } => take_list(model, *status, fleet),
            News::Snapshot(news) => snapshot_request::take_news(model, news),
        },
        Event::View(view) => {
            model.show(*view);
            model.note_places();
            model.namespaces_came();
            lacking(model)
        }
        Event::Exported(outcome) => {
            let mut effects = Vec::new();
            match *outcome {
                Ok(WrittenFile {
                    path,
                    rows,
                    nouns,
                    shift,
                    scope,
                }) => {
                    if let Some(shift) = shift {
                        effects = model.report_written(shift);
                    }
                    let [one, many] = nouns;
                    let noun = if rows == 1 { one } else { many };
                    let of = shift.map_or_else(String::new, |shift| model.shift_words(shift));
                    // Names may be masked since.
                    let is_masked = model.masking.is_on();
                    let scope = scope.and_then(|scope| {
                        if is_masked {
                            model.scope_words()
                        } else {
                            Some(scope)
                        }
                    });
                    let of = scope.map_or_else(|| of.clone(), |scope| format!(" of {scope}{of}"));
                    model.notify(if model.masking.is_on() {
                        format!("wrote {} {noun}{of}, masked, to a new file", count(rows))
                    } else {
                        format!("wrote {} {noun}{of} to {}", count(rows), path.display())
                    });
                }
                Err(_) if model.masking.is_on() => {
                    model.notify(format!("no file written: the reason is {HIDDEN}"));
                }
                Err(fault) => model.notify(fault.to_string()),
            }
            effects
        }
        Event::Vitals(vitals) => {
            let is_due = Arc::make_mut(&mut model.health).take(vitals);
            is_due.then_some(Effect::LogHealth).into_iter().collect()
        }
        Event::Colours(told) => themes::hear(model, told),
        Event::Log(trouble) => {
            model.log_trouble = trouble;
            vec![]
        }
        Event::History(history) => {
            // One of a pod that is no longer looked at is of no use.
            let wanted = model.detail.usage.wanted.as_ref();
            if wanted.is_some_and(|request| request.pod == history.pod) {
                model.detail.usage.history = Some(Arc::from(history));
            }
            vec![]
        }
        Event::Past(news) => model.take_past(*news),
        Event::Logbook(news) => {
            model.take_logbook(*news);
            vec![]
        }
        Event::Alerts(news) => {
            let had_banner = !model.alerts.waiting.is_empty();
            let effects = model.take_alerts(*news);
            if had_banner == model.alerts.waiting.is_empty() {
                resized(model);
            }
            effects
        }
        Event::Own(news) => {
            if let Some(views) = news.views {
                model.saved_views.renew(views);
            }
            if let Some(lines) = news.lines {
                model.take_typed_lines(lines);
            }
            if let Some(told) = news.told {
                // It may name a path.
                let told = if model.masking.is_on() && told.contains('/') {
                    HIDDEN.to_owned()
                } else {
                    told
                };
                model.notify(told);
            }
            vec![]
        }
        Event::Tick(now) => take_tick(model, now),
    }
}

fn take_list(model: &mut Model, status: SyncStatus, fleet: Option<Fleet>) -> Vec<Effect> {
    if let Some(notice) = &status.state_notice {
        let notice = model.masking.sentence(notice).into_owned();
        model.notify(notice);
    }
    // Replace the "asking" notice by the result, which the footer or the title may tell.
    if model.notice.as_ref().is_some_and(|notice| notice.is_asking) {
        let result = came_of_asking(&model.status, &status);
        // A recording goes on in its own time.
        let is_live = model.source.recorded_at.is_none();
        match result.map(|result| if is_live { result } else { "" }) {
            Some("") => model.notice = None,
            Some(result) => model.notify(result),
            None => {}
        }
    }
    let service_time = model.status.service_time(model.now);
    model.status = status;
    snapshot_request::take_date(model);
    let moved = model.status.service_time(model.now).duration_since(service_time);
    match fleet {
        Some(fleet) => {
            model.fleet = model.masking.cover(&fleet);
            model.changes_arrived();
            model.detail.usage.is_old = true;
            if let Some(comparison) = model.focus.comparison_mut() {
                comparison.renew(&model.fleet);
            }
            if model.is_elsewhere() {
                // The later state of the pods may have changed by now.
                let is_settled = !model.status.loading && model.time.past().is_some();
                return is_settled.then_some(Effect::Past).into_iter().collect();
            }
            model.pods.marks.keep_known(&model.fleet);
            vec![Effect::View]
        }
        // Ages are others by the clock that is known now.
        None if moved.abs() >= CLOCK_MOVED => vec![Effect::View],
        None => vec![],
    }
}

/// The result of asking, as a sentence; empty if the screen shows it elsewhere, `None` while there is none.
fn came_of_asking(before: &SyncStatus, now: &SyncStatus) -> Option<&'static str> {
    if now.problem.is_some() {
        return Some("");
    }
    if now.asked_at == before.asked_at {
        return None;
    }
    Some(match now.snapshot_at {
        // The state says how far it is.
        _ if now.is_scope_growing() => "",
        None => "HSS answered",
        at if at == before.snapshot_at => "HSS answered: the snapshot is unchanged",
        Some(_) => "HSS answered: a new snapshot",
    })
}

fn take_tick(model: &mut Model, now: Timestamp) -> Vec<Effect> {
    model.now = now;
    model.beat = model.beat.wrapping_add(1);
    if model.notice.as_ref().is_some_and(|notice| notice.until <= now) {
        model.notice = None;
    }
    snapshot_request::take_time(model);
    model.unread.tick(&model.fleet, now);
    model.renew_noted_places();
    let mut effects = view::of(model.focus.view()).tick(model);
    effects.extend(model.alert_tick());
    effects.extend(model.kiosk_tick());
    effects.extend(themes::tick(model));
    // By now what came with the last reply has been written.
    if mem::take(&mut model.detail.usage.is_old) && model.detail.usage.wanted.is_some() {
        effects.push(Effect::History);
    }
    effects
}

fn take_input(model: &mut Model, input: Input) -> Vec<Effect> {
    let mut effects = Vec::new();
    if matches!(input, Input::Key(_) | Input::Paste(_) | Input::Mouse(_)) {
        effects = model.operator_is_here();
        if matches!(input, Input::Key(_)) && model.mode() == Mode::Table {
            model.hold();
        }
    }
    effects.extend(act_on(model, input));
    if effects.contains(&Effect::Quit) {
        effects.splice(0..0, model.write_presence());
    }
    effects
}

fn act_on(model: &mut Model, input: Input) -> Vec<Effect> {
    match input {
        Input::Key(key) if key.kind != KeyEventKind::Release => take_key(model, &key),
        Input::Paste(text) if matches!(model.mode(), Mode::Filter | Mode::Command | Mode::HelpSearch) => {
            paste(model, &text)
        }
        Input::Paste(text) if model.mode() == Mode::Table => {
            if !model.kiosk_allows(Action::OpenFilter) {
                return vec![];
            }
            let effects = keys::open_filter(model);
            [effects, paste(model, &text)].concat()
        }
        Input::Resize(width, height) => {
            model.resize_screen(Size::new(width, height));
            resized(model);
            vec![Effect::Redraw]
        }
        Input::Mouse(mouse) => take_mouse(model, mouse),
        Input::Key(_) | Input::Paste(_) | Input::FocusGained | Input::FocusLost => vec![],
    }
}

/// Adds a pasted text to what is typed.
fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if let Some(prompt) = model.focus.prompt_mut() {
        prompt.insert(&one_line(text));
    }
    typed(model)
}

/// The views have more lines or fewer than before.
fn resized(model: &mut Model) {
    for view in ViewKind::ALL {
        view::of(view).resize(model);
    }
}

/// A pasted text as one line: line breaks and tabs, with the blanks beside them, part words as one space does. At its ends
/// they part nothing, since whoever copies a whole line copies its line break too.
fn one_line(pasted: &str) -> String {
    let breaks = |character: char| character.is_whitespace() && character.is_control();
    if !pasted.contains(breaks) {
        return pasted.to_owned();
    }
    let parts = pasted.split(breaks).map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Where the screen has come to rows that are not known yet, they are asked for.
fn lacking(model: &Model) -> Vec<Effect> {
    if model.lacks_rows() {
        vec![Effect::View]
    } else {
        vec![]
    }
}
