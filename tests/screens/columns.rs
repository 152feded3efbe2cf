//! The table with columns that somebody chose, scrolled sideways and down, and the list to choose from.

use hss_top::ui::{Palette, Theme};
use ratatui::layout::Size;

use super::support::stage::{draw, loaded_model, press, text};

#[tokio::test]
async fn chosen_columns_at_every_size() {
    for size in [Size::new(80, 24), Size::new(120, 40), Size::new(200, 60)] {
        let mut model = loaded_model(size).await;
        press(
            &mut model,
            ":columns risk,pod,nodeip,cluster_id,create_time,protect_status,mem,memlimit,mem%,region<Enter>",
        );
        let name = |what: &str| format!("columns_{what}_{}x{}", size.width, size.height);
        insta::assert_snapshot!(name("chosen"), text(&draw(&model, Theme::new(Palette::Sixteen))));
        press(&mut model, "ll]jjj");
        insta::assert_snapshot!(
            name("scrolled"),
            text(&draw(&model, Theme::new(Palette::Sixteen)))
        );
        press(&mut model, "wjj++");
        insta::assert_snapshot!(name("list"), text(&draw(&model, Theme::new(Palette::Sixteen))));
    }
}

#[tokio::test]
async fn what_is_beyond_the_edges_is_said_there() {
    let mut model = loaded_model(Size::new(80, 24)).await;
    let heading = |model: &hss_top::app::Model| {
        let screen = text(&draw(model, Theme::new(Palette::None)));
        screen.lines().nth(3).unwrap().to_owned()
    };
    let first = heading(&model);
    assert!(first.ends_with('›') && !first.contains('‹'), "{first}");
    press(&mut model, "l");
    let second = heading(&model);
    assert!(second.ends_with('›') && second.contains("‹STATUS"), "{second}");
    press(&mut model, "llllllllllll");
    let last = heading(&model);
    assert!(
        last.contains('‹') && !last.contains('›') && last.contains("NODE IP"),
        "{last}"
    );
}

/// A narrow screen shows the states of a pod whole.
#[tokio::test]
async fn eighty_columns_show_protection_and_what_was_never_scanned_uncut() {
    let model = loaded_model(Size::new(80, 24)).await;
    let screen = text(&draw(&model, Theme::new(Palette::Sixteen)));
    for word in [
        "PROTECT",
        "‼ broken",
        "○ off",
        "not scanned ",
        "● clean",
        "Running ",
        "MEM",
    ] {
        assert!(screen.contains(word), "{word}: {screen}");
    }
}
