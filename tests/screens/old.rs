//! What is not of now does not look like now: each view while HSS's own list is days old.

use hss_top::app::Model;
use hss_top::fleet::list_age::ListAgeLimit;
use jiff::SignedDuration;
use ratatui::layout::Size;

use crate::support::stage::{draw, loaded_model, now, press, text};
use crate::{coloured, roles};

/// The list is four days old, and was checked a moment ago.
fn age(model: &mut Model) {
    model.status.snapshot_at = Some(now() - SignedDuration::from_hours(4 * 24));
    model.list_age_limit = ListAgeLimit::default();
}

#[tokio::test]
async fn each_view_of_an_old_list_says_so_and_keeps_its_signs() {
    let size = Size::new(120, 40);
    for (name, keys) in [
        ("pods", "jj"),
        ("detail", "jj<Enter>"),
        ("overview", "2jj"),
        ("health", "4"),
    ] {
        let mut model = loaded_model(size).await;
        if name == "health" {
            model = crate::health::measured_model(size).await;
        }
        age(&mut model);
        press(&mut model, keys);
        let buffer = draw(&model, coloured());
        assert!(text(&buffer).contains("OLD 4d"), "{name}");
        insta::assert_snapshot!(format!("old_{name}_120x40_roles"), roles(&buffer));
    }
    let mut model = crate::changes::decided_model(size);
    age(&mut model);
    press(&mut model, "3");
    let buffer = draw(&model, coloured());
    assert!(text(&buffer).contains("OLD 4d"));
    insta::assert_snapshot!("old_changes_120x40_roles", roles(&buffer));
}
