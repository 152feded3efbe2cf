//! The effects of commands, and of the keys for commands, on the model.

use std::sync::Arc;

use super::ASKING;
use super::keys::{open, typed};
use crate::app::command::{self, CommandArgument, ScopeTerm};
use crate::app::effect::Effect;
use crate::app::focus::Overlay;
use crate::app::help_search::HelpPane;
use crate::app::model::Model;
use crate::app::own_files::OwnEntry;
use crate::app::snapshot_request;
use crate::collector::SyncState;
use crate::config::interval::{LONGEST_INTERVAL, SHORTEST_INTERVAL};
use crate::config::nearest;
use crate::fleet::fields::{PodField, PodText};
use crate::fleet::query::{Query, present};
use crate::fleet::sort::Sort;
use crate::keys::{Mode, ViewKind};
use crate::report::ExportRequest;
use crate::state::typed_lines::{self, LineKind};
use crate::ui::format::{clock, countdown, seconds_since};

pub(super) fn submit(model: &mut Model) -> Vec<Effect> {
    let mode = model.mode();
    if mode == Mode::HelpSearch {
        model.focus.close();
        return vec![];
    }
    if mode == Mode::Filter {
        let text = model.typed_text().trim().to_owned();
        let filter = model.masking.meant_filter(&text).into_owned();
        let is_wrong = Query::parse_among(&filter, &model.shown_fleet().masked_by(None)).is_err();
        if is_wrong || model.filter_by(&filter).is_err() {
            if let Some(prompt) = model.focus.prompt_mut() {
                prompt.take_offer();
            }
            let effects = typed(model);
            refuse(model);
            return effects; // the prompt stays, and says why
        }
        let mut effects = kept(model, LineKind::Filter);
        model.recall().keep(&text);
        model.focus.close();
        effects.push(Effect::View);
        return effects;
    }
    let mut effects = Vec::new();
    if matches!(command::find(model.typed_text()), Ok(Some(_))) {
        effects = kept(model, LineKind::Command);
    }
    let text = model.typed_text().to_owned();
    model.recall().keep(&text);
    model.focus.close();
    let meant = model.masking.meant_command(&text).into_owned();
    // The operator chose the name of the view: a pseudonym in it is not translated.
    let is_of_views = |text: &str| matches!(command::find(text), Ok(Some((row, _))) if row.argument == CommandArgument::View);
    let typed = if is_of_views(&text) { text.as_str() } else { &meant };
    let done = match command::find(typed) {
        Ok(None) => Ok(vec![]),
        Ok(Some((row, argument))) => (row.run)(model, argument),
        Err(fault) => Err(fault),
    };
    let done = done.unwrap_or_else(|fault| {
        // It repeats the typed text, which may be a name.
        let fault = if model.masking.is_on() {
            fault.without_words()
        } else {
            fault
        };
        model.notify(fault.to_string());
        vec![]
    });
    effects.extend(done);
    effects
}

/// Saves the valid line of the prompt between runs, but not while names are masked: it may contain
/// pseudonyms, which mean nothing in the next run, and strangers may watch.
pub(super) fn kept(model: &Model, kind: LineKind) -> Vec<Effect> {
    let line = model.typed_text().trim_end();
    if model.masking.is_on() || !typed_lines::is_kept(line) {
        return vec![];
    }
    vec![Effect::Own(OwnEntry::Typed(kind, line.to_owned()))]
}

/// Enter on an invalid filter: says that nothing was applied.
pub(super) fn refuse(model: &mut Model) {
    if let Some(fault) = model.focus.filter_mut().and_then(|filter| filter.fault.as_mut()) {
        fault.is_refused = true;
    }
}

/// Requests a part of the fleet, or without a name all of it.
pub(in crate::app) fn scope(model: &mut Model, term: ScopeTerm, name: &str) -> Vec<Effect> {
    if name.chars().count() > 256 {
        model.notify("a name has at most 256 characters");
        return vec![];
    }
    if let Some(meant) = mistyped(model, term, name) {
        model.notify(format!("asking HSS for {name}; did you mean {meant}?"));
    }
    let name = (!name.is_empty()).then(|| name.to_owned());
    let scope = &mut model.wanted.scope;
    match term {
        ScopeTerm::Namespace => scope.namespace = name,
        ScopeTerm::Cluster => scope.cluster = name,
        ScopeTerm::Pod => scope.pod = name,
    }
    rescoped(model)
}

/// The known name that was probably meant, if none has what was typed. Not all pods may be loaded, so HSS is asked all the same.
fn mistyped(model: &Model, term: ScopeTerm, typed: &str) -> Option<String> {
    let column = match term {
        ScopeTerm::Namespace => PodText::Namespace,
        ScopeTerm::Cluster => PodText::Cluster,
        // Nearly every pod has its own name.
        ScopeTerm::Pod => return None,
    };
    if model.masking.is_on() || typed.is_empty() {
        return None;
    }
    let known = present(column, "", &model.fleet);
    if known.iter().any(|name| name.contains(typed)) {
        return None;
    }
    nearest(typed, known.iter().map(String::as_str)).map(str::to_owned)
}

/// Requests the whole fleet.
pub(in crate::app) fn unscoped(model: &mut Model) -> Vec<Effect> {
    model.wanted.scope = crate::fleet::Scope::default();
    rescoped(model)
}

/// Said where the key that sorts by risk finds them sorted by it.
pub(in crate::app) const BY_RISK_ALREADY: &str =
    "sorted by risk; I reverses the order, :report writes the report";

/// Sorts by risk, the highest first.
pub(in crate::app) fn sort_by_risk(model: &mut Model) -> Vec<Effect> {
    if model.sort() != PodField::Risk.first_direction() {
        model.sort_by(PodField::Risk);
    }
    vec![Effect::View]
}

/// Sorts by a field, or reverses the order if it is the same field.
pub(in crate::app) fn sort(model: &mut Model, field: PodField) -> Vec<Effect> {
    model.sort_by(field);
    vec![Effect::View]
}

/// Sorts by a field in this direction, whatever the order was.
pub(in crate::app) fn sort_in(model: &mut Model, sort: Sort) -> Vec<Effect> {
    if model.sort() != sort {
        model.sort_by(sort.key);
        model.request.sort = sort;
    }
    vec![Effect::View]
}

/// Asks the operator to confirm a new snapshot, unless HSS was asked a short time ago.
pub(in crate::app) fn sync(model: &mut Model) -> Vec<Effect> {
    if snapshot_request::ask(model) {
        return open(model, Overlay::Confirm);
    }
    vec![]
}

/// Shows a view.
pub(in crate::app) fn show(model: &mut Model, view: ViewKind) -> Vec<Effect> {
    model.focus.show(view);
    vec![]
}

/// Filters by this text, as if it had been typed after `/`; an invalid one is refused with the reason.
pub(in crate::app) fn filter(model: &mut Model, text: &str) -> Vec<Effect> {
    let before = model.masking.typed_again(&model.filter_text).into_owned();
    let known = model.shown_fleet().masked_by(None);
    let checked = Query::parse_among(text, &known).and_then(|_| model.filter_by(text));
    if let Err(error) = checked {
        let shown = model.masking.filter(text);
        let why = model.masking.filter_fault(&error);
        model.notify(format!("filter {shown}: {why}"));
        return vec![];
    }
    let typed = model.masking.typed_again(text);
    Arc::make_mut(&mut model.recalls).filters.keep(&before);
    Arc::make_mut(&mut model.recalls).filters.keep(&typed);
    vec![Effect::View]
}

/// Uses the mouse, or leaves it to the terminal.
pub(in crate::app) fn mouse(model: &mut Model, is_on: bool) -> Vec<Effect> {
    model.pointer.is_on = is_on;
    model.notify(if is_on {
        "hss-top uses the mouse; hold Shift to select text"
    } else {
        "the terminal uses the mouse, to select text; :mouse on undoes this"
    });
    // The modes of the terminal are sent with a full frame.
    vec![Effect::Mouse(is_on), Effect::Redraw]
}

/// Shows the help.
pub(in crate::app) fn help(model: &mut Model) -> Vec<Effect> {
    open(model, Overlay::Help(HelpPane::default()))
}

/// Masks the names, or shows them again.
pub(in crate::app) fn mask(model: &mut Model) -> Vec<Effect> {
    let is_on = !model.masking.is_on();
    let sentence = match (model.mask(is_on), is_on) {
        (false, _) => "names are not masked: the system provides no random bytes",
        (true, true) => "names are masked; the next run has other pseudonyms",
        (true, false) => "names are shown",
    };
    model.notify(sentence);
    vec![Effect::View]
}

/// After the scope changed: its loaded pods are shown at once, and HSS is asked for it. Until the fetch task
/// reports its progress, an answer is awaited, because the state of another scope does not apply to this one.
pub(super) fn rescoped(model: &mut Model) -> Vec<Effect> {
    model.request.scope = model.wanted.scope.clone();
    let status = &mut model.status;
    (status.loading, status.met, status.total) = (true, 0, None);
    (status.is_scope_awaited, status.is_scope_current) = (true, false);
    (status.pace, status.done_at) = (None, None);
    model.select(0);
    model.changes_rescoped();
    model.count_standings();
    vec![Effect::View, Effect::Want]
}

pub(in crate::app) fn export(model: &mut Model, request: ExportRequest) -> Vec<Effect> {
    let [one, _] = model.export_subject().nouns();
    if model.rows_to_export() == 0 {
        model.notify(format!("there is no {one} to write to a file"));
        return vec![];
    }
    model.notify("writing the file");
    vec![Effect::Export(request)]
}

pub(in crate::app) fn ask_now(model: &mut Model) -> Vec<Effect> {
    // The time is the one of the header, if it has one.
    let until = match model.state() {
        SyncState::Throttled(Some(until)) => Some(until),
        _ => model.status.held_until,
    };
    if let Some(until) = until.filter(|until| *until > model.now) {
        let until = clock(until, &model.zone);
        model.notify(format!("HSS asked us to wait until {until}"));
        return vec![];
    }
    if model.status.calls_left == 0 {
        let wait = model
            .status
            .next_at
            .map_or_else(String::new, |at| match seconds_since(model.now, at) {
                ..=0 => "; the next is due now".to_owned(),
                seconds => format!("; the next is due in {}", countdown(seconds)),
            });
        model.notify(format!(
            "no call left: {} a minute are allowed{wait}",
            model.status.calls_limit
        ));
        return vec![];
    }
    // A running sweep continues, but a call that hangs, or a pause after a failed one, ends.
    let is_under_way = model.status.loading && model.status.problem.is_none();
    model.wanted.asks = model.wanted.asks.wrapping_add(1);
    let [asking, already] = ASKING;
    model.notify_asking(if is_under_way { already } else { asking });
    vec![Effect::Want]
}

pub(in crate::app) fn set_interval(model: &mut Model, interval: std::time::Duration) -> Vec<Effect> {
    let interval = interval.clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL);
    let interval = std::time::Duration::from_secs(interval.as_secs());
    model.wanted.interval = interval;
    model.notify(format!("asking every {}", humantime::format_duration(interval)));
    vec![Effect::Want]
}
