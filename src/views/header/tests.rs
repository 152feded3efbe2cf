use super::clocks::state_line;
use super::counts::counts;
use super::*;
use crate::app::fixture::empty_model;
use crate::collector::status::Problem;
use crate::fleet::fixture::{node, serverless};
use crate::fleet::{Fleet, Pod, View, ViewRequest};
use crate::hss::Error;
use crate::hss::error::ServiceError;
use crate::hss::skew::{ClockDoubt, LikelyWrong};
use crate::settings::SourceLabel;
use crate::ui::{Palette, Role};
use jiff::SignedDuration;
use ratatui::layout::Size;
use std::time::Duration;
use unicode_width::UnicodeWidthStr as _;

fn model(pods: Vec<Pod>) -> Model {
    let source = SourceLabel {
        profile: String::new(),
        id: crate::fleet::SourceId::default(),
        project: "05d8a4f1c2804c6f8f0b9a7e6d5c4b3a".into(),
        enterprise_project: "all_granted_eps".into(),
        place: "cn-north-4".into(),
        demo: true,
        recorded_at: None,
        is_masked: false,
        plain_text: false,
        signed_in_by: "HUAWEICLOUD_SDK_AK AKOP…".into(),
    };
    let now = "2025-08-15T09:30:15Z".parse().unwrap();
    let mut model = empty_model(Size::new(80, 24), now);
    model.source = source;
    model.fleet = Fleet::from_iter(pods);
    model.view = View::of(&model.fleet, ViewRequest::default(), now);
    model.status.whole = true;
    model
}

fn text(line: &Line<'_>) -> String {
    line.spans.iter().map(|span| span.content.as_ref()).collect()
}

fn counts_of(model: &Model, width: usize) -> String {
    let line = text(&counts(model, &Theme::new(Palette::None), width));
    assert!(line.width() <= width, "{line}");
    line
}

fn title_of(model: &Model, width: usize) -> String {
    let (left, right) = title_lines(model, &Theme::new(Palette::None), width);
    let gap = width.saturating_sub(left.width() + right.width());
    format!("{}{}{}", text(&left), " ".repeat(gap), text(&right))
}

#[test]
fn pods_that_are_not_all_are_told_of_how_many_once_whatever_the_state() {
    let mut model = model(vec![node("a").build(), node("b").build()]);
    assert_eq!(pods(&model), "2 pods");
    model.status.asked_at = Some(model.now);
    model.status.whole = false;
    model.status.total = Some(3040);
    let error = Error::TimedOut {
        waiting_for: "an answer",
        after: Duration::from_secs(30),
    };
    // While a sweep is under way the state word has the one progress there is, whatever is known of earlier ones.
    (model.status.loading, model.status.met) = (true, 1);
    assert!(title_of(&model, 120).contains("LOADING 1 of 3,040"));
    assert_eq!(pods(&model), "2 pods");
    model.status.problem = Some(Problem { error, until: None });
    let line = counts_of(&model, 120);
    assert!(line.starts_with(" 2 of 3,040 pods  ▲ – risk"), "{line}");
    model.status.loading = false;
    model.status.total = None;
    assert_eq!(pods(&model), "2 of ? pods");
    model.view = View::default();
    assert_eq!(counts_of(&model, 120), " – pods", "nothing was told");
}

#[test]
fn a_wait_that_the_service_named_stands_beside_each_state() {
    let mut model = model(vec![node("a").build()]);
    let until = Some(model.now + SignedDuration::from_secs(40));
    for (status, words) in [
        (500, "STALE, waits until "),
        (401, "AUTH, waits until "),
        (403, "DENIED, waits until "),
        (429, "THROTTLED until "),
    ] {
        let error = Error::from(ServiceError {
            status,
            ..ServiceError::default()
        });
        model.status.problem = Some(Problem { error, until });
        let line = text(&state_line(&model, &Theme::new(Palette::None), Trim::Nothing));
        assert!(line.contains(words), "{line}");
    }
}

#[test]
fn what_no_pod_tells_is_no_zero() {
    let silent = model(vec![node("a").build()]);
    let line = counts_of(&silent, 120);
    for part in [
        "▲ – risk",
        "‼ – broken",
        "○ – off",
        "│ security data for 0 of 1 pods",
        "MEM>=90% –",
    ] {
        assert!(line.contains(part), "{line}");
    }
    let told = model(vec![
        node("a").usage("1m", "1", "1Mi", "1Gi").build(),
        serverless("b").security("opened", "clean").build(),
    ]);
    let line = counts_of(&told, 120);
    for part in [
        "▲ 0 risk",
        "‼ 0 broken",
        "○ 0 off",
        "│ security data for 1 of 2 pods",
        "MEM>=90% 0",
    ] {
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn counts_are_left_out_from_the_end_and_what_is_worst_stays() {
    let mut model = model(vec![node("a").build()]);
    model.view.summary.pods = 1_234_567;
    model.view.summary.running = 1_200_000;
    let whole = counts_of(&model, 300);
    let words = [
        "risk", "broken", "off", "security", "failed", "MEM>=90%", "CPU>=90%", "unknown", "pending",
        "running", "done",
    ];
    let places: Vec<usize> = words.iter().map(|word| whole.find(word).unwrap()).collect();
    assert!(places.is_sorted() && !whole.contains('…'), "{whole}");
    for width in 40..whole.width() - 1 {
        let line = counts_of(&model, width);
        let shown =
            words.map(|word| line.contains(word) || (word == "security" && line.contains("data for")));
        assert!(!line.contains('…'), "{line}");
        assert!(shown.is_sorted_by(|before, after| before >= after), "{line}");
    }
    assert!(counts_of(&model, 80).contains("data for 0"));
}

#[test]
fn the_security_counts_say_over_how_many_pods_they_are() {
    let mut model = model(vec![node("a").build()]);
    let summary = &mut model.view.summary;
    (summary.pods, summary.security_told) = (1111, 40);
    (summary.detection_told, summary.protection_told) = (40, 40);
    (
        summary.risk,
        summary.exception,
        summary.unprotected,
        summary.failed,
    ) = (3, 4, 4, 9);
    let line = counts_of(&model, 140);
    let expected =
        " 1,111 pods  ▲ 3 risk   ‼ 4 broken   ○ 4 off   │ security data for 40 of 1,111 pods  ✗ 9 failed";
    assert!(line.starts_with(expected), "{line}");
    // What is wrong goes before the words.
    let line = counts_of(&model, 110);
    assert!(line.contains("│ security data for 40  ✗ 9 failed"), "{line}");
    assert!(line.contains("CPU>=90%"), "{line}");
    let line = counts_of(&model, 80);
    assert!(line.contains("│ data for 40  ✗ 9 failed"), "{line}");
}

#[test]
fn a_count_that_changes_a_little_moves_nothing() {
    let mut model = model(vec![node("a").build()]);
    let place = |model: &Model| counts_of(model, 120).split_once("MEM>=90%").unwrap().0.width();
    let before = place(&model);
    model.view.summary.failed = 12;
    model.view.summary.exception = 1;
    assert_eq!(place(&model), before);
}

/// A model in the middle of its first sweep.
fn loading() -> Model {
    let mut model = model(vec![node("a").build()]);
    let (status, now) = (&mut model.status, model.now);
    status.loading = true;
    status.asked_at = now.checked_sub(SignedDuration::from_secs(2)).ok();
    status.snapshot_at = now.checked_sub(SignedDuration::from_mins(14)).ok();
    (status.met, status.total) = (400, Some(3040));
    (status.calls_left, status.calls_limit) = (3, 5);
    status.pace = Some(10_909);
    status.done_at = now.checked_add(SignedDuration::from_secs(99)).ok();
    model
}

#[test]
fn a_narrow_title_keeps_the_project_and_what_is_left() {
    let line = title_of(&loading(), 80);
    for part in [" 05d8a4…c4b3a ", "LOADING 400 of 3,040 ", "99s left", "3 calls"] {
        assert!(line.contains(part), "{line}");
    }
    for width in 66..200 {
        let line = title_of(&loading(), width);
        assert!(line.width() <= width, "{line}");
        assert!(line.contains("99s left") && line.contains("3 calls"), "{line}");
        assert!(
            line.contains("10,909/min") <= line.contains("all_granted_eps"),
            "{line}"
        );
    }
}

#[test]
fn a_list_that_changed_during_the_sweep_is_said_so_when_it_is_over_too() {
    let mut model = loading();
    model.status.moved = true;
    for (loading, complete) in [(true, false), (false, false), (false, true)] {
        (model.status.loading, model.status.complete) = (loading, complete);
        let line = title_of(&model, 260);
        assert!(line.contains("list changed during the sweep"), "{line}");
    }
}

#[test]
fn what_ticks_moves_nothing_in_the_title() {
    let place = |model: &Model, width: usize, part: &str| {
        let line = title_of(model, width);
        let (before, _) = line.split_once(part).unwrap_or((&line, ""));
        (before.width(), line.width())
    };
    let later = |seconds: i64| {
        let mut model = loading();
        model.now = model.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        model.status.met += 30 * u64::try_from(seconds).unwrap();
        model.status.calls_left = 5;
        model.status.pace = Some(900);
        model
    };
    for width in [80, 100, 120, 160, 200] {
        for part in ["◌", " left", "list", "calls", "05d8"] {
            let places = [0, 30, 88].map(|seconds| place(&later(seconds), width, part));
            assert_eq!(places, [places[0]; 3], "{part} at {width}");
        }
    }
    // The call that was waited for is under way.
    let mut waits = loading();
    waits.status.next_at = waits.now.checked_add(SignedDuration::from_secs(60)).ok();
    for width in [120, 200] {
        assert_eq!(place(&waits, width, "calls"), place(&loading(), width, "calls"));
        assert_eq!(place(&waits, width, "◌"), place(&loading(), width, "◌"));
    }
}

#[test]
fn why_no_call_is_free_stands_in_the_last_line() {
    let why = "calls of other programs are not counted: disk full";
    let mut model = loading();
    model.status.calls_trouble = Some(why.to_owned());
    let area = Rect::new(0, 0, 120, 1);
    let mut buffer = Buffer::empty(area);
    crate::views::footer::render(&model, &Theme::new(crate::ui::Palette::None), area, &mut buffer);
    let line: String = buffer
        .content()
        .iter()
        .map(ratatui::buffer::Cell::symbol)
        .collect();
    assert!(line.contains(why), "{line}");
}

/// A model that waits for the next call.
fn waiting() -> Model {
    let mut model = loading();
    model.status.loading = false;
    (model.status.complete, model.status.pace) = (true, None);
    model.status.next_at = model.now.checked_add(SignedDuration::from_secs(291)).ok();
    model.status.asked_at = model.now.checked_sub(SignedDuration::from_secs(107)).ok();
    model.status.interval = Duration::from_secs(398);
    model
}

#[test]
fn ages_have_two_units_where_there_is_room_and_are_rounded_where_there_is_not() {
    let line = title_of(&waiting(), 200);
    for part in ["list 14m old", "checked 1m47s ago", "next 4m51s", "3 calls left"] {
        assert!(line.contains(part), "{line}");
    }
    let line = title_of(&waiting(), 110);
    assert!(line.contains("checked  2m"), "{line}");
    assert!(
        line.contains("next 4m51s"),
        "a countdown shows each second: {line}"
    );
    let mut model = waiting();
    model.now = model.status.next_at.unwrap();
    assert!(title_of(&model, 200).contains("next now"), "due is due");
}

#[test]
fn a_call_that_hangs_is_told_and_the_state_stays_what_its_age_says() {
    let mut model = waiting();
    model.status.next_at = None;
    model.status.asking_since = model.now.checked_sub(SignedDuration::from_secs(12)).ok();
    let line = title_of(&model, 200);
    assert!(
        line.contains("FRESH") && line.contains("asking for 12s") && !line.contains("next"),
        "{line}"
    );
    let line = title_of(&model, 80);
    assert!(line.contains("asking 12s") && line.contains("3 calls"), "{line}");
}

#[test]
fn an_age_that_the_clock_cannot_tell_is_unknown_and_not_nothing() {
    let ahead = |seconds| {
        let mut model = waiting();
        let at = model.now.checked_add(SignedDuration::from_secs(seconds)).ok();
        (model.status.asked_at, model.status.snapshot_at) = (at, at);
        model.status.called_at = Some(model.now);
        model.status.asking_since = at;
        model
    };
    for (seconds, expected) in [
        (5, ["FRESH", "list 0s old", "checked 0s ago", "asking for 0s"]),
        (100, ["FRESH", "list 0s old", "last check unknown", "next 4m51s"]),
        (
            7200,
            [
                "STALE list",
                "list age unknown",
                "last check unknown",
                "next 4m51s",
            ],
        ),
    ] {
        let line = title_of(&ahead(seconds), 200);
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in expected {
            assert!(line.contains(part), "{seconds}: {part}: {line}");
        }
    }
    // An estimate that was too short does not show how long it will take.
    let mut model = loading();
    model.status.done_at = model.now.checked_sub(SignedDuration::from_secs(1)).ok();
    assert!(title_of(&model, 200).contains("? left"));
}

/// The last line.
fn last_line(model: &Model) -> String {
    let area = Rect::new(0, 0, 140, 1);
    let mut buffer = Buffer::empty(area);
    crate::views::footer::render(model, &Theme::new(Palette::None), area, &mut buffer);
    let cells = buffer.content().iter();
    cells.map(ratatui::buffer::Cell::symbol).collect()
}

#[test]
fn what_the_clocks_say_of_each_other_stands_in_the_last_line() {
    let mut model = waiting();
    model.status.called_at = model.now.checked_add(SignedDuration::from_hours(2)).ok();
    let line = last_line(&model);
    assert!(
        line.contains("no call was made since the clock was set back, though one is due"),
        "{line}"
    );
    model.status.called_at = None;
    model.now = model.now.checked_add(SignedDuration::from_hours(1)).unwrap();
    let line = last_line(&model);
    assert!(
        line.contains("no call was made for 55m, though one is due"),
        "{line}"
    );
    let mut model = waiting();
    for (days, wrong, told) in [
        (
            74 * 366,
            LikelyWrong::Theirs,
            "the service's clock is 74 years ahead of this machine's, and likely wrong",
        ),
        (
            -12,
            LikelyWrong::Theirs,
            "the service's clock is 12 days behind this machine's, and likely wrong",
        ),
        (
            12,
            LikelyWrong::Unknown,
            "the service's clock and this machine's differ by 12 days",
        ),
    ] {
        let difference = SignedDuration::from_hours(24 * days);
        model.status.clock_doubt = Some(ClockDoubt { difference, wrong });
        let line = last_line(&model);
        assert!(line.contains(told), "{line}");
    }
}

#[test]
fn a_list_that_hss_does_not_renew_is_coloured_and_then_old_with_the_way_out() {
    let aged = |hours: i64| {
        let mut model = waiting();
        model.status.snapshot_at = model.now.checked_sub(SignedDuration::from_hours(hours)).ok();
        model
    };
    let theme = Theme::new(Palette::Sixteen);
    for (hours, age, role, word) in [
        (26, "list 1d2h old", Role::Text, "● FRESH"),
        (27, "list 1d3h old", Role::Warn, "● FRESH"),
        (96, "list 4d old", Role::Bad, "▲ OLD 4d"),
    ] {
        let model = aged(hours);
        let line = state_line(&model, &theme, Trim::Nothing);
        let spans = &line.spans;
        let span = spans
            .iter()
            .find(|span| span.content.starts_with("list "))
            .unwrap();
        assert_eq!((span.content.as_ref(), span.style), (age, theme.style(role)));
        assert!(text(&line).starts_with(word), "{line}");
    }
    let line = last_line(&aged(96));
    assert!(
        line.contains("HSS last synchronised on Aug 11 09:30; :sync requests it; check the cluster's agent"),
        "{line}"
    );
    let mut patient = aged(96);
    patient.list_age_limit = crate::fleet::list_age::ListAgeLimit::read("7days").unwrap();
    assert!(title_of(&patient, 200).contains("FRESH"));
}

#[test]
fn an_incomplete_list_is_loading_until_its_first_rows_are_on_the_screen() {
    let mut model = model(vec![node("a").build(), node("b").build()]);
    model.status.asked_at = Some(model.now);
    (model.status.met, model.status.total) = (2, Some(8));
    let view = std::mem::take(&mut model.view);
    assert!(title_of(&model, 120).contains("LOADING 2 of 8"));
    model.view = view;
    assert!(title_of(&model, 120).contains("PARTIAL 2 of 8"));
}

#[test]
fn the_changes_have_a_gap_before_them_at_every_width() {
    let mut model = model(vec![node("a").build()]);
    model.unread = crate::app::unread::UnreadChanges::of_number(136);
    for width in 60..240 {
        let line = counts_of(&model, width);
        assert!(
            !line.contains("unread") || line.contains("  136 unread"),
            "{width}: {line}"
        );
    }
}

#[test]
fn a_recording_has_no_next_check_at_any_width() {
    let mut model = waiting();
    assert!(title_of(&model, 200).contains(" next "));
    model.source.recorded_at = Some(model.now);
    for width in 40..200 {
        let title = title_of(&model, width);
        assert!(!title.contains("next") && !title.contains("calls"), "{title}");
    }
}

#[test]
fn a_masked_recording_says_so_at_every_width() {
    let mut model = model(vec![node("a").build()]);
    model.source.recorded_at = Some(model.now);
    for width in [80, 120, 200] {
        assert!(!title_of(&model, width).contains("masked"));
    }
    model.source.is_masked = true;
    for width in [80, 120, 200] {
        let title = title_of(&model, width);
        assert!(
            title.contains("REPLAY 2025-08-15") && title.contains(" masked"),
            "{title}"
        );
    }
}

#[test]
fn above_a_filtered_overview_each_count_is_what_its_rows_add_up_to_of_all() {
    use crate::fleet::overview::OverviewSort;
    use crate::fleet::query::Query;
    use crate::keys::ViewKind;
    let risky = |name: &str| serverless(name).security("opened", "risk").build();
    let broken = serverless("c").security("protection_exception", "clean").build();
    let mut model = model(vec![
        risky("a"),
        risky("b"),
        broken,
        node("ab").status("Failed").build(),
    ]);
    let filtered = |filter: &str| ViewRequest {
        filter: Query::parse(filter).unwrap(),
        overview: Some(OverviewSort::default()),
        ..ViewRequest::default()
    };
    model.focus.show(ViewKind::Overview);
    for (filter, shown) in [
        ("", ["▲ 2 ", "‼ 1 ", "○ 0 ", "✗ 1 "]),
        ("pod:a", ["▲ 1/2 ", "‼ 0/1 ", "○ 0/0 ", "✗ 1/1 "]),
        ("detect:clean", ["▲ 0/2 ", "‼ 1/1 ", "○ 0/0 ", "✗ 0/1 "]),
    ] {
        model.view = View::of(&model.fleet, filtered(filter), model.now);
        let line = counts_of(&model, 160);
        for count in shown {
            assert!(line.contains(count), "{filter}: {count}: {line}");
        }
        let rows = model.overview().unwrap().rows();
        let sum = rows.map(|row| row.counts.summary.risk).sum::<usize>();
        let first = line.split('▲').nth(1).unwrap().trim_start();
        let first: String = first.chars().take_while(char::is_ascii_digit).collect();
        assert_eq!(sum.to_string(), first, "{filter}: {line}");
    }
    // In the table nothing adds up: its rows are pods.
    model.focus.show(ViewKind::Pods);
    assert!(counts_of(&model, 160).contains("▲ 2 "));
}
