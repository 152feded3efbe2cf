//! The health view: the call under the cursor, and the places of the two parts.
//!
//! Owns these places and how the cursor moves. The cursor stays on its call when newer ones arrive above it, except on the first
//! row: there it stays on the newest call. [`story`] explains the state word. Must not: draw.

pub mod story;

use std::sync::Arc;

use ratatui::layout::Rect;

use super::Model;
use super::effect::Effect;
use super::scroll::ScrolledRows;
use crate::hss::call_record::CallRecord;
use crate::terminal::OnceOutput;

/// From this width on, the calls are beside the facts: with their narrowest columns, but whole ids.
const BESIDE: u16 = FACTS.0 + 108;
/// Cells of the facts with the calls beside them: the longest usual one is a single line, and more where the calls have all they
/// need.
const FACTS: (u16, u16) = (88, 110);
/// Cells of the calls with everything whole.
const CALLS: u16 = 111;
/// Below this height only the facts fit.
const LOWEST: u16 = 10;
/// Lines of the facts above the calls, at most: with them nothing is left out while there is no trouble.
const MOST_FACTS: u16 = 23;
/// Lines of the calls that are no calls: the heading, and the whole request id of the one under the cursor.
const AROUND: u16 = 2;

/// The own state of the health view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HealthView {
    /// The number of the call under the cursor; `None` while the cursor follows the newest call.
    pub chosen: Option<u64>,
    /// The first call on the screen, counted from the newest.
    pub top: usize,
}

/// The places in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthAreas {
    /// The facts, one a line.
    pub facts: Rect,
    /// The table of the last calls, its heading included; of no height where there is no room.
    pub calls: Rect,
}

impl HealthAreas {
    /// The places in `body`. They depend on nothing else, so that nothing jumps.
    pub fn of(body: Rect) -> Self {
        if body.width >= BESIDE {
            let width = body.width.saturating_sub(CALLS + 1).clamp(FACTS.0, FACTS.1);
            let facts = Rect { width, ..body };
            let calls = Rect {
                x: facts.right() + 1,
                width: body.width - width - 1,
                ..body
            };
            return Self { facts, calls };
        }
        let lines = if body.height < LOWEST {
            body.height
        } else {
            (body.height * 13 / 20).min(MOST_FACTS)
        };
        let facts = Rect {
            height: lines,
            ..body
        };
        let calls = Rect {
            y: facts.bottom(),
            height: body.height - lines,
            ..body
        };
        Self { facts, calls }
    }

    /// Calls that there is room for.
    pub fn rows(&self) -> usize {
        usize::from(self.calls.height.saturating_sub(AROUND))
    }
}

impl Model {
    /// The last calls, the newest first.
    pub fn calls(&self) -> impl ExactSizeIterator<Item = &Arc<CallRecord>> {
        self.status.calls.iter().rev()
    }

    /// The place of the call under the cursor, counted from the newest. One that is not kept any more was the oldest.
    pub fn call_cursor(&self) -> usize {
        let Some(chosen) = self.health_view.chosen else {
            return 0;
        };
        let place = self.calls().position(|call| call.number <= chosen);
        place.unwrap_or_else(|| self.calls().len().saturating_sub(1))
    }

    /// The first call on the screen, counted from the newest: the cursor is on the screen, which is full where it can be.
    pub fn call_top(&self) -> usize {
        let rows = self
            .areas()
            .map_or(1, |areas| HealthAreas::of(areas.body).rows())
            .max(1);
        let (cursor, last) = (self.call_cursor(), self.calls().len().saturating_sub(rows));
        let top = self.health_view.top;
        top.clamp((cursor + 1).saturating_sub(rows), cursor).min(last)
    }

    /// Which part of the calls is on the screen, where that is not all.
    pub fn scrolled_calls(&self) -> Option<ScrolledRows> {
        let shown = self.areas().map_or(0, |areas| HealthAreas::of(areas.body).rows());
        ScrolledRows::of(self.calls().len(), shown, self.call_top())
    }

    /// Puts a call first on the screen; the cursor stays on its call, or on the nearest that is on the screen.
    pub(super) fn scroll_calls(&mut self, top: usize) {
        let shown = self.areas().map_or(1, |areas| HealthAreas::of(areas.body).rows());
        let cursor = self.call_cursor().clamp(top, top + shown.saturating_sub(1));
        self.select_call(cursor);
        self.health_view.top = top;
    }

    /// Puts the cursor on a call, counted from the newest.
    pub(super) fn select_call(&mut self, place: usize) {
        self.health_view.top = self.call_top();
        let place = place.min(self.calls().len().saturating_sub(1));
        let number = self.calls().nth(place).map(|call| call.number);
        self.health_view.chosen = number.filter(|_| place > 0);
        self.health_view.top = self.call_top();
    }

    /// Sends the id of the request under the cursor to the terminal's clipboard.
    pub(super) fn copy_request_id(&mut self) -> Vec<Effect> {
        let call = self.calls().nth(self.call_cursor());
        let id = call.and_then(|call| call.request_id.as_ref());
        let Some(id) = id.map(|id| id.shown().to_owned()) else {
            self.notify("not copied: this call has no request id");
            return vec![];
        };
        let note = self.terminal.copy_note();
        self.notify(format!("sent to the terminal: {id}{note}"));
        vec![Effect::Once(OnceOutput::Copy(id))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::event::Event;
    use crate::app::update::update;
    use crate::fleet::RemoteText;
    use crate::hss::call_record::{CallLog, CallSubject};
    use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
    use proptest::prelude::*;
    use ratatui::layout::Size;
    use std::time::Duration;

    pub(super) fn model(size: Size) -> Model {
        let wanted = crate::collector::FetchRequest {
            scope: crate::fleet::Scope::default(),
            pod: None,
            asks: 0,
            syncs: 0,
            interval: Duration::from_mins(1),
        };
        let source = crate::settings::SourceLabel {
            profile: String::new(),
            id: crate::fleet::SourceId::default(),
            project: String::new(),
            enterprise_project: String::new(),
            place: String::new(),
            demo: false,
            recorded_at: None,
            is_masked: false,
            plain_text: false,
            signed_in_by: String::new(),
        };
        let now = "2025-08-15T09:30:15Z".parse().unwrap();
        let drawn = crate::app::hotspots::Drawn {
            last_scroll: |_| 0,
            hotspots: |_| vec![],
            help_matches: |_| vec![],
            record_matches: |_, _| vec![],
        };
        let mut model = Model::new(source, wanted, 200, size, now, drawn);
        model.focus.show(crate::keys::ViewKind::Health);
        model
    }

    fn called(log: &Arc<CallLog>, times: usize) {
        for _ in 0..times {
            let id = RemoteText::name("5d21");
            log.begin(CallSubject::SignIn, "2025-08-15T09:30:00Z".parse().unwrap())
                .succeeded(CallSubject::SignIn, Some(&id));
        }
    }

    fn press(model: &mut Model, code: KeyCode) -> Vec<Effect> {
        let key = KeyEvent::new(code, KeyModifiers::NONE);
        update(model, Event::Input(Input::Key(key)))
    }

    #[test]
    fn a_wider_screen_gives_the_facts_what_the_calls_do_not_need() {
        let at = |width| HealthAreas::of(Rect::new(0, 0, width, 50));
        for width in BESIDE..400 {
            let (narrow, wide) = (at(width), at(width + 1));
            assert!(
                wide.facts.width >= narrow.facts.width && wide.calls.width >= narrow.calls.width,
                "{width}"
            );
        }
        assert_eq!((at(200).facts.width, at(200).calls.width), (88, CALLS));
        assert_eq!(at(BESIDE).facts.width, FACTS.0);
    }

    #[test]
    fn the_cursor_stays_on_its_call_while_newer_ones_come() {
        let log = Arc::new(CallLog::default());
        called(&log, 30);
        let mut model = model(Size::new(80, 24));
        model.status.calls = log.records();
        assert_eq!(model.calls().nth(model.call_cursor()).unwrap().number, 30);
        for _ in 0..7 {
            press(&mut model, KeyCode::Char('j'));
        }
        let under = |model: &Model| model.calls().nth(model.call_cursor()).unwrap().number;
        assert_eq!(under(&model), 23);
        called(&log, 3);
        model.status.calls = log.records();
        assert_eq!((under(&model), model.call_cursor()), (23, 10));
        called(&log, 200);
        model.status.calls = log.records();
        assert_eq!(under(&model), 134, "the oldest that is kept");
        press(&mut model, KeyCode::Char('g'));
        called(&log, 1);
        model.status.calls = log.records();
        assert_eq!(under(&model), 234, "on the newest it stays on the newest");
    }

    #[test]
    fn the_request_id_of_the_call_under_the_cursor_is_copied() {
        let mut model = model(Size::new(80, 24));
        assert_eq!(press(&mut model, KeyCode::Char('c')), vec![]);
        assert!(model.notice.as_ref().unwrap().text.contains("no request id"));
        let log = Arc::new(CallLog::default());
        called(&log, 1);
        model.status.calls = log.records();
        let copied = press(&mut model, KeyCode::Char('c'));
        assert_eq!(copied, [Effect::Once(OnceOutput::Copy("5d21".into()))]);
    }

    proptest! {
        #[test]
        fn the_parts_are_in_the_body_and_apart_and_the_cursor_is_on_the_screen(
            width in 30_u16..300, height in 6_u16..90, calls in 0_usize..150, cursor in 0_usize..150, top in 0_usize..150,
        ) {
            let mut model = model(Size::new(width, height));
            let body = model.areas().unwrap().body;
            let HealthAreas { facts, calls: table } = HealthAreas::of(body);
            prop_assert_eq!(facts.union(table).intersection(body), facts.union(table));
            prop_assert!(!facts.intersects(table) && facts.height > 0);
            let log = Arc::new(CallLog::default());
            called(&log, calls);
            model.status.calls = log.records();
            model.health_view.top = top;
            model.select_call(cursor);
            let rows = HealthAreas::of(body).rows().max(1);
            prop_assert!((model.call_top()..model.call_top() + rows).contains(&model.call_cursor()));
        }
    }
}
