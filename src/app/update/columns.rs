//! The effects of keys and `:columns` on the columns of the table.

use super::lacking;
use crate::app::columns::ColumnChooser;
use crate::app::effect::Effect;
use crate::app::focus::Overlay;
use crate::app::model::Model;
use crate::fleet::fields::{ColumnFault, ColumnList};
use crate::keys::{ColumnEdit, ViewKind};

/// The word after `:columns` that restores the initial columns.
pub const RESET: &str = "reset";

/// Shows the listed columns, those of the start after `reset`, or without an argument the list to choose
/// from.
pub(in crate::app) fn columns(model: &mut Model, text: &str) -> Result<Vec<Effect>, ColumnFault> {
    let list = match text {
        "" => {
            model.focus.show(ViewKind::Pods);
            return Ok(open(model));
        }
        RESET => None,
        list => Some(ColumnList::parse(list)?),
    };
    model.pods.columns.show(list);
    Ok(changed(model))
}

/// Opens the list to choose from.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let chooser = ColumnChooser::of(model.pods.columns.list());
    model.focus.open(Overlay::Columns(chooser));
    vec![]
}

/// Restores the initial columns.
pub(super) fn reset(model: &mut Model) -> Vec<Effect> {
    model.pods.columns.show(None);
    if let Some(chooser) = model.focus.columns_mut() {
        *chooser = ColumnChooser::of(model.pods.columns.list());
    }
    changed(model)
}

/// Changes the choice; the table shows it at once.
pub(super) fn edit(model: &mut Model, edit: ColumnEdit) -> Vec<Effect> {
    let Some(column) = model.focus.columns().and_then(ColumnChooser::column) else {
        return vec![];
    };
    let cells = model.column_cells(column);
    let chooser = model.focus.columns_mut();
    match chooser.and_then(|chooser| chooser.edit(edit, cells)) {
        Some(list) => model.pods.columns.choose(list),
        None => model.notify("a table has at least one column"),
    }
    changed(model)
}

/// Scrolls the columns sideways, or says that there are no more.
pub(super) fn scroll(model: &mut Model, to_right: bool) -> Vec<Effect> {
    if !model.scroll_columns(to_right) {
        model.notify(if to_right {
            "the last column is already shown"
        } else {
            "the first columns are already shown"
        });
    }
    vec![]
}

/// With a narrower table the detail may move beside it, which changes the number of rows.
fn changed(model: &mut Model) -> Vec<Effect> {
    model.reveal();
    lacking(model)
}
