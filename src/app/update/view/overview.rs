//! The overview: a list of namespaces with a cursor, which leads to the pods of one.

use super::ViewUpdate;
use crate::app::effect::Effect;
use crate::app::focus::{MenuCursor, Overlay};
use crate::app::model::Model;
use crate::app::overview::drill::{self, Drill};
use crate::app::scroll::ScrolledRows;
use crate::app::update::keys::open;
use crate::app::update::run;
use crate::app::update::travel::stepped;
use crate::fleet::fields::PodField;
use crate::fleet::overview::OverviewColumn;
use crate::keys::{Action, Motion, ViewKind};

/// The view [`ViewKind::Overview`].
pub(super) struct OverviewUpdate;

impl ViewUpdate for OverviewUpdate {
    fn act(&self, model: &mut Model, action: Action) -> Option<Vec<Effect>> {
        Some(match action {
            // A second click on a row opens the pods of its namespace.
            Action::ShowNamespace | Action::OpenDetail => show_pods(model),
            Action::OpenSort => {
                let current = model.namespaces.sort.column;
                let place = OverviewColumn::ALL.iter().position(|column| *column == current);
                let choice = place.unwrap_or(0);
                open(model, Overlay::Sort(MenuCursor { choice }))
            }
            Action::Choose => {
                let menu = model.focus.sort().copied();
                model.focus.close();
                if let Some(column) = menu.and_then(|menu| OverviewColumn::ALL.get(menu.choice)) {
                    model.sort_namespaces(*column);
                }
                vec![]
            }
            Action::SortBy(PodField::Risk) if model.namespaces.sort.column == OverviewColumn::Worst => {
                model.namespaces.sort = OverviewColumn::Worst.first_direction();
                model.notify(run::BY_RISK_ALREADY);
                vec![]
            }
            Action::SortBy(field) => {
                if let Some(column) = column_of(field) {
                    model.sort_namespaces(column);
                }
                vec![]
            }
            Action::SortNamespaces(column) => {
                model.sort_namespaces(column);
                vec![]
            }
            Action::InvertSort => {
                model.sort_namespaces(model.namespaces.sort.column);
                vec![]
            }
            _ => return None,
        })
    }

    fn travel(&self, model: &mut Model, motion: Motion) -> Vec<Effect> {
        let (rows, shown) = (model.namespace_count(), model.namespaces_shown());
        let row = stepped(model.namespaces.cursor, motion, rows, shown);
        model.select_namespace(row);
        vec![]
    }

    fn scrolled(&self, model: &Model) -> Option<ScrolledRows> {
        model.scrolled_namespaces()
    }

    fn scroll_to(&self, model: &mut Model, top: usize) -> Vec<Effect> {
        model.scroll_namespaces(top);
        vec![]
    }

    fn select(&self, model: &mut Model, row: usize) -> Vec<Effect> {
        model.select_namespace(row);
        vec![]
    }

    fn back(&self, model: &mut Model) -> Vec<Effect> {
        if model.is_elsewhere() {
            return model.return_to_now();
        }
        if let Some(effects) = super::cleared(model) {
            return effects;
        }
        model.focus.close();
        vec![]
    }

    fn tick(&self, model: &mut Model) -> Vec<Effect> {
        model.overview_comes_home();
        vec![]
    }

    fn resize(&self, model: &mut Model) {
        model.reveal_namespace();
    }

    fn sort_choices(&self) -> usize {
        OverviewColumn::ALL.len()
    }
}

/// The column for a key that sorts the pods by one of their columns.
fn column_of(field: PodField) -> Option<OverviewColumn> {
    Some(match field {
        PodField::Risk => OverviewColumn::Worst,
        PodField::Name | PodField::Namespace => OverviewColumn::Namespace,
        PodField::Status => OverviewColumn::Failed,
        _ => return None,
    })
}

/// Shows the pods of the namespace under the cursor.
fn show_pods(model: &mut Model) -> Vec<Effect> {
    let Some(key) = model.namespace().map(|row| row.key) else {
        return vec![];
    };
    let filter = drill::filter(&model.request.filter, &key, &model.shown_fleet().masked_by(None));
    let Some(filter) = filter.filter(|filter| crate::fleet::query::Query::parse(filter).is_ok()) else {
        model.notify("HSS sends no readable name for this namespace, so no filter can find its pods");
        return vec![];
    };
    let before = model.filter_text.clone();
    if model.filter_by(&filter).is_err() {
        return vec![];
    }
    model.namespaces.selected = Some(key);
    model.namespaces.drill = Some(Drill { before, filter });
    model.focus.show(ViewKind::Pods);
    model.select(0);
    vec![Effect::View]
}

/// Returns from the pods of a namespace, unless the filter has changed since then.
pub(super) fn back_from_pods(model: &mut Model) -> Option<Vec<Effect>> {
    let drill = model.namespaces.drill.take()?;
    if drill.filter != model.filter_text {
        return None;
    }
    // The earlier filter was valid; if not, nothing changes.
    model.filter_by(&drill.before).ok()?;
    model.focus.show(ViewKind::Overview);
    Some(vec![Effect::View])
}
