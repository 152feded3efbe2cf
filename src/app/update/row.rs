//! The actions on the pod under the cursor: mark, compare, copy, and those of its menu.

use std::sync::Arc;

use super::keys::open;
use crate::app::compare::{Compared, ComparedPod, Comparison};
use crate::app::effect::Effect;
use crate::app::focus::Overlay;
use crate::app::marks::{MOST_MARKS, Toggled};
use crate::app::model::Model;
use crate::app::row_menu::{MenuItem, RowMenu};
use crate::keys::{Action, ViewKind};
use crate::report::copied::CopyItem;
use crate::terminal::OnceOutput;

/// Marks the pod, or removes its mark.
pub(super) fn toggle_mark(model: &mut Model) -> Vec<Effect> {
    let row = model.pod_row();
    let Some((pod, row)) = model.pod().zip(row) else {
        return vec![];
    };
    if model.pods.marks.toggle(&pod.key, row) == Toggled::Full {
        model.notify(format!("not marked: at most {MOST_MARKS} pods can be marked"));
    }
    model.note_places();
    vec![]
}

/// Removes all marks.
pub(super) fn clear_marks(model: &mut Model) -> Vec<Effect> {
    let sentence = match model.pods.marks.clear() {
        0 => "no pod is marked".to_owned(),
        1 => "1 mark removed".to_owned(),
        many => format!("{many} marks removed"),
    };
    model.notify(sentence);
    model.note_places();
    vec![]
}

/// Compares the two marked pods, the marked pod with the selected one, or the selected one with its past.
pub(super) fn compare(model: &mut Model) -> Vec<Effect> {
    let rows: Vec<u32> = {
        let marked = model.pods.marks.pods(&model.view.fleet);
        let mut rows: Vec<u32> = marked.into_iter().map(|(_, row)| row).collect();
        let here = model.pod_row();
        let is_read = here.is_some() || model.view.is_empty();
        if rows.len() == 1 && !is_read {
            // The marked pod alone would be taken for the answer.
            model.notify("the row under the cursor is still being read; try again");
            return vec![];
        }
        if rows.len() < 2 {
            rows.extend(here.filter(|row| !rows.contains(row)));
        }
        rows
    };
    let as_of = model.time.as_of();
    let pod = |row: &u32| Some(ComparedPod::of(&model.view.fleet, *row)?.at(as_of));
    let of = match rows.as_slice() {
        [] => None,
        [one] if model.time.past().is_some() => pod(one).map(|then| then_and_now(model, then)),
        [one] => pod(one).map(|pod| Compared::Past(Arc::new(pod))),
        [left, right] => pod(left)
            .zip(pod(right))
            .map(|(left, right)| Compared::Two(Arc::new([left, right]))),
        many => {
            let (count, action) = (many.len(), Action::ClearMarks);
            let key = model.keys.key_of(model.mode(), action);
            let way_out = key.map_or_else(String::new, |key| format!("; {} removes all marks", key.label()));
            model.notify(format!(
                "{count} pods are marked, but only two can be compared{way_out}"
            ));
            return vec![];
        }
    };
    let Some(of) = of else { return vec![] };
    open(model, Overlay::Compare(Comparison::of(of)))
}

/// A pod of the past next to the same pod now; if that is gone, its changes until then.
fn then_and_now(model: &Model, then: ComparedPod) -> Compared {
    let row = model.fleet.row_of(&then.pod.key, None);
    match row.and_then(|row| ComparedPod::of(&model.fleet, row)) {
        Some(now) => Compared::Two(Arc::new([then, now])),
        None => Compared::Past(Arc::new(then)),
    }
}

/// Shows equal fields too, or only the different ones.
pub(super) fn toggle_all_fields(model: &mut Model) -> Vec<Effect> {
    model.pods.compares_all = !model.pods.compares_all;
    if let Some(comparison) = model.focus.comparison_mut() {
        comparison.scroll = 0;
    }
    vec![]
}

/// Opens the menu of the pod.
pub(super) fn open_menu(model: &mut Model) -> Vec<Effect> {
    let Some(menu) = RowMenu::of(model) else {
        return vec![];
    };
    // The menu belongs to this pod, whatever arrives meanwhile.
    if model.absent_pod().is_none() {
        model.choose();
    }
    open(model, Overlay::RowMenu(menu))
}

/// Carries out the chosen row of the menu.
pub(super) fn choose_in_menu(model: &mut Model) -> Vec<Effect> {
    let row = model.focus.row_menu().and_then(RowMenu::chosen).cloned();
    model.focus.close();
    let Some(row) = row else { return vec![] };
    match row.item {
        MenuItem::Copy(item) => copy(model, item),
        MenuItem::Filter(filter) => filter_by(model, &filter),
        MenuItem::Mark => toggle_mark(model),
        MenuItem::Compare => compare(model),
        MenuItem::Detail => {
            model.detail.scroll = 0;
            open(model, Overlay::Detail)
        }
    }
}

/// Replaces the current filter, which the prompt can recall.
fn filter_by(model: &mut Model, filter: &str) -> Vec<Effect> {
    let before = model.masking.typed_again(&model.filter_text).into_owned();
    if let Err(error) = model.filter_by(filter) {
        let why = model.masking.filter_fault(&error);
        model.notify(format!("no such filter: {why}"));
        return vec![];
    }
    Arc::make_mut(&mut model.recalls).filters.keep(&before);
    model.focus.show(ViewKind::Pods);
    model.select(0);
    vec![Effect::View]
}

/// Sends a text of the pod to the terminal's clipboard.
pub(in crate::app) fn copy(model: &mut Model, item: CopyItem) -> Vec<Effect> {
    let Some(pod) = model.pod() else {
        model.notify("not copied: no pod is selected");
        return vec![];
    };
    let text = match item.text(&pod) {
        Ok(text) => text,
        Err(why) => {
            model.notify(why.to_string());
            return vec![];
        }
    };
    let what = match (item, pod.name().value()) {
        (CopyItem::Json, Some(name)) => format!("{name} as JSON"),
        (CopyItem::Json, None) => "the pod as JSON".to_owned(),
        _ => text.clone(),
    };
    // Terminals do not confirm a copy.
    let note = model.terminal.copy_note();
    model.notify(format!("sent to the terminal: {what}{note}"));
    vec![Effect::Once(OnceOutput::Copy(text))]
}
