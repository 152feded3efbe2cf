//! The list of the alerts: opens it, and goes to the pod of the chosen one.

use super::keys::open;
use crate::app::effect::Effect;
use crate::app::focus::{MenuCursor, Overlay};
use crate::app::model::Model;
use crate::fleet::Pod;
use crate::fleet::query::Query;
use crate::keys::{Action, ViewKind};

/// Opens the list, at the newest.
pub(in crate::app) fn show(model: &mut Model) -> Vec<Effect> {
    open(model, Overlay::Alerts(MenuCursor::default()))
}

/// The effects of a key in the list; `None` if the key means the same everywhere.
pub(super) fn act(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    match action {
        Action::Choose => Some(go_to_pod(model)),
        Action::OpenAlerts => {
            model.focus.close();
            Some(vec![])
        }
        _ => None,
    }
}

/// Puts the cursor of the pods on the pod of the chosen alert. A filter that hides it is removed; the prompt recalls it.
fn go_to_pod(model: &mut Model) -> Vec<Effect> {
    let menu = model.focus.alerts();
    let listed = menu.and_then(|menu| model.alerts.listed.get(menu.choice));
    let Some(listed) = listed.cloned() else {
        model.focus.close();
        return vec![];
    };
    if listed.alert.name.is_empty() {
        model.focus.show(ViewKind::Health);
        return vec![];
    }
    let key = listed.key.within(model.fleet.source());
    let Some(row) = model.fleet.row_of(&key, None) else {
        model.notify("this pod is no longer listed; the changes have its last record");
        return vec![];
    };
    let is_meant = |pod: &Pod| model.request.scope.may_hold(pod);
    let pod = model.fleet.masked_by(None).pod(row);
    if !pod.as_ref().is_none_or(is_meant) {
        let scope = model.scope_words().unwrap_or_default();
        model.notify(format!("this pod is not in {scope}; :all shows all pods"));
        return vec![];
    }
    let mut effects = if model.is_elsewhere() {
        model.return_to_now()
    } else {
        vec![]
    };
    model.focus.show(ViewKind::Pods);
    model.pods.is_home = false;
    if effects.is_empty()
        && let Some(place) = model.view.position(&key, Some(row))
    {
        model.select(place);
        return effects;
    }
    if model.request.problems || model.request.filter != Query::default() {
        model.request.problems = false;
        model.clear_filter();
        model.notify("filter removed: it hid the pod");
    }
    model.pods.selected = Some((key, row));
    effects.push(Effect::View);
    effects
}
