//! A wall: the state and the counts in large letters, and the keys that work there.

use std::time::Duration;

use hss_top::alerts::QuietHours;
use hss_top::settings::KioskChoice;

use super::alerts::alerted_model;
use super::*;

/// The pods on a wall.
pub(crate) async fn wall(size: Size) -> Model {
    on_a_wall(loaded_model(size).await)
}

fn on_a_wall(mut model: Model) -> Model {
    model.begin_kiosk(&KioskChoice {
        is_on: true,
        views: Vec::new(),
        every: Duration::from_secs(30),
        dim: None,
    });
    model
}

#[tokio::test]
async fn a_wall_has_large_letters_from_the_usual_terminal_on_and_no_key_that_it_refuses() {
    let sizes = [(80, 24), (120, 40), (200, 60), (280, 70)];
    for size in sizes.map(|(width, height)| Size::new(width, height)) {
        let model = wall(size).await;
        let buffer = draw(&model, coloured());
        let screen = text(&buffer);
        let name = format!("wall_{}x{}", size.width, size.height);
        insta::assert_snapshot!(name.clone(), screen);
        insta::assert_snapshot!(format!("{name}_roles"), roles(&buffer));
        assert!(screen.contains("^x q ends the wall"), "{screen}");
        // Where the letters are larger these words are too.
        for word in ["at risk", "broken", "failed"] {
            assert_eq!(
                screen.lines().take(8).any(|line| line.contains(word)),
                size.height < 46,
                "{screen}"
            );
        }
        for refused in [" filter", " command", " sort", " columns", " export", " quit"] {
            assert!(!screen.contains(refused), "{refused}: {screen}");
        }
    }
}

/// The rows of the large letters, as `#` where a dot is.
fn dots(buffer: &Buffer, rows: u16) -> Vec<String> {
    let dot = |x: u16, y: u16| {
        let cell = &buffer[(x, y)];
        let is_dot = cell.modifier.contains(Modifier::REVERSED) && cell.symbol() == " ";
        if is_dot { '#' } else { ' ' }
    };
    (0..rows)
        .map(|y| (0..buffer.area.width).map(|x| dot(x, y)).collect())
        .collect()
}

/// The colour of the first letter.
fn colour_of_word(buffer: &Buffer) -> Color {
    let mut cells = (0..buffer.area.width).map(|x| &buffer[(x, 0)]);
    let dot = cells.find(|cell| cell.modifier.contains(Modifier::REVERSED));
    dot.unwrap().fg
}

#[tokio::test]
async fn while_an_alert_waits_the_wall_says_so_in_large_letters_in_turns_with_the_state() {
    for (width, height, rows) in [(80, 24, 5), (120, 40, 5), (200, 60, 10), (280, 70, 15)] {
        let mut model = on_a_wall(alerted_model(Size::new(width, height)).await);
        press(&mut model, "3");
        let buffer = draw(&model, coloured());
        let name = format!("wall_alert_{width}x{height}");
        let screen = text(&buffer);
        assert!(screen.contains("3 new risks"), "{screen}");
        insta::assert_snapshot!(name.clone(), screen);
        insta::assert_snapshot!(format!("{name}_dots"), dots(&buffer, rows).join("\n"));
        let alert = dots(&buffer, rows);
        assert_eq!(colour_of_word(&buffer), Color::LightRed, "that of its severity");
        model.beat += 4;
        let buffer = draw(&model, coloured());
        let state = dots(&buffer, rows);
        assert_eq!(colour_of_word(&buffer), Color::Green);
        // The counts stay where they are.
        let counts = |rows: &[String]| -> Vec<String> {
            let from = usize::from(width) / 2 + 2;
            rows.iter()
                .map(|row| row.get(from..).unwrap_or_default().to_owned())
                .collect()
        };
        assert_eq!(counts(&alert), counts(&state), "{width}x{height}");
        assert_ne!(alert, state);
    }
    // A terminal without colours, and one without other signs: the words tell it.
    let model = on_a_wall(alerted_model(Size::new(80, 24)).await);
    for theme in [
        Theme::new(Palette::None),
        Theme::new(Palette::None).with_signs(SignSet::Ascii),
    ] {
        let buffer = draw(&model, theme);
        assert_eq!(dots(&buffer, 5), dots(&draw(&model, coloured()), 5));
        assert!(text(&buffer).contains("3 new risks"));
    }
}

/// The part of a screen's rows that the letters of the state fill.
fn letters(buffer: &Buffer) -> f64 {
    let is_dot = |y: &u16| {
        let cell = &buffer[(1, *y)];
        cell.modifier.contains(Modifier::REVERSED) && cell.symbol() == " "
    };
    let rows = (0..buffer.area.height).take_while(is_dot).count();
    f64::from(u16::try_from(rows).unwrap()) / f64::from(buffer.area.height)
}

#[tokio::test]
async fn the_letters_fill_the_same_part_of_every_wall_and_have_the_colours_of_the_header() {
    for (width, height) in [(80, 24), (120, 24), (160, 46), (280, 70), (400, 94)] {
        let model = wall(Size::new(width, height)).await;
        let buffer = draw(&model, coloured());
        let part = letters(&buffer);
        assert!((0.18..0.24).contains(&part), "{width}x{height}: {part}");
        let colours: Vec<Color> = (0..width)
            .map(|x| buffer[(x, 0)].fg)
            .filter(|colour| *colour != Color::Reset)
            .collect();
        // The state is fresh, and there are risks, broken protection and failed pods.
        assert!(colours.contains(&Color::Green) && colours.contains(&Color::LightRed));
        assert!(
            !colours.contains(&Color::Yellow),
            "what is red below is red above: {width}x{height}"
        );
    }
}

#[tokio::test]
async fn a_wall_has_a_clock_with_its_zone_and_a_heart_and_moves_and_dims_at_night() {
    let mut model = wall(Size::new(120, 40)).await;
    let line = |model: &Model| {
        let screen = text(&draw(model, coloured()));
        screen.lines().nth(6).unwrap().trim().to_owned()
    };
    model.beat = 2;
    let even = line(&model);
    model.beat = 3;
    let odd = line(&model);
    let (clock, heart) = even.rsplit_once(' ').unwrap();
    assert_eq!(odd.rsplit_once(' ').unwrap().0, clock);
    assert_ne!(odd.rsplit_once(' ').unwrap().1, heart);
    let zone = now()
        .to_zoned_datetime(model.zone.clone())
        .strftime("%Z")
        .to_string();
    assert!(clock.ends_with(&zone) && clock.contains(':'), "{clock}");

    let left = |model: &Model| {
        let screen = text(&draw(model, coloured()));
        screen.lines().rev().find_map(|line| line.find('?'))
    };
    model.beat = 0;
    let before = left(&model);
    model.beat = 300;
    assert_ne!(left(&model), before, "the picture moves");

    let is_dark = |model: &Model| {
        let buffer = draw(model, coloured());
        buffer
            .content
            .iter()
            .all(|cell| cell.modifier.contains(Modifier::DIM))
    };
    assert!(!is_dark(&model));
    model.begin_kiosk(&KioskChoice {
        is_on: true,
        views: Vec::new(),
        every: Duration::from_secs(30),
        dim: QuietHours::read("00:00-23:59", &model.zone),
    });
    assert!(is_dark(&model));
}

#[tokio::test]
async fn a_wall_is_drawn_on_a_terminal_of_any_size() {
    let mut model = wall(Size::new(120, 40)).await;
    for width in [1, 2, 39, 40, 59, 60, 79, 131, 280, 500] {
        for height in [1, 2, 11, 12, 23, 24, 45, 46, 70, 150] {
            feed(
                &mut model,
                Event::Input(crossterm::event::Event::Resize(width, height)),
            );
            let buffer = draw(&model, coloured());
            assert_eq!((buffer.area.width, buffer.area.height), (width, height));
        }
    }
}
