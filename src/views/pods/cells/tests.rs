use super::*;
use crate::fleet::fixture::{node, serverless};
use crate::fleet::news::ChangeMark;
use crate::ui::Palette;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

#[test]
fn the_sign_before_the_score_is_that_of_the_main_reason() {
    let theme = Theme::new(Palette::Sixteen);
    let cell = |pod: &Pod| {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 5, 1));
        let context = Context {
            pod,
            gone: None,
            mark: None,
            loud: loud(pod, |_| true),
            now: "2025-08-15T09:30:15Z".parse().unwrap(),
            zone: &TimeZone::UTC,
            cuts: &[],
            theme: &theme,
        };
        risk_cell(context, Slot::new(&mut buffer, 0, 0, 5));
        buffer.content.iter().map(Cell::symbol).collect::<String>()
    };
    let serverless = |protection, detection| serverless("a").security(protection, detection).build();
    let node = |status| node("a").status(status).build();
    let cases = [
        (serverless("opened", "risk"), " ▲ 60"),
        (node("Failed"), " ✗ 35"),
        (serverless("protection_exception", "clean"), " ‼ 40"),
        (node("Evicted"), " ? 30"),
        (node("Pending"), " ◐ 20"),
        (serverless("closed", "clean"), " ○ 20"),
        (serverless("opened", "undetected"), " ○  3"),
        (serverless("opened", "half"), " ?  5"),
        (node("Running"), "    0"),
    ];
    for (pod, shown) in cases {
        assert_eq!(cell(&pod), shown);
    }
    assert_eq!(cell(&used("95m", "10Mi")), " % 30");
    assert_eq!(cell(&used("10m", "75Mi")), " % 10");
}

#[test]
fn the_main_reason_is_loud_or_the_score_where_it_is_not_shown() {
    let pod = serverless("a")
        .usage("10m", "100m", "99Mi", "100Mi")
        .security("opened", "risk")
        .build();
    for (shown, field) in [
        (
            &[PodField::Risk, PodField::Detection, PodField::MemoryPercent][..],
            PodField::Detection,
        ),
        (&[PodField::Risk, PodField::MemoryPercent], PodField::Risk),
        (&[], PodField::Risk),
    ] {
        assert_eq!(loud(&pod, |field| shown.contains(&field)), field);
    }
    assert_eq!(loud(&node("Running").build(), |_| true), PodField::Risk);
    let theme = Theme::new(Palette::Sixteen);
    let context = Context {
        pod: &pod,
        gone: None,
        now: "2025-08-15T09:30:15Z".parse().unwrap(),
        mark: None,
        loud: PodField::Detection,
        zone: &TimeZone::UTC,
        cuts: &[],
        theme: &theme,
    };
    let bad = theme.style(Role::Bad);
    assert_eq!(context.style(PodField::Detection, Role::Bad), bad);
    let other = context.style(PodField::MemoryPercent, Role::Bad);
    assert!(other.fg != bad.fg && other.add_modifier.contains(Modifier::BOLD));
}

#[test]
fn what_changed_stands_behind_the_score_where_there_is_room() {
    let theme = Theme::new(Palette::None);
    let pod = serverless("a").security("opened", "risk").build();
    for (mark, width, shown) in [
        (Some(RowMark::Lately(ChangeMark::NewRisk)), 9, " ▲ 60 NEW"),
        (Some(RowMark::Lately(ChangeMark::Rose)), 9, " ▲ 60 ↑  "),
        (Some(RowMark::Lately(ChangeMark::Fell)), 9, " ▲ 60 ↓  "),
        (None, 9, " ▲ 60    "),
        (Some(RowMark::Lately(ChangeMark::NewRisk)), 5, " ▲ 60"),
    ] {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, 1));
        let context = Context {
            pod: &pod,
            gone: None,
            now: "2025-08-15T09:30:15Z".parse().unwrap(),
            mark,
            loud: PodField::Risk,
            zone: &TimeZone::UTC,
            cuts: &[],
            theme: &theme,
        };
        risk_cell(context, Slot::new(&mut buffer, 0, 0, usize::from(width)));
        let line: String = buffer.content.iter().map(Cell::symbol).collect();
        assert_eq!(line, shown);
    }
}

fn used(cpu: &str, memory: &str) -> Pod {
    node("a").usage(cpu, "100m", memory, "100Mi").build()
}

#[test]
fn no_cell_goes_beyond_its_place() {
    let theme = Theme::new(Palette::Sixteen);
    let pods = [
        node("a\u{202e}b")
            .status("Evicted-by-somebody-strange")
            .usage("5", "1", "1", "0")
            .build(),
        serverless(&"x".repeat(300))
            .usage("12%", "1", "", "")
            .security("opened", "half-risky")
            .build(),
        node("生产-网关")
            .usage("1", "3", "1Gi", "1Gi")
            .created_ms(1_700_000_000_000)
            .build(),
    ];
    for pod in &pods {
        for width in [1, 5, 9, 14, 40] {
            for column in PodColumn::all() {
                let context = Context {
                    pod,
                    gone: None,
                    mark: Some(RowMark::Lately(ChangeMark::NewRisk)),
                    now: "2025-08-15T09:30:15Z".parse().unwrap(),
                    loud: PodField::Risk,
                    zone: &TimeZone::UTC,
                    cuts: &[],
                    theme: &theme,
                };
                let blank = Buffer::filled(Rect::new(0, 0, width + 2, 1), Cell::new("·"));
                let mut buffer = blank.clone();
                draw(column, context, Slot::new(&mut buffer, 1, 0, usize::from(width)));
                assert_ne!(buffer, blank, "{column:?} at {width}");
                for outside in [0, width + 1] {
                    assert_eq!(buffer[(outside, 0)], blank[(outside, 0)], "{column:?}");
                }
            }
        }
    }
}
