//! Every screen in ASCII: nothing drawn passes the table of signs by.

use hss_top::app::Model;
use hss_top::app::event::Event;
use hss_top::log::{LogFault, LogTrouble};
use hss_top::ui::{Palette, SignSet, Theme};
use ratatui::layout::Size;

use crate::health::measured_model;
use crate::support::stage::{draw, empty_model, feed, loaded_model, press, text, vanished_model};
use crate::{history, refused_model};

/// Each screen with a name, at one size.
async fn screens(size: Size) -> Vec<(String, Model)> {
    let mut screens = vec![
        ("empty".to_owned(), empty_model(size)),
        ("refused".to_owned(), refused_model(size)),
        ("vanished".to_owned(), vanished_model(size)),
    ];
    let loaded = loaded_model(size).await;
    for keys in [
        "",
        "jj",
        "jj<Enter>",
        "?",
        "s",
        "e",
        ":",
        ":sort ",
        "/pay",
        "/ns:pay cpu%>lots",
        "p",
        "4",
        "N",
        "NI",
        "]]",
    ] {
        let mut model = loaded.clone();
        press(&mut model, keys);
        screens.push((keys.to_owned(), model));
    }
    let mut model = loaded.clone();
    model.places.state = Some("/state".to_owned());
    press(&mut model, "jj<Enter>");
    let history = history(&model);
    feed(&mut model, Event::History(Box::new(history)));
    screens.push(("trend".to_owned(), model));
    let mut model = measured_model(size).await;
    feed(
        &mut model,
        Event::Log(Some(LogTrouble::Off(LogFault::Refused(
            "no storage space".into(),
        )))),
    );
    screens.push(("a warning".to_owned(), model.clone()));
    press(&mut model, "4");
    screens.push(("health".to_owned(), model));
    let mut model = loaded;
    model.status.whole = false;
    model.status.total = Some(3040);
    model.status.skew = Some(jiff::SignedDuration::from_mins(-10));
    screens.push(("partial".to_owned(), model));
    screens
}

fn in_ascii() -> Theme {
    Theme::new(Palette::Sixteen).with_signs(SignSet::Ascii)
}

#[tokio::test]
async fn every_cell_of_every_screen_is_ascii_and_in_its_column() {
    for size in [(80, 24), (120, 40), (200, 60), (40, 10), (20, 4)] {
        for (name, model) in screens(size.into()).await {
            let whole = draw(&model, Theme::new(Palette::Sixteen));
            let ascii = draw(&model, in_ascii());
            for (cell, drawn) in ascii.content.iter().zip(&whole.content) {
                assert!(cell.symbol().is_ascii(), "{name}: {cell:?}");
                assert_eq!(cell.style(), drawn.style(), "{name}");
                // The simulator's names are ASCII, so what is no sign here is missing in the table.
                let is_lost = cell.symbol() == "?" && drawn.symbol() != "?";
                assert!(!is_lost, "{name}: {drawn:?} is not in the table of signs");
                assert!(
                    drawn.symbol() == cell.symbol() || !drawn.symbol().is_ascii(),
                    "{name}"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_table_in_ascii() {
    let mut model = loaded_model(Size::new(80, 24)).await;
    insta::assert_snapshot!("ascii_80x24", text(&draw(&model, in_ascii())));
    model.size = Size::new(200, 60);
    press(&mut model, "jjs");
    insta::assert_snapshot!("ascii_200x60", text(&draw(&model, in_ascii())));
}

#[tokio::test]
async fn the_heart_beats_in_ascii_on_every_terminal() {
    for theme in [Theme::new(Palette::Sixteen), in_ascii()] {
        let mut model = loaded_model(Size::new(80, 24)).await;
        let heart = |model: &Model| draw(model, theme).content.get(78).unwrap().symbol().to_owned();
        let first = heart(&model);
        model.beat += 1;
        let second = heart(&model);
        assert!(
            first != second && first.is_ascii() && second.is_ascii(),
            "{first} {second}"
        );
    }
}
