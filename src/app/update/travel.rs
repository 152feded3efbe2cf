//! Moves in views, menus and scrolled texts.

use super::view;
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::keys::Mode;
use crate::keys::Motion;

/// How many lines of a menu the screen shows.
const MENU: usize = 10;

pub(super) fn travel(model: &mut Model, motion: Motion) -> Vec<Effect> {
    match model.mode() {
        Mode::Detail if matches!(motion, Motion::ScreenDown | Motion::ScreenUp) => {
            // The title stays.
            let screen = model.lines_shown().saturating_sub(1).max(1);
            let last = (model.last_scroll)(model);
            model.detail.scroll = scrolled(model.detail.scroll, motion, screen, last);
        }
        Mode::Sort => {
            let choices = view::of(model.focus.view()).sort_choices();
            if let Some(menu) = model.focus.sort_mut() {
                menu.choice = stepped(menu.choice, motion, choices, 1);
            }
        }
        Mode::Themes => {
            let count = model.themes.names().count();
            model
                .themes
                .look_at(stepped(model.themes.place(), motion, count, MENU));
        }
        Mode::Columns => {
            if let Some(chooser) = model.focus.columns_mut() {
                chooser.go(stepped(chooser.at(), motion, chooser.rows().len(), MENU));
            }
        }
        Mode::RowMenu => {
            if let Some(menu) = model.focus.row_menu_mut() {
                menu.choice = stepped(menu.choice, motion, menu.rows.len(), 1);
            }
        }
        Mode::Mute => {
            if let Some(muting) = model.focus.mute_mut() {
                let lines = muting.choices().len();
                muting.go(stepped(muting.place(), motion, lines, 1));
            }
        }
        Mode::Views => {
            let views = &mut model.saved_views;
            views.choice = stepped(views.choice, motion, views.all().len(), MENU);
        }
        Mode::Alerts => {
            if let Some(menu) = model.focus.alerts_mut() {
                menu.choice = stepped(menu.choice, motion, model.alerts.listed.len(), MENU);
            }
        }
        Mode::Compare => {
            let last = (model.last_scroll)(model);
            // Heading and names stay.
            let screen = model.lines_shown().saturating_sub(2).max(1);
            if let Some(comparison) = model.focus.comparison_mut() {
                comparison.scroll = scrolled(comparison.scroll, motion, screen, last);
            }
        }
        Mode::Help => {
            let last = (model.last_scroll)(model);
            let screen = model.lines_shown();
            if let Some(help) = model.focus.help_mut() {
                help.scroll = scrolled(help.scroll, motion, screen, last);
            }
        }
        Mode::Filter | Mode::Command | Mode::HelpSearch | Mode::Export | Mode::Confirm => {}
        Mode::Table | Mode::Detail | Mode::Overview | Mode::Health | Mode::Changes | Mode::Decisions => {
            return view::of(model.focus.view()).travel(model, motion);
        }
    }
    vec![]
}

/// The first line shown after a motion in a text, with `screen` visible lines: `last` at most.
fn scrolled(from: u16, motion: Motion, screen: usize, last: u16) -> u16 {
    let to = stepped(usize::from(from.min(last)), motion, usize::from(u16::MAX), screen);
    u16::try_from(to).unwrap_or(u16::MAX).min(last)
}

/// The place after a motion among `count` rows, with `screen` visible ones.
pub(super) fn stepped(at: usize, motion: Motion, count: usize, screen: usize) -> usize {
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
