//! The pods as they were: a stored snapshot and a held picture, in every view that shows one.

use std::sync::Arc;

use hss_top::app::title;
use hss_top::fleet::past::{Lineup, PastMoment, Replay, StandingNow, Standings, difference};
use hss_top::fleet::watched::WatchedSpan;
use hss_top::fleet::{Fleet, Pod, Scope, SourceId};
use hss_top::state::past::{PastNews, PastPicture};
use hss_top::state::{Logbook, LogbookNews};
use jiff::{SignedDuration, Timestamp};

use super::*;

const WITH_WIDE: [Size; 4] = [
    Size::new(80, 24),
    Size::new(120, 40),
    Size::new(200, 60),
    Size::new(280, 70),
];

fn hours_ago(hours: i64) -> Timestamp {
    now().checked_sub(SignedDuration::from_hours(hours)).unwrap()
}

/// The fleet of some hours ago: without the pods that were created since and every ninth other one, and every seventh was
/// another one.
fn earlier(model: &Model) -> Lineup {
    let mut pods: Vec<Pod> = model.fleet.pods().collect();
    let mut at = 0;
    pods.retain(|pod| {
        at += 1;
        let created = pod.created().value().copied();
        at % 9 != 0 && created.is_none_or(|created| created <= hours_ago(6))
    });
    let calm = pods.iter().find(|pod| pod.serverless.is_none()).cloned().unwrap();
    for pod in pods.iter_mut().step_by(7) {
        let (Some(node), Some(calm)) = (&mut pod.node, &calm.node) else {
            continue;
        };
        node.common.status = calm.common.status.clone();
        node.common.memory = calm.common.memory.clone();
    }
    let body = difference(
        &Lineup::default(),
        &Lineup::of(pods.into_iter().collect::<Fleet>()),
    )
    .unwrap();
    Replay::default().then(&body).unwrap().lineup(SourceId::default())
}

/// A dashboard that shows the pods of six hours ago, in a time in which nobody watched for two.
pub(crate) async fn looking_back(size: Size) -> Model {
    let mut model = loaded_model(size).await;
    let book = Logbook {
        watched: vec![
            WatchedSpan {
                from: hours_ago(60),
                to: hours_ago(9),
            },
            WatchedSpan {
                from: hours_ago(7),
                to: now(),
            },
        ],
        ..Logbook::default()
    };
    let news = LogbookNews {
        book: Some(Arc::new(book)),
        ..LogbookNews::default()
    };
    feed(&mut model, Event::Logbook(Box::new(news)));
    press(&mut model, "<");
    answer(&mut model, hours_ago(6));
    model
}

/// Answers what the time machine looks for with the snapshot of this date.
pub(crate) fn answer(model: &mut Model, at: Timestamp) {
    let then = earlier(model);
    let standings = Standings::between(&then, &Lineup::of(model.fleet.clone()));
    let picture = PastPicture {
        moment: PastMoment { number: 3, at },
        before: Some(hours_ago(10)),
        place: (3, 41),
        fleet: then.fleet().clone(),
        counts: standings.counts(then.fleet(), &Scope::default()),
        standings: Arc::new(standings),
    };
    let news = PastNews {
        which: model.past_request().unwrap().which,
        picture: Ok(picture),
        altered: 0,
    };
    feed(model, Event::Past(Box::new(news)));
}

fn shown(name: &str, model: &Model) -> String {
    let size = model.size;
    let buffer = draw(model, coloured());
    let screen = text(&buffer);
    let name = format!("past_{name}_{}x{}", size.width, size.height);
    insta::assert_snapshot!(name.clone(), screen);
    insta::assert_snapshot!(format!("{name}_roles"), roles(&buffer));
    screen
}

#[tokio::test]
async fn the_past_at_every_size() {
    for size in WITH_WIDE {
        let mut model = looking_back(size).await;
        let screen = shown("table", &model);
        assert!(
            screen.contains("VIEWING 03:30") && screen.contains("Esc returns"),
            "{screen}"
        );
        assert!(screen.contains("gap 2h before this"), "{screen}");
        assert!(
            title::of(&model).contains("AT 2025-08-15 03:30"),
            "{}",
            title::of(&model)
        );
        press(&mut model, "2");
        let screen = shown("overview", &model);
        assert!(screen.contains("VIEWING 03:30"), "{screen}");
        press(&mut model, "1jj<Enter>");
        let screen = shown("detail", &model);
        assert!(screen.contains("VIEWING 03:30"), "{screen}");
        // Esc only closes the detail.
        assert!(
            screen.contains(":now returns") && !screen.contains("Esc returns"),
            "{screen}"
        );
    }
}

#[tokio::test]
async fn a_time_of_which_nothing_is_stored_says_so_and_nothing_old_looks_current() {
    for size in [Size::new(80, 24), Size::new(120, 40)] {
        let mut model = looking_back(size).await;
        press(&mut model, ":at 02:00<Enter>");
        answer(&mut model, hours_ago(10));
        let buffer = draw(&model, coloured());
        let screen = text(&buffer);
        for part in ["VIEWING", "nothing stored at 02:00", "10h ago", "now FRESH"] {
            assert!(screen.contains(part), "no {part} in {screen}");
        }
        let title = screen.lines().next().unwrap();
        let at = title.split("FRESH").next().unwrap().chars().count();
        let fresh = &buffer[(u16::try_from(at).unwrap(), 0)];
        assert_ne!(Some(fresh.fg), coloured().style(Role::Good).fg, "it is not green");
        press(&mut model, ":at 23:45<Enter>");
        answer(&mut model, hours_ago(10));
        let screen = text(&draw(&model, coloured()));
        assert!(
            !screen.contains("nothing stored"),
            "that list was still so: {screen}"
        );
    }
}

#[tokio::test]
async fn a_held_picture_says_since_when_and_what_came() {
    for size in WITH_WIDE {
        let mut model = loaded_model(size).await;
        press(&mut model, "F");
        feed(&mut model, Event::Tick(now() + SignedDuration::from_secs(192)));
        model.status.snapshot_at = Some(now());
        let screen = shown("held", &model);
        assert!(
            screen.contains("FROZEN since 09:30:15") && screen.contains("Esc releases"),
            "{screen}"
        );
        assert!(screen.contains("no change since, but a newer list"), "{screen}");
    }
}

#[tokio::test]
async fn the_past_is_no_matter_of_colours_or_signs() {
    let model = looking_back(Size::new(120, 40)).await;
    for (name, theme) in [
        ("ascii", Theme::new(Palette::Sixteen).with_signs(SignSet::Ascii)),
        ("no_colour", Theme::new(Palette::None)),
    ] {
        let buffer = draw(&model, theme);
        let screen = text(&buffer);
        assert!(screen.contains("VIEWING 03:30"), "{screen}");
        insta::assert_snapshot!(format!("past_{name}_120x40"), screen);
        insta::assert_snapshot!(format!("past_{name}_120x40_roles"), roles(&buffer));
    }
}

/// What the banner says has happened since, by its words.
fn told(model: &Model) -> String {
    let screen = text(&draw(model, coloured()));
    let banner = screen.lines().find(|line| line.contains("VIEWING")).unwrap();
    let parts = banner.split('│').map(str::trim);
    parts.filter(|part| part.ends_with("came since")).collect()
}

#[tokio::test]
async fn the_banner_of_a_scope_counts_its_pods() {
    let mut model = looking_back(Size::new(200, 60)).await;
    let all = told(&model);
    press(&mut model, ":cluster cci-burst-1<Enter>");
    let of_scope = told(&model);
    let differing = model.time.past().unwrap().counts;
    let marks = (0..model.view.len()).filter_map(|place| model.time.standing(model.view.row(place)?));
    let (gone, differ): (Vec<_>, Vec<_>) = marks.partition(|standing| *standing == StandingNow::Gone);
    assert_eq!(
        (gone.len(), differ.len()),
        (differing.gone, differing.differ),
        "those of the rows"
    );
    assert!(of_scope != all && !of_scope.contains("of all"), "{of_scope}");
    press(&mut model, "/a<Enter>");
    assert_eq!(told(&model), format!("of all in scope {of_scope}"));
    press(&mut model, ":all<Enter>");
    assert_eq!(told(&model), format!("of all pods {all}"));
}
