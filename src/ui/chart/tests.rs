use super::*;
use crate::ui::Palette;
use proptest::prelude::*;

const NOW: i64 = 1_755_250_215; // 2025-08-15 09:30:15 UTC
const MI: u64 = 1 << 20;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Points at this distance in minutes for this many hours up to now, except those that `skips` selects.
fn points(minutes: i64, hours: i64, amount: impl Fn(i64) -> u64, skips: impl Fn(i64) -> bool) -> Vec<Point> {
    let ages = (0..=hours * 60 / minutes).rev().map(|number| number * minutes);
    ages.filter(|age| !skips(*age))
        .map(|age| Point {
            at: at(NOW - age * 60),
            amount: amount(age),
        })
        .collect()
}

fn text(lines: &[Line<'_>]) -> Vec<String> {
    lines
        .iter()
        .map(|line| line.to_string().replace('\u{2800}', " ").trim_end().to_owned())
        .collect()
}

fn drawn(points: &[Point], limit: Option<u64>, hours: i64, size: ChartSize) -> Vec<String> {
    let chart = UsageChart {
        points,
        measure: Measure::Memory,
        limit,
        seconds: hours * 3600,
        now: at(NOW),
        zone: &TimeZone::UTC,
        watched: &[],
        created: None,
        has_ended: false,
    };
    text(&chart.lines(size, &Theme::new(Palette::None)))
}

const SMALL: ChartSize = ChartSize { width: 48, rows: 5 };

#[test]
fn a_rising_use_with_a_gap_under_its_limit() {
    let rising = points(
        5,
        6,
        |age| (512 - u64::try_from(age).unwrap()) * MI,
        |age| (150..220).contains(&age),
    );
    insta::assert_snapshot!(drawn(&rising, Some(512 * MI), 6, SMALL).join("\n"));
}

#[test]
fn what_is_over_its_limit_makes_the_axis_grow() {
    let over = points(
        15,
        24,
        |age| if age < 300 { 600 * MI } else { 300 * MI },
        |_| false,
    );
    insta::assert_snapshot!(drawn(&over, Some(512 * MI), 24, SMALL).join("\n"));
}

#[test]
fn without_a_limit_the_top_is_a_round_amount_and_no_threshold_is_drawn() {
    let even = points(15, 24, |_| 300 * MI, |_| false);
    let drawn = drawn(&even, None, 24, SMALL);
    assert!(drawn[0].starts_with("  512Mi ┄"), "{drawn:#?}");
    assert!(!drawn.concat().contains('%') && !drawn.concat().contains("limit"));
}

#[test]
fn without_a_sample_the_picture_has_its_lines_and_no_area() {
    let old = points(15, 2, |_| MI, |age| age < 100);
    for points in [&old[..], &[]] {
        let drawn = drawn(points, Some(MI), 1, SMALL);
        assert!(
            drawn[0].contains("limit") && !drawn.concat().contains('⣿'),
            "{drawn:#?}"
        );
        assert_eq!(drawn.len(), 6);
    }
}

#[test]
fn a_place_that_is_too_small_has_no_picture() {
    for (width, rows) in [(0, 5), (GUTTER + NARROWEST - 1, 5), (48, 0)] {
        assert_eq!(drawn(&[], None, 6, ChartSize { width, rows }).len(), 0);
    }
}

#[test]
fn zero_is_a_line_of_dots_and_no_gap() {
    let idle = points(15, 6, |_| 0, |_| false);
    let drawn = drawn(&idle, Some(MI), 6, SMALL);
    assert!(drawn[4].contains("⣀⣀⣀⣀⣀"), "{drawn:#?}");
}

#[test]
fn the_colour_of_a_column_is_what_it_means() {
    let points = points(15, 6, |age| if age < 60 { 95 } else { 10 }, |_| false);
    let chart = UsageChart {
        points: &points,
        measure: Measure::Memory,
        limit: Some(100),
        seconds: 6 * 3600,
        now: at(NOW),
        zone: &TimeZone::UTC,
        watched: &[],
        created: None,
        has_ended: false,
    };
    let theme = Theme::new(Palette::Sixteen);
    let lines = chart.lines(SMALL, &theme);
    let bottom = &lines[4].spans;
    let bad = theme.style(Role::Bad).fg;
    assert!(
        bottom
            .iter()
            .any(|span| span.style.fg == bad && span.content.contains('⣿'))
    );
    assert!(
        bottom
            .iter()
            .any(|span| span.style.fg.is_none() && span.content.contains('⣶'))
    );
}

proptest! {
    /// Every line has the given width, whatever the usage; nothing panics.
    #[test]
    fn every_line_has_its_width(
        amounts in prop::collection::vec((0_i64..8_000_000, any::<u64>()), 0..50),
        limit in prop::option::of(any::<u64>()),
        width in 0_usize..200,
        rows in 0_usize..30,
        hours in 1_i64..2200,
    ) {
        let mut points: Vec<Point> = amounts
            .into_iter()
            .map(|(age, amount)| Point { at: at(NOW - age), amount })
            .collect();
        points.sort_by_key(|point| point.at);
        for measure in [Measure::Cpu, Measure::Memory] {
            let chart = UsageChart {
                points: &points,
                measure,
                limit,
                seconds: hours * 3600,
                now: at(NOW),
                zone: &TimeZone::UTC,
                watched: &[],
                created: None,
                has_ended: false,
            };
            let lines = chart.lines(ChartSize { width, rows }, &Theme::new(Palette::None));
            for line in &lines {
                prop_assert_eq!(line.width(), width);
            }
        }
    }
}

#[test]
fn a_short_life_says_when_it_began_and_ended_and_two_lists_that_were_watched_have_no_gap() {
    let samples = [230, 200].map(|age| Point {
        at: at(NOW - age * 60),
        amount: 100 * MI,
    });
    let watched = [WatchedSpan {
        from: at(NOW - 400 * 60),
        to: at(NOW),
    }];
    let drawn = |watched: &[WatchedSpan], created: i64, has_ended: bool| {
        let chart = UsageChart {
            points: &samples,
            measure: Measure::Memory,
            limit: None,
            seconds: 6 * 3600,
            now: at(NOW),
            zone: &TimeZone::UTC,
            watched,
            created: Some(at(NOW - created * 60)),
            has_ended,
        };
        let size = ChartSize { width: 108, rows: 3 };
        text(&chart.lines(size, &Theme::new(Palette::None)))[2].clone()
    };
    let ended = drawn(&watched, 240, true);
    assert!(ended.contains(" before it was created "), "{ended}");
    assert!(ended.contains(" ended"), "{ended}");
    assert!(!ended.contains("gap") && !ended.contains("kept"), "{ended}");
    let older = drawn(&watched, 1000, false);
    assert!(
        older.contains(" nothing kept ") && !older.contains("ended"),
        "{older}"
    );
    assert!(drawn(&[], 240, true).contains(" gap "), "that is unknown");
    let parted = [(-400, -225), (-210, 0)].map(|(from, to)| WatchedSpan {
        from: at(NOW + from * 60),
        to: at(NOW + to * 60),
    });
    assert!(drawn(&parted, 240, true).contains(" gap "), "nobody looked");
}
