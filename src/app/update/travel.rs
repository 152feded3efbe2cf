//! How the cursor, the choice of a menu and the text of a pane move.

use crate::app::model::Model;
use crate::fleet::fields::IN_TABLE;
use crate::keys::Mode;
use crate::keys::Motion;

pub(super) fn travel(model: &mut Model, motion: Motion) {
    match model.mode() {
        Mode::Detail if matches!(motion, Motion::ScreenDown | Motion::ScreenUp) => {
            // The title stays.
            let screen = model.lines_shown().saturating_sub(1).max(1);
            scroll(model, motion, screen, (model.last_scroll)(model));
        }
        Mode::Table | Mode::Detail => travel_table(model, motion),
        Mode::Sort => model.sort_choice = stepped(model.sort_choice, motion, IN_TABLE.len(), 1),
        Mode::Themes => {
            let count = model.themes.names().count();
            model
                .themes
                .look_at(stepped(model.themes.place(), motion, count, 1));
        }
        Mode::Help => {
            let last = (model.last_scroll)(model);
            scroll(model, motion, model.lines_shown(), last);
        }
        Mode::Filter | Mode::Command | Mode::Export | Mode::Health | Mode::Confirm => {}
    }
}

/// Scrolls a text of which `screen` lines are seen at once, to the line `last` at most.
fn scroll(model: &mut Model, motion: Motion, screen: usize, last: u16) {
    let to = stepped(usize::from(model.scroll), motion, usize::from(u16::MAX), screen);
    model.scroll = u16::try_from(to).unwrap_or(u16::MAX).min(last);
}

fn travel_table(model: &mut Model, motion: Motion) {
    let (rows, page) = (model.view.len(), model.page_size);
    let row = match motion {
        Motion::NextPage => {
            let next = (model.cursor / page + 1) * page;
            if next < rows { next } else { model.cursor }
        }
        Motion::PreviousPage => {
            let begin = model.cursor / page * page;
            if model.cursor > begin {
                begin
            } else {
                begin.saturating_sub(page)
            }
        }
        other => stepped(model.cursor, other, rows, model.rows_shown()),
    };
    let jumps = matches!(motion, Motion::NextPage | Motion::PreviousPage);
    if jumps {
        model.top = row; // a page begins at the top of the screen
    }
    model.select(row);
}

/// The place after a motion among `count`, of which `screen` are seen at once.
fn stepped(at: usize, motion: Motion, count: usize, screen: usize) -> usize {
    let last = count.saturating_sub(1);
    let half = (screen / 2).max(1);
    let to = match motion {
        Motion::Down => at.saturating_add(1),
        Motion::Up => at.saturating_sub(1),
        Motion::ScreenDown | Motion::NextPage => at.saturating_add(screen),
        Motion::ScreenUp | Motion::PreviousPage => at.saturating_sub(screen),
        Motion::HalfDown => at.saturating_add(half),
        Motion::HalfUp => at.saturating_sub(half),
        Motion::First => 0,
        Motion::Last => last,
    };
    to.min(last)
}
