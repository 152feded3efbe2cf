//! The menu of the saved views.

use hss_top::app::saved_views::SavedViews;
use hss_top::fleet::fields::{ColumnList, PodField};
use hss_top::keys::ViewKind;
use hss_top::settings::{SavedView, ViewOrigin};
use ratatui::layout::Size;

use crate::support::stage::{draw, loaded_model, press, text};
use crate::{coloured, roles};

fn views() -> SavedViews {
    let hot = SavedView {
        name: "hot".into(),
        filter: "cpu%>=80 mem%>=80".into(),
        sort: PodField::CpuPercent.first_direction().reversed(),
        columns: Some(ColumnList::parse("risk,pod:40,ns,cpu%,mem%,memlimit").unwrap()),
        problems: true,
        ..SavedView::default()
    };
    let mut views = SavedViews::configured(vec![hot]);
    let saved = |name: &str, view, filter: &str| SavedView {
        name: name.into(),
        view: Some(view),
        filter: filter.into(),
        origin: ViewOrigin::Saved,
        ..SavedView::default()
    };
    let mut odd = saved("odd", ViewKind::Pods, "ns:payments");
    odd.faults.push("/state/views.toml line 9: views.odd.sort is cpuu, but must be a field to sort by; did you mean cpu%?; the rest of the view applies".into());
    views.renew(vec![
        saved("flaps", ViewKind::Changes, "changed:status"),
        saved("night shift of the payments team", ViewKind::Overview, "ns:prod*"),
        odd,
    ]);
    views
}

#[tokio::test]
async fn the_menu_lists_the_views_and_what_the_chosen_one_sets() {
    let mut model = loaded_model(Size::new(80, 24)).await;
    press(&mut model, "V");
    insta::assert_snapshot!("saved_views_none_80x24", text(&draw(&model, coloured())));
    model.saved_views = views();
    press(&mut model, "j");
    for (width, height) in [(80, 24), (200, 60), (40, 10)] {
        model.size = Size::new(width, height);
        let buffer = draw(&model, coloured());
        insta::assert_snapshot!(format!("saved_views_{width}x{height}"), text(&buffer));
    }
    model.size = Size::new(120, 40);
    press(&mut model, "G");
    let buffer = draw(&model, coloured());
    insta::assert_snapshot!("saved_views_120x40", text(&buffer));
    insta::assert_snapshot!("saved_views_120x40_roles", roles(&buffer));
}
