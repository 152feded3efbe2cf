//! What keys and `:columns` do to the columns of the table.

use crate::app::effect::Effect;
use crate::app::focus::Overlay;
use crate::app::model::Model;
use crate::fleet::fields::{ColumnFault, ColumnList};
use crate::keys::ColumnEdit;

/// The word after `:columns` that brings back the columns of the start.
pub const RESET: &str = "reset";

/// Shows the columns that are listed, those of the start after `reset`, or without a word the list to choose from.
pub(in crate::app) fn columns(model: &mut Model, text: &str) -> Result<Vec<Effect>, ColumnFault> {
    match text {
        "" => open(model),
        RESET => reset(model),
        list => model.columns.show(Some(ColumnList::parse(list)?)),
    }
    Ok(vec![])
}

/// Opens the list to choose from.
pub(super) fn open(model: &mut Model) {
    model.columns.open_chooser();
    model.focus.open(Overlay::Columns);
}

/// Brings back the columns of the start.
pub(super) fn reset(model: &mut Model) {
    model.columns.show(None);
    model.columns.open_chooser();
}

/// Changes the choice; the table shows it at once.
pub(super) fn edit(model: &mut Model, edit: ColumnEdit) {
    let Some(column) = model.columns.chooser.column() else {
        return;
    };
    let cells = model.column_cells(column);
    match model.columns.chooser.edit(edit, cells) {
        Some(list) => model.columns.choose(list),
        None => model.notify("a table has at least one column"),
    }
    model.reveal();
}

/// Scrolls the columns sideways, or says that there is none more.
pub(super) fn scroll(model: &mut Model, to_right: bool) {
    if !model.scroll_columns(to_right) {
        model.notify(if to_right {
            "the last column is on the screen"
        } else {
            "the first columns are on the screen"
        });
    }
}
