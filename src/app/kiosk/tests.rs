//! A wall for a day, and whoever leans on its keyboard.

use super::*;
use crate::alerts::{AlertFinding, AlertSeverity, ToldAlert};
use crate::app::event::Event;
use crate::app::fixture::empty_model;
use crate::app::update::update;
use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;

fn wall(width: u16, height: u16) -> Model {
    let now = "2025-08-15T09:30:15Z".parse().unwrap();
    let mut model = empty_model(Size::new(width, height), now);
    model.begin_kiosk(&KioskChoice {
        is_on: true,
        views: ["pods", "overview", "changes"].map(str::to_owned).to_vec(),
        every: Duration::from_secs(30),
        dim: QuietHours::read("22:00-06:00", &TimeZone::UTC),
    });
    model
}

fn press(model: &mut Model, code: KeyCode, modifiers: KeyModifiers) -> Vec<Effect> {
    update(model, Event::Input(Input::Key(KeyEvent::new(code, modifiers))))
}

fn tick(model: &mut Model, seconds: i64) {
    for _ in 0..seconds {
        let now = model.now.checked_add(SignedDuration::from_secs(1)).unwrap();
        update(model, Event::Tick(now));
    }
}

#[test]
fn only_the_chord_ends_it_and_no_key_changes_or_writes_anything() {
    let mut model = wall(120, 40);
    for letter in (' '..='~').filter(|letter| *letter != '!') {
        for modifiers in [KeyModifiers::NONE, KeyModifiers::CONTROL] {
            let effects = press(&mut model, KeyCode::Char(letter), modifiers);
            // Ctrl-x arms the chord, and the next key disarms it.
            let harmless = |effect: &Effect| {
                matches!(
                    effect,
                    Effect::Want | Effect::History | Effect::View | Effect::Redraw
                )
            };
            assert!(
                effects.iter().all(harmless),
                "{letter:?} {modifiers:?}: {effects:?}"
            );
            assert!(model.filter_text.is_empty() && !model.request.problems && !model.masking.is_on());
        }
    }
    let others = [
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::Insert,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::PageDown,
        KeyCode::F(1),
        KeyCode::F(12),
    ];
    for code in others {
        for modifiers in [KeyModifiers::NONE, KeyModifiers::SHIFT, KeyModifiers::ALT] {
            let effects = press(&mut model, code, modifiers);
            assert!(!effects.contains(&Effect::Quit), "{code:?}");
        }
    }
    let mut untouched = wall(120, 40);
    let paste = Event::Input(Input::Paste("\u{18}q:quit\r".to_owned()));
    let pasted = update(&mut untouched, paste);
    assert!(!pasted.contains(&Effect::Quit) && untouched.typed_text().is_empty());
    press(&mut model, KeyCode::Char('x'), KeyModifiers::CONTROL);
    assert_eq!(
        press(&mut model, KeyCode::Char('q'), KeyModifiers::NONE),
        [Effect::Quit]
    );
}

#[test]
fn a_chord_that_takes_too_long_ends_nothing() {
    let mut model = wall(120, 40);
    press(&mut model, KeyCode::Char('x'), KeyModifiers::CONTROL);
    tick(&mut model, 6);
    assert_eq!(press(&mut model, KeyCode::Char('q'), KeyModifiers::NONE), []);
}

#[test]
fn views_take_turns_a_key_stops_them_for_a_minute_and_it_comes_home() {
    let mut model = wall(120, 40);
    tick(&mut model, 31);
    assert_eq!(model.focus.view(), ViewKind::Overview);
    tick(&mut model, 30);
    assert_eq!(model.focus.view(), ViewKind::Changes);
    press(&mut model, KeyCode::Char('1'), KeyModifiers::NONE);
    press(&mut model, KeyCode::Char('?'), KeyModifiers::NONE);
    tick(&mut model, 55);
    assert!(!model.focus.is_base(), "somebody reads the help");
    tick(&mut model, 10);
    assert_eq!(
        (model.focus.view(), model.focus.top().is_none()),
        (ViewKind::Changes, true),
        "it is where it was"
    );
}

#[test]
fn an_alert_stops_them_until_it_is_acknowledged() {
    let mut model = wall(120, 40);
    let alert = ToldAlert {
        rule: "risk".to_owned(),
        finding: AlertFinding::Risk,
        severity: AlertSeverity::Critical,
        pod: String::new(),
        name: "a".to_owned(),
        namespace: String::new(),
        cluster: String::new(),
        words: String::new(),
        change: None,
        began: model.now,
        seen: model.now,
        ended: None,
    };
    model.alerts.waiting = vec![alert].into();
    tick(&mut model, 600);
    assert_eq!(model.focus.view(), ViewKind::Changes);
    press(&mut model, KeyCode::Char('!'), KeyModifiers::NONE);
    assert!(model.alerts.waiting.is_empty());
    tick(&mut model, 92);
    assert_ne!(model.focus.view(), ViewKind::Changes, "it goes on");
}

#[test]
fn the_picture_fits_and_moves_on_every_size_and_dims_at_night() {
    for width in (0..260).step_by(13) {
        for height in 0..70 {
            let model = wall(width, height);
            let kiosk = &model.kiosk;
            for beat in [0, 300, 600, 900, 1500, 99_999] {
                let origin = kiosk.origin(beat);
                assert!(origin.x + model.size.width <= width, "{width}x{height}");
                assert!(
                    origin.y + kiosk.bar() + model.size.height <= height,
                    "{width}x{height}"
                );
            }
        }
    }
    let model = wall(120, 40);
    assert_ne!(model.kiosk.origin(0), model.kiosk.origin(300));
    assert!(!model.kiosk.is_dim(model.now));
    assert!(model.kiosk.is_dim("2025-08-15T23:00:00Z".parse().unwrap()));
}
