//! The overview at the sizes that matter, in each state of the list.

use hss_top::app::Model;
use hss_top::collector::status::Problem;
use hss_top::fleet::list_age::ListAgeLimit;
use hss_top::hss::Error;
use hss_top::ui::{Palette, SignSet, Theme};
use ratatui::layout::Size;

use crate::support::stage::{draw, empty_model, loaded_model, press, text};
use crate::{coloured, roles};

const SIZES: [Size; 5] = [
    Size::new(80, 24),
    Size::new(120, 40),
    Size::new(200, 60),
    Size::new(280, 70),
    Size::new(40, 10),
];

async fn overview(size: Size) -> Model {
    let mut model = loaded_model(size).await;
    press(&mut model, "2jj");
    model
}

fn snapshot(name: &str, model: &Model) {
    let Size { width, height } = model.size;
    let screen = text(&draw(model, coloured()));
    insta::assert_snapshot!(format!("{name}_{width}x{height}"), screen);
}

#[tokio::test]
async fn the_overview_at_every_size() {
    for size in SIZES {
        let model = overview(size).await;
        snapshot("fresh", &model);
        let buffer = draw(&model, coloured());
        insta::assert_snapshot!(format!("roles_{}x{}", size.width, size.height), roles(&buffer));
    }
}

#[tokio::test]
async fn a_heading_ends_where_its_numbers_end_at_every_width() {
    let mut model = overview(Size::new(80, 40)).await;
    for width in (80..=280).step_by(8) {
        model.size = Size::new(width, 40);
        let screen = text(&draw(&model, coloured()));
        let mut lines = screen.lines().skip_while(|line| !line.contains("WORST"));
        let heading = lines.next().unwrap();
        let rows: Vec<Vec<char>> = lines.take(15).map(|line| line.chars().collect()).collect();
        for title in ["PODS", "OFF", "BROKEN", "RISK", "FAILED", ">=90%", "NO LIMIT"] {
            let Some((before, _)) = heading.split_once(title) else {
                continue;
            };
            let end = before.chars().count() + title.len();
            for row in &rows {
                let (last, next) = (row[end - 1], row.get(end).copied().unwrap_or(' '));
                let is_number = last.is_ascii_digit() || last == '–';
                assert!(is_number && [' ', '/'].contains(&next), "{title}: {screen}");
            }
        }
    }
}

#[tokio::test]
async fn a_filter_counts_what_passes_and_says_so() {
    for size in SIZES {
        let mut model = overview(size).await;
        press(&mut model, "/kind:serverless<Enter>");
        snapshot("filtered", &model);
        let screen = text(&draw(&model, coloured()));
        assert!(screen.contains("40 of 1,111 pods") || size.width < 80, "{screen}");
    }
}

#[tokio::test]
async fn what_is_not_whole_or_not_current_says_so() {
    for size in SIZES {
        let mut model = overview(size).await;
        model.status.loading = true;
        model.status.whole = false;
        model.status.total = Some(3000);
        snapshot("loading", &model);
        let mut model = overview(size).await;
        model.list_age_limit = ListAgeLimit::read("1h").unwrap_or_default();
        model.status.snapshot_at = model.now.checked_sub(jiff::SignedDuration::from_hours(96)).ok();
        snapshot("old", &model);
        let mut model = empty_model(size);
        press(&mut model, "2");
        snapshot("empty", &model);
        model.status.problem = Some(Problem {
            error: Error::Incomplete,
            until: None,
        });
        snapshot("refused", &model);
    }
}

#[tokio::test]
async fn the_overview_in_ascii_and_without_colours() {
    let model = overview(Size::new(120, 40)).await;
    let theme = Theme::new(Palette::None).with_signs(SignSet::Ascii);
    let screen = text(&draw(&model, theme));
    assert!(screen.is_ascii(), "{screen}");
    insta::assert_snapshot!("ascii_120x40", screen);
}

/// Which namespaces and clusters have serverless pods without protection, and how many: two keys.
#[tokio::test]
async fn pods_without_protection_are_found_by_namespace_and_cluster_in_two_keys() {
    for size in [Size::new(80, 24), Size::new(120, 40), Size::new(200, 60)] {
        let mut model = loaded_model(size).await;
        press(&mut model, "2O");
        let screen = text(&draw(&model, coloured()));
        let mut off = 0;
        for row in model.overview().unwrap().rows() {
            let counts = &row.counts.summary;
            if counts.unprotected == 0 {
                continue;
            }
            off += counts.unprotected;
            let names =
                [&row.key.cluster, &row.key.namespace].map(|name| name.value().unwrap().shown().to_owned());
            let line = screen
                .lines()
                .find(|line| names.iter().all(|name| line.contains(name.as_str())))
                .unwrap();
            let numbers: Vec<&str> = line.split_whitespace().collect();
            assert!(
                numbers.contains(&counts.unprotected.to_string().as_str()),
                "{line}"
            );
        }
        assert_eq!(off, model.fleet.summary().unprotected);
        assert!(off > 0 && screen.contains("OFF▼"), "{screen}");
    }
}
