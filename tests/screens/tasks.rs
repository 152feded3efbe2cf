//! Tasks of a night shift, each in six keys or one command: the keys are pressed, and the screen must say the answer.
//!
//! A new user has no manual at three in the morning. So each task is done with keys that the last line or the help names, at the
//! smallest usual screen and at larger ones.

use std::str::FromStr as _;

use crossterm::event::{
    Event as Input, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use hss_top::app::Model;
use hss_top::app::effect::Effect;
use hss_top::app::event::Event;
use hss_top::app::update::update;
use hss_top::fleet::View;
use hss_top::state::past::MomentWanted;
use hss_top::terminal::OnceOutput;
use ratatui::layout::Size;

use crate::changes::{changed_model, changed_until};
use crate::support::stage::{draw, loaded_model, text};
use crate::{coloured, past};

const SIZES: [Size; 3] = [Size::new(80, 24), Size::new(120, 40), Size::new(200, 60)];
/// The most keys of a task.
const MOST_KEYS: usize = 6;

/// Presses keys with blanks between them; returns what is then to be done outside of the screen.
fn keys(model: &mut Model, keys: &str) -> Vec<Effect> {
    let names: Vec<&str> = keys.split(' ').filter(|name| !name.is_empty()).collect();
    assert!(names.len() <= MOST_KEYS, "{} keys: {keys}", names.len());
    let mut all = Vec::new();
    for name in names {
        let code = match name {
            "Enter" => KeyCode::Enter,
            "Esc" => KeyCode::Esc,
            "Tab" => KeyCode::Tab,
            letter => KeyCode::Char(letter.chars().next().unwrap()),
        };
        let key = KeyEvent::new(code, KeyModifiers::NONE);
        all.extend(then(model, Input::Key(key)));
    }
    all
}

/// Takes one event, and computes the view that it asks for.
fn then(model: &mut Model, input: Input) -> Vec<Effect> {
    let effects = update(model, Event::Input(input));
    if effects.contains(&Effect::View) {
        let view = View::of(&model.fleet, model.request.clone(), model.now);
        update(model, Event::View(Box::new(view)));
    }
    effects
}

fn screen(model: &Model) -> String {
    text(&draw(model, coloured()))
}

/// What is sent to the clipboard.
fn copied(effects: &[Effect]) -> Option<&str> {
    effects.iter().find_map(|effect| match effect {
        Effect::Once(OnceOutput::Copy(text)) => Some(text.as_str()),
        _ => None,
    })
}

#[test]
fn which_pods_became_risky_and_when() {
    for size in SIZES {
        let mut model = changed_model(size);
        keys(&mut model, "3");
        let screen = screen(&model);
        let line = screen
            .lines()
            .find(|line| line.contains("risk") && line.contains("clean"));
        assert!(
            line.is_some_and(|line| line.contains("cci-settle-ma")),
            "{screen}"
        );
        assert!(screen.contains("08:30"), "when HSS saw it: {screen}");
    }
}

#[tokio::test]
async fn which_namespaces_have_unprotected_pods_and_how_many() {
    for size in SIZES {
        let mut model = loaded_model(size).await;
        keys(&mut model, "2 O");
        let screen = screen(&model);
        let first = screen
            .lines()
            .find(|line| line.starts_with('▌'))
            .unwrap_or_default();
        assert!(first.contains("render") && first.contains(" 2"), "{screen}");
        assert!(screen.contains("OFF"), "{screen}");
    }
}

#[test]
fn what_is_above_90_percent_of_its_memory_limit_and_since_when() {
    for size in SIZES {
        // In the third snapshot of the stage, of yesterday, a pod came to 97 %.
        let mut model = changed_until(size, 3);
        keys(&mut model, "M");
        let sorted = screen(&model);
        let first = sorted
            .lines()
            .find(|line| line.starts_with('▌'))
            .unwrap_or_default();
        assert!(first.contains("97%"), "the highest first: {sorted}");
        keys(&mut model, "Enter");
        let detail = screen(&model);
        let why = detail
            .lines()
            .find(|line| line.contains("memory at 90 % or more"));
        assert!(
            why.is_some_and(|line| line.contains("since Aug 14 08:30")),
            "and since when: {detail}"
        );
    }
}

#[tokio::test]
async fn a_pods_name_or_its_address_goes_to_another_program() {
    for size in SIZES {
        let mut model = loaded_model(size).await;
        let pod = model.pod().unwrap();
        let name = pod.name().value().unwrap().raw().to_owned();
        assert_eq!(copied(&keys(&mut model, "c")), Some(name.as_str()));
        let effects = keys(&mut model, "o j Enter");
        let address = copied(&effects).unwrap_or_default();
        assert!(address.parse::<std::net::IpAddr>().is_ok(), "{effects:?}");
    }
}

#[test]
fn a_shift_is_handed_over_by_one_command() {
    let mut model = changed_model(SIZES[0]);
    let typed = ":rep 12h".chars().map(KeyCode::Char);
    let mut effects = Vec::new();
    for code in typed.chain([KeyCode::Enter]) {
        effects.extend(then(
            &mut model,
            Input::Key(KeyEvent::new(code, KeyModifiers::NONE)),
        ));
    }
    let report = effects.iter().find_map(|effect| match effect {
        Effect::Report(request) => request.back,
        _ => None,
    });
    assert_eq!(report, Some(jiff::SignedDuration::from_hours(12)), "{effects:?}");
}

#[tokio::test]
async fn the_pods_as_they_were_at_ten_past_three() {
    for size in SIZES {
        let mut model = loaded_model(size).await;
        for letter in ":at 03:10".chars() {
            then(
                &mut model,
                Input::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)),
            );
        }
        let effects = keys(&mut model, "Enter");
        assert!(effects.contains(&Effect::Past), "{effects:?}");
        let at = jiff::Timestamp::from_str("2025-08-15T03:10:00Z").unwrap();
        assert_eq!(model.past_request().unwrap().which, MomentWanted::At(at));
        // The list that held then is somewhat older.
        past::answer(&mut model, at - jiff::SignedDuration::from_mins(8));
        let shown = screen(&model);
        assert!(
            shown.contains("VIEWING 03:02") && shown.contains("675 pods"),
            "{shown}"
        );
        keys(&mut model, "Esc");
        assert!(!screen(&model).contains("VIEWING"));
        // Or one key for each snapshot back.
        assert!(keys(&mut model, "<").contains(&Effect::Past));
    }
}

#[tokio::test]
async fn why_the_list_is_old_stands_on_the_screen_without_a_key() {
    use hss_top::fleet::list_age::ListAgeLimit;
    for size in SIZES {
        let mut model = loaded_model(size).await;
        model.list_age_limit = ListAgeLimit::default();
        let days = jiff::SignedDuration::from_hours(4 * 24);
        model.status.snapshot_at = Some(model.now.checked_sub(days).unwrap());
        let screen = screen(&model);
        assert!(screen.contains("OLD 4d"), "{screen}");
        assert!(screen.contains("HSS last synchronised on"), "{screen}");
        assert!(screen.contains(":sync requests it"), "{screen}");
    }
}

#[tokio::test]
async fn the_mouse_selects_sorts_and_scrolls() {
    for size in SIZES {
        let mut model = loaded_model(size).await;
        let mouse = |model: &mut Model, kind, column, row| {
            let event = MouseEvent {
                kind,
                column,
                row,
                modifiers: KeyModifiers::NONE,
            };
            then(model, Input::Mouse(event))
        };
        let left = MouseEventKind::Down(MouseButton::Left);
        mouse(&mut model, left, 10, 6);
        assert_eq!(model.pods.cursor, 2, "a click selects a row");
        let heading = screen(&model).lines().nth(3).unwrap().to_owned();
        let column = heading.chars().take(heading.find("NAMESPACE").unwrap()).count();
        mouse(&mut model, left, u16::try_from(column).unwrap(), 3);
        assert_eq!(model.sort().key.name(), "ns", "a click on a heading sorts");
        let before = model.pods.cursor;
        mouse(&mut model, MouseEventKind::ScrollDown, 10, 10);
        assert!(model.pods.cursor > before, "the wheel moves");
    }
}

#[tokio::test]
async fn names_are_masked_for_a_shared_screen() {
    for size in SIZES {
        let mut model = loaded_model(size).await;
        let name = model.pod().unwrap().name().value().unwrap().raw().to_owned();
        keys(&mut model, ": m a s k Enter");
        let screen = screen(&model);
        assert!(screen.contains("pod-") && !screen.contains(&name), "{screen}");
    }
}
