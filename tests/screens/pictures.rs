//! The pictures of README: the real screens, drawn on the stage. `UPDATE_PICTURE=1 cargo test --locked --test screens picture`
//! renews them.

use hss_top::app::Model;
use jiff::SignedDuration;
use ratatui::layout::Size;

use crate::support::stage::{draw, loaded_model, now, press};
use crate::support::svg::svg;
use crate::themes_named;

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

/// The screen in the theme for a dark or a light terminal.
fn picture(model: &mut Model, is_light: bool) -> String {
    model.themes = themes_named(if is_light { "light" } else { "dark" });
    svg(&draw(model, *model.themes.theme()))
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
    let status = &mut detail.status;
    (status.loading, status.whole, status.complete) = (false, true, true);
    (status.met, status.total, status.asked_at) = (4, Some(4), Some(now()));
    status.snapshot_at = now().checked_sub(SignedDuration::from_mins(14)).ok();
    status.next_at = now().checked_add(SignedDuration::from_mins(1)).ok();
    is_kept("detail", &picture(&mut detail, false));
    let mut health = crate::health::measured_model(SIZE).await;
    press(&mut health, "4");
    is_kept("health", &picture(&mut health, true));
    let mut past = crate::past::looking_back(SIZE).await;
    is_kept("past", &picture(&mut past, false));
    let mut wall = crate::wall::wall(SIZE).await;
    is_kept("wall", &picture(&mut wall, false));
}
