//! The pictures of README: the real screens, drawn on the stage. `UPDATE_PICTURE=1 cargo test --locked --test screens picture`
//! renews them.

use hss_top::app::Model;
use hss_top::ui::colours::ColourDepth;
use hss_top::ui::themes::{TerminalLook, shipped_themes};
use hss_top::ui::{SignSet, Themes};
use ratatui::layout::Size;

use crate::support::stage::{draw, loaded_model, press};
use crate::support::svg::{DARK, LIGHT, svg_on};

const SIZE: Size = Size::new(132, 36);

/// The picture of this name is as it was, or is renewed.
fn is_kept(name: &str, picture: &str) {
    let path = format!("{}/assets/{name}.svg", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_PICTURE").is_some() {
        std::fs::write(&path, picture).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == picture,
        "assets/{name}.svg is old: UPDATE_PICTURE=1 renews it"
    );
}

/// The screen in the colours of the theme that suits a dark or a light terminal.
fn picture(model: &mut Model, is_light: bool) -> String {
    let look = TerminalLook {
        depth: ColourDepth::All,
        is_light: Some(is_light),
        signs: SignSet::Utf8,
    };
    model.themes = Themes::new(shipped_themes(), look);
    let buffer = draw(model, *model.themes.theme());
    svg_on(if is_light { LIGHT } else { DARK }, &buffer)
}

#[tokio::test]
async fn the_picture_in_the_readme_is_the_real_screen() {
    let mut model = loaded_model(SIZE).await;
    press(&mut model, "jj");
    is_kept("screen", &picture(&mut model, false));
}

#[tokio::test]
async fn the_pictures_of_the_other_views_are_the_real_screens() {
    let mut overview = loaded_model(SIZE).await;
    press(&mut overview, "2jj");
    is_kept("overview", &picture(&mut overview, true));
    let mut changes = crate::changes::decided_model(SIZE);
    press(&mut changes, "3");
    is_kept("changes", &picture(&mut changes, false));
    let mut detail = crate::detail::charted_model(SIZE);
    is_kept("detail", &picture(&mut detail, false));
    let mut health = crate::health::measured_model(SIZE).await;
    press(&mut health, "4");
    is_kept("health", &picture(&mut health, true));
    let mut past = crate::past::looking_back(SIZE).await;
    is_kept("past", &picture(&mut past, false));
    let mut wall = crate::wall::wall(SIZE).await;
    is_kept("wall", &picture(&mut wall, false));
}
