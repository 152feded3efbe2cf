use super::*;
use crate::fleet::fields::PodField;
use crate::fleet::fixture::{node, pods, serverless};
use crate::fleet::order::Orders;
use crate::fleet::query::Query;
use crate::fleet::scope::Scope;
use crate::fleet::store::chunk::CHUNK_ROWS;
use crate::fleet::store::encoding::uuid_text;
use crate::fleet::view::{Unsorted, ViewRequest};
use crate::fleet::{Fleet, Pod, SourceId};
use jiff::Timestamp;
use proptest::prelude::*;

/// The pods of a fleet that a filter lets through, in its order, as the table shows them.
fn table(fleet: &Fleet, filter: &str, field: PodField) -> Vec<Pod> {
    let request = ViewRequest {
        filter: Query::parse(filter).unwrap(),
        sort: field.first_direction(),
        ..ViewRequest::default()
    };
    let view = Unsorted::of(fleet, request, Timestamp::UNIX_EPOCH).whole(&mut Orders::default());
    (0..view.len()).filter_map(|place| view.pod(place)).collect()
}

/// The same, with pods that compare equal in a fixed order.
fn settled(mut pods: Vec<Pod>) -> Vec<String> {
    let mut texts: Vec<String> = pods.drain(..).map(|pod| format!("{pod:?}")).collect();
    texts.sort();
    texts
}

/// One round of a fleet: pods that come, and those that go or change, by place.
type Round = (Vec<Pod>, Vec<(prop::sample::Index, Option<Pod>)>);

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    // Boxed: the strategies of a pod are large.
    let pods = pods().boxed();
    let change = (any::<prop::sample::Index>(), prop::option::of(pods.clone()));
    prop::collection::vec(
        (
            prop::collection::vec(pods, 0..6),
            prop::collection::vec(change, 0..4),
        ),
        1..6,
    )
}

proptest! {
    #[test]
    fn each_step_is_the_fleet_as_it_was_then_under_filter_and_sort(rounds in rounds()) {
        let mut now: Vec<Pod> = Vec::new();
        let (mut last, mut replay) = (Lineup::default(), Replay::default());
        for (came, changes) in rounds {
            for (place, other) in changes {
                if now.is_empty() {
                    continue;
                }
                let at = place.index(now.len());
                match other {
                    Some(pod) => now[at] = pod,
                    None => drop(now.remove(at)),
                }
            }
            now.extend(came);
            let fleet: Fleet = now.iter().cloned().collect();
            let lineup = Lineup::of(fleet.clone());
            let body = difference(&last, &lineup).unwrap();
            replay = replay.then(&body).unwrap();
            let shown = replay.lineup(SourceId::default());
            prop_assert_eq!(shown.len(), now.len());
            prop_assert_eq!(shown.fleet().summary(), fleet.summary());
            for (filter, field) in [("", PodField::Risk), ("status:Running", PodField::Name), ("mem%>=50", PodField::Age)] {
                let (then, told) = (table(&fleet, filter, field), table(shown.fleet(), filter, field));
                let order = |pods: &[Pod]| -> Vec<bool> {
                    pods.windows(2).map(|pair| field.first_direction().compare(&pair[0], &pair[1]).is_lt()).collect()
                };
                prop_assert_eq!(order(&told), order(&then));
                prop_assert_eq!(settled(told), settled(then));
            }
            // What comes next may be written by another program, which only has what was read.
            last = if now.len().is_multiple_of(2) { lineup } else { shown };
        }
    }

    #[test]
    fn a_body_that_was_altered_is_refused_or_read_but_never_harms(
        pods in prop::collection::vec(pods(), 1..6),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let fleet: Fleet = pods.into_iter().collect();
        let body = difference(&Lineup::default(), &Lineup::of(fleet)).unwrap();
        let mut plain = difference::plain(&body).unwrap();
        let at = at.index(plain.len());
        plain[at] = byte;
        if let Ok(replay) = Replay::default().then(&difference::packed(&plain).unwrap()) {
            let fleet = replay.lineup(SourceId::default()).fleet().clone();
            let _ = fleet.pods().count();
            let _ = replay.then(&body);
        }
        let mut cut = body.clone();
        cut.truncate(body.len() / 2);
        prop_assert!(Replay::default().then(&cut).is_err());
    }
}

/// A pod whose values are as spread as those of a real cluster.
fn spread(number: u64, round: u64) -> Pod {
    let mix = |salt: u64| {
        (number ^ (salt << 32))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(29)
            .wrapping_mul(0xbf58_476d_1ce4_e5b9)
    };
    let id = uuid_text(u128::from(mix(1)) << 64 | u128::from(mix(2)));
    let name = format!(
        "service-{}-{:09x}-{:05x}",
        number % 400,
        mix(number % 400) & 0xf_ffff_ffff,
        mix(6) & 0xf_ffff
    );
    node(&name)
        .within(
            ["prod-a", "prod-b", "edge"][usize::try_from(number % 3).unwrap()],
            &format!("team-{}", number % 40),
        )
        .id(&id)
        .created_ms(1_750_000_000_000 + (mix(7) % 5_000_000_000).cast_signed())
        .usage(
            &format!("{}m", (mix(8) + round) % 900),
            "1",
            &format!("{}Mi", (mix(9) + round) % 500),
            "512Mi",
        )
        .build()
}

#[test]
fn a_snapshot_that_changes_a_little_costs_little_and_a_step_of_many_pods_holds() {
    let pods = |round: u64| -> Fleet {
        // Two in a hundred are others each round: half of them new, half with other values.
        (0..10_000_u64)
            .map(|number| match number % 100 {
                0 => spread(number + 1_000_000 * round, 0),
                1 => spread(number, round),
                _ => spread(number, 0),
            })
            .collect()
    };
    let (mut last, mut replay, mut sizes) = (Lineup::default(), Replay::default(), Vec::new());
    for round in 0..4 {
        let lineup = Lineup::of(pods(round));
        let body = difference(&last, &lineup).unwrap();
        sizes.push(body.len());
        replay = replay.then(&body).unwrap();
        let told = replay.lineup(SourceId::default());
        assert_eq!(
            settled(told.fleet().pods().collect()),
            settled(lineup.fleet().pods().collect())
        );
        last = lineup;
    }
    assert!(sizes[1] * 20 < sizes[0], "{sizes:?}");
    assert!(replay.bytes() < 4 << 20, "{}", replay.bytes());
}

#[test]
fn pods_of_several_chunks_come_and_go() {
    let fleet =
        |numbers: std::ops::Range<u64>| -> Fleet { numbers.map(|number| spread(number, 0)).collect() };
    let many = u64::from(CHUNK_ROWS) + 900;
    let mut last = Lineup::default();
    let mut replay = Replay::default();
    for numbers in [0..many, 500..many + 300, 0..0, 10..20] {
        let lineup = Lineup::of(fleet(numbers.clone()));
        replay = replay.then(&difference(&last, &lineup).unwrap()).unwrap();
        let told = replay.lineup(SourceId::default());
        assert_eq!(
            settled(told.fleet().pods().collect()),
            settled(lineup.fleet().pods().collect())
        );
        last = lineup;
    }
}

#[test]
fn what_became_of_each_pod_is_told_without_the_noise_of_usage() {
    let then: Fleet = [
        node("calm").usage("10m", "1", "", ""),
        node("gone"),
        node("worse").status("Running"),
        node("moved").id("a"),
    ]
    .map(crate::fleet::fixture::PodFixture::build)
    .into_iter()
    .collect();
    let now: Fleet = [
        node("calm").usage("90m", "1", "", ""),
        node("worse").status("Failed"),
        node("moved").id("b"),
        node("new"),
    ]
    .map(crate::fleet::fixture::PodFixture::build)
    .into_iter()
    .collect();
    let (then, now) = (Lineup::of(then), Lineup::of(now));
    let standings = Standings::between(&then, &now);
    let told: Vec<StandingNow> = (0..4).map(|row| standings.of(row)).collect();
    assert_eq!(
        told,
        [
            StandingNow::Same,
            StandingNow::Gone,
            StandingNow::Worse,
            StandingNow::Differs
        ]
    );
    let counts = standings.counts(then.fleet(), &Scope::default());
    assert_eq!((counts.differ, counts.gone, counts.came), (2, 1, 1));
}

#[test]
fn the_bytes_of_a_body_change_with_the_number_of_its_format_only() {
    let pods: Fleet = [
        node("web-0")
            .status("Failed")
            .usage("1", "2Gi", "2", "4Gi")
            .build(),
        serverless("pay-0").security("opened", "risk").build(),
    ]
    .into_iter()
    .collect();
    let body = difference(&Lineup::default(), &Lineup::of(pods)).unwrap();
    let plain = difference::plain(&body).unwrap();
    // Other bytes: raise FORMAT, and say here what they are now.
    assert_eq!(
        (body[0], plain.len(), crc32fast::hash(&plain)),
        (1, 138, 2_721_287_244)
    );
}

#[test]
fn a_large_body_is_compressed_fast_a_small_one_well_and_both_are_read() {
    use std::io::Write as _;
    let deflated = |plain: &[u8], level: flate2::Compression| {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    };
    // Ids, as most bytes of a fleet are.
    let ids = |count: u64| -> Vec<u8> {
        let id = |number: u64| format!("pod-{:016x}\n", number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        (0..count).flat_map(|number| id(number).into_bytes()).collect()
    };
    for (count, level) in [
        (100_000, flate2::Compression::fast()),
        (1_000, flate2::Compression::default()),
    ] {
        let plain = ids(count);
        let body = difference::packed(&plain).unwrap();
        assert!(body.ends_with(&deflated(&plain, level)), "{count}");
        assert!(
            difference::plain(&body).is_ok_and(|read| read == plain),
            "{count}"
        );
    }
    let [fast, well] = [flate2::Compression::fast(), flate2::Compression::default()];
    let plain = ids(1_000);
    assert_ne!(deflated(&plain, fast), deflated(&plain, well));
}
