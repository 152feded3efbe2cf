//! `:view`, and the menu of the saved views.

use super::keys::open;
use crate::app::effect::Effect;
use crate::app::focus::Overlay;
use crate::app::model::Model;
use crate::app::own_files::OwnEntry;
use crate::config::nearest;
use crate::keys::Action;
use crate::settings::saved_view::{VIEW_WORDS, checked_name};
use crate::settings::views_file::ViewChange;
use crate::settings::{SavedView, ViewOrigin};

/// Shows, saves or deletes a view, or without an argument opens the menu.
pub(in crate::app) fn command(model: &mut Model, text: &str) -> Vec<Effect> {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let [save, delete] = VIEW_WORDS;
    match word {
        "" => show_menu(model),
        _ if word == save => save_as(model, rest),
        _ if word == delete => delete_named(model, rest.trim()),
        _ => show(model, text),
    }
}

/// Opens the menu at the view that was chosen last.
pub(super) fn show_menu(model: &mut Model) -> Vec<Effect> {
    open(model, Overlay::Views)
}

/// The effects of a key in the menu; `None` if the key means the same everywhere.
pub(super) fn act(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    match action {
        Action::Choose => {
            let view = model.saved_views.chosen().cloned();
            model.focus.close();
            Some(view.map_or_else(Vec::new, |view| apply(model, &view)))
        }
        Action::DeleteView => {
            let name = model.saved_views.chosen().map(|view| view.name.clone());
            Some(name.map_or_else(Vec::new, |name| delete_named(model, &name)))
        }
        Action::UndoDecision => Some(bring_back(model)),
        Action::OpenViews => {
            model.focus.close();
            Some(vec![])
        }
        _ => None,
    }
}

fn show(model: &mut Model, name: &str) -> Vec<Effect> {
    if let Some(view) = model.saved_views.named(name).cloned() {
        return apply(model, &view);
    }
    let sentence = unknown(model, name);
    model.notify(sentence);
    vec![]
}

fn apply(model: &mut Model, view: &SavedView) -> Vec<Effect> {
    model.notice = None;
    model.apply_view(view);
    vec![Effect::View]
}

/// Says that no view has this name, and names the nearest one.
fn unknown(model: &Model, name: &str) -> String {
    let names: Vec<&str> = model
        .saved_views
        .all()
        .iter()
        .map(|view| view.name.as_str())
        .collect();
    let instead = match (nearest(name, names.iter().copied()), names.as_slice()) {
        (Some(meant), _) => format!("did you mean {meant}?"),
        (None, []) => "no view is saved; :view save NAME saves what the screen shows".to_owned(),
        (None, names) => format!("saved views: {}", names.join(", ")),
    };
    if model.masking.is_on() {
        // The typed text may be a name of another kind.
        return format!("no view of this name; {instead}");
    }
    format!("no view {name}; {instead}")
}

fn save_as(model: &mut Model, name: &str) -> Vec<Effect> {
    let name = match checked_name(name) {
        Ok(name) => name,
        Err(why) => {
            model.notify(why.to_string());
            return vec![];
        }
    };
    let there = model.saved_views.named(name).map(|view| view.origin);
    if there == Some(ViewOrigin::Configuration) {
        model.notify(format!(
            "{name} is a view of the configuration file, which hss-top does not change; save it under another name"
        ));
        return vec![];
    }
    let view = model.view_now(name);
    if there.is_none() {
        return save(model, view);
    }
    model.saved_views.put(view.clone());
    let change = ViewChange::Replace(Box::new(view));
    vec![Effect::Own(OwnEntry::View(change))]
}

fn save(model: &mut Model, view: SavedView) -> Vec<Effect> {
    model.saved_views.put(view.clone());
    let change = ViewChange::Save(Box::new(view));
    vec![Effect::Own(OwnEntry::View(change))]
}

fn delete_named(model: &mut Model, name: &str) -> Vec<Effect> {
    let Some(view) = model.saved_views.named(name).cloned() else {
        let sentence = unknown(model, name);
        model.notify(sentence);
        return vec![];
    };
    if view.origin == ViewOrigin::Configuration {
        model.notify(format!(
            "{name} is a view of the configuration file, which hss-top does not change"
        ));
        return vec![];
    }
    model.saved_views.remove(name);
    model.saved_views.deleted = Some(Box::new(view));
    let change = ViewChange::Delete(name.to_owned());
    vec![Effect::Own(OwnEntry::View(change))]
}

/// Restores the view that was deleted last.
fn bring_back(model: &mut Model) -> Vec<Effect> {
    if let Some(view) = model.saved_views.deleted.take() {
        return save(model, *view);
    }
    model.notify("no view was deleted");
    vec![]
}
