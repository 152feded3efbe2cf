//! The wall: an unattended screen, read from three metres, and safe from a stray key.
//!
//! Owns which keys work, when the next view is shown, and the position of the picture. Only the chord `Ctrl-x` `q` or a signal
//! ends it. Keys that change or write something do nothing. Keys that look around work, and a minute after the last one the
//! rotation continues. While an alert waits, the view stays, so that anybody who enters the room sees it. Must not: draw, or
//! read a clock.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ratatui::layout::{Position, Size};

use super::effect::Effect;
use super::model::Model;
use crate::alerts::QuietHours;
use crate::keys::{Action, Key, ViewKind};
use crate::settings::KioskChoice;

/// How long the rotation stops after a key.
const HOME_AFTER: SignedDuration = SignedDuration::from_mins(1);
/// How long the second key of the chord may take, in ticks.
const CHORD_TICKS: u64 = 4;
/// How often the picture moves, in ticks: a picture that stays in one place for months burns in.
const SHIFTS_EVERY: u64 = 300;
/// The smallest screen that has room for big words.
const BAR_FROM: Size = Size {
    width: 60,
    height: 24,
};
/// Rows of a big letter with dots of one row.
pub const LETTER_ROWS: u16 = 5;
/// Rows of the screen for each row of a dot: the same letters fill the same part of a wall, whatever its rows are.
const ROWS_A_DOT: u16 = 24;
/// Rows that a screen may lack of a multiple of [`ROWS_A_DOT`].
const ROWS_SHORT: u16 = 2;
/// The most rows of a dot.
const LARGEST_DOT: u16 = 6;
/// Rows below the letters of the smallest dots: the words of the counts, the clock, and a blank one.
const BELOW_SMALL: u16 = 3;
/// The same where the words of the counts are big too: these, the clock, and a blank row around each.
const BELOW_LARGE: u16 = LETTER_ROWS + 4;
/// Cells that the picture can move by.
const SLACK: Size = Size { width: 2, height: 1 };
/// The smallest screen on which it moves.
const MOVES_FROM: Size = Size {
    width: 40,
    height: 12,
};

/// What the wall shows for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
enum KioskStop {
    /// A view.
    View(ViewKind),
    /// A saved view, by its name.
    Saved(String),
}

impl KioskStop {
    fn named(name: &str) -> Self {
        let view = ViewKind::ALL
            .into_iter()
            .find(|view| view.title().eq_ignore_ascii_case(name));
        view.map_or_else(|| Self::Saved(name.to_owned()), Self::View)
    }
}

/// What the wall shows, and when.
#[derive(Debug, Clone)]
struct KioskPlan {
    /// The views that are shown in turn; if empty, the pods.
    stops: Vec<KioskStop>,
    every: Duration,
    dim: Option<QuietHours>,
}

/// The wall, if the screen is one.
#[derive(Debug, Clone, Default)]
pub struct Kiosk {
    settings: Option<Arc<KioskPlan>>,
    /// The size of the whole screen; that of the model is what is left for the views.
    screen: Size,
    stop: usize,
    turned_at: Option<Timestamp>,
    /// When the first key of the chord came.
    armed: Option<u64>,
    had_alert: bool,
}

impl Kiosk {
    /// Whether the screen is a wall.
    pub fn is_on(&self) -> bool {
        self.settings.is_some()
    }

    /// Whether a key for this action does nothing here.
    pub fn refuses(&self, action: Action) -> bool {
        self.is_on() && !is_harmless(action)
    }

    /// Rows of a dot of the big letters; 0 where there is no room for any.
    pub fn dot_rows(&self) -> u16 {
        let has_room = self.screen.width >= BAR_FROM.width && self.screen.height >= BAR_FROM.height;
        if !self.is_on() || !has_room {
            return 0;
        }
        (self.screen.height.saturating_add(ROWS_SHORT) / ROWS_A_DOT).clamp(1, LARGEST_DOT)
    }

    /// Rows of the big words with what belongs to them.
    pub fn bar(&self) -> u16 {
        match self.dot_rows() {
            0 => 0,
            1 => LETTER_ROWS + BELOW_SMALL,
            dot => LETTER_ROWS * dot + BELOW_LARGE,
        }
    }

    /// Where the picture begins at this tick.
    pub fn origin(&self, beat: u64) -> Position {
        if !self.moves() {
            return Position::ORIGIN;
        }
        let step = beat / SHIFTS_EVERY;
        // The columns move with each step, the row with each round of them.
        let columns = u64::from(SLACK.width) + 1;
        let x = u16::try_from(step % columns).unwrap_or(0);
        let y = u16::try_from(step / columns % (u64::from(SLACK.height) + 1)).unwrap_or(0);
        Position::new(x, y)
    }

    /// Whether it is dimmed at `now`.
    pub fn is_dim(&self, now: Timestamp) -> bool {
        let dim = self.settings.as_ref().and_then(|settings| settings.dim.as_ref());
        dim.is_some_and(|hours| hours.contains(now))
    }

    /// The whole screen.
    pub fn screen(&self) -> Size {
        self.screen
    }

    fn moves(&self) -> bool {
        self.is_on() && self.screen.width >= MOVES_FROM.width && self.screen.height >= MOVES_FROM.height
    }

    /// What is left for the views.
    fn inner(&self) -> Size {
        let slack = if self.moves() { SLACK } else { Size::ZERO };
        Size::new(
            self.screen.width.saturating_sub(slack.width),
            self.screen.height.saturating_sub(self.bar() + slack.height),
        )
    }
}

impl Model {
    /// Makes the screen a wall.
    pub fn begin_kiosk(&mut self, choice: &KioskChoice) {
        self.kiosk.settings = Some(Arc::new(KioskPlan {
            stops: choice.views.iter().map(|name| KioskStop::named(name)).collect(),
            every: choice.every,
            dim: choice.dim.clone(),
        }));
        self.resize_screen(self.size);
        self.show_stop();
    }

    /// The size of the screen, which is that of the picture.
    pub fn screen_size(&self) -> Size {
        if self.kiosk.is_on() {
            self.kiosk.screen
        } else {
            self.size
        }
    }

    /// Takes the size of the screen.
    pub(super) fn resize_screen(&mut self, screen: Size) {
        self.kiosk.screen = screen;
        self.size = if self.kiosk.is_on() {
            self.kiosk.inner()
        } else {
            screen
        };
    }

    /// A place of the screen as one of the views; `None` if it is not one.
    pub(super) fn place_in_views(&self, at: Position) -> Option<Position> {
        if !self.kiosk.is_on() {
            return Some(at);
        }
        let origin = self.kiosk.origin(self.beat);
        let y = at.y.checked_sub(origin.y + self.kiosk.bar())?;
        Some(Position::new(at.x.checked_sub(origin.x)?, y))
    }

    /// Takes a key on a wall: the chord that ends it. `None` where the key means what it means elsewhere.
    pub(super) fn kiosk_key(&mut self, key: Key) -> Option<Vec<Effect>> {
        if !self.kiosk.is_on() {
            return None;
        }
        let is_armed = self
            .kiosk
            .armed
            .take()
            .is_some_and(|beat| self.beat.wrapping_sub(beat) <= CHORD_TICKS);
        if is_armed && key == Key::named("q")? {
            return Some(vec![Effect::Quit]);
        }
        if key == Key::named("ctrl-x")? {
            self.kiosk.armed = Some(self.beat);
            self.notify("q now ends the wall");
            return Some(vec![]);
        }
        None
    }

    /// Whether an action is one that a wall allows; says so where it is not.
    pub(super) fn kiosk_allows(&mut self, action: Action) -> bool {
        if !self.kiosk.refuses(action) {
            return true;
        }
        self.notify("that key does nothing on a wall; Ctrl-x q ends it");
        false
    }

    /// What a tick means on a wall.
    pub(super) fn kiosk_tick(&mut self) -> Vec<Effect> {
        let Some(settings) = self.kiosk.settings.clone() else {
            return vec![];
        };
        let waits = !self.alerts.waiting.is_empty();
        if waits && !self.kiosk.had_alert {
            // What happened is what whoever comes in wants to see.
            self.kiosk.had_alert = true;
            self.focus.show(ViewKind::Changes);
            return vec![];
        }
        self.kiosk.had_alert = waits;
        let was_touched = self.touched_at != self.started_at;
        let is_used = was_touched && self.now.duration_since(self.touched_at).abs() < HOME_AFTER;
        if waits || is_used {
            self.kiosk.turned_at = None;
            return vec![];
        }
        let since = self
            .kiosk
            .turned_at
            .map(|at| self.now.duration_since(at).unsigned_abs());
        match since {
            None => self.show_stop(),
            Some(since) if since >= settings.every => {
                self.kiosk.stop = (self.kiosk.stop + 1) % settings.stops.len().max(1);
                self.show_stop()
            }
            Some(_) => vec![],
        }
    }

    /// Shows what is next, with nothing on it.
    fn show_stop(&mut self) -> Vec<Effect> {
        self.kiosk.turned_at = Some(self.now);
        let settings = self.kiosk.settings.clone();
        let stop = settings.and_then(|settings| settings.stops.get(self.kiosk.stop).cloned());
        match stop {
            None => self.focus.show(ViewKind::Pods),
            Some(KioskStop::View(view)) => self.focus.show(view),
            Some(KioskStop::Saved(name)) => {
                match self.saved_views.named(&name).cloned() {
                    Some(view) => self.apply_view(&view),
                    None => self.notify(format!("view {name} no longer exists")),
                }
                return vec![Effect::View];
            }
        }
        vec![]
    }
}

/// Whether an action only looks around, or takes note of an alert.
fn is_harmless(action: Action) -> bool {
    matches!(
        action,
        Action::Move(_)
            | Action::Show(_)
            | Action::OpenDetail
            | Action::ShowNamespace
            | Action::LongerHistory
            | Action::ShorterHistory
            | Action::Back
            | Action::NextRisk
            | Action::PreviousRisk
            | Action::ColumnsLeft
            | Action::ColumnsRight
            | Action::OpenHelp
            | Action::AcknowledgeAlerts
            | Action::OpenAlerts
            | Action::Redraw
    )
}

#[cfg(test)]
mod tests;
