//! Calls that fail: for a moment, for good, or for a part of the pods.

use std::time::Duration;

use super::super::budget::PUBLISHED_LIMIT;
use super::super::planned::{CallPurpose, Fault};
use super::HOUR;
use super::world::{SimulatedClient, World, odd, request, truth};
use crate::collector::source::FetchRequest;

#[test]
fn a_moment_without_a_way_costs_no_sweep() {
    let world = World::of(10_000);
    let blips = [
        Fault::Unreachable(Duration::from_millis(400)),
        Fault::Passing(Duration::from_millis(400)),
    ];
    for blip in blips {
        // First of a probe, then of the last page of a sweep.
        for (minutes, most_calls) in [(30, 10), (0, 60)] {
            let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
            client.run(&world, client.now + Duration::from_mins(minutes), &mut || None);
            let calls = client.calls.len();
            if minutes == 0 {
                while client.rows.len() < 9_800 {
                    client.run(&world, client.now + Duration::from_secs(1), &mut || None);
                }
            }
            let mut failures = 0;
            let mut fails = || {
                failures += 1;
                (failures <= 2).then_some(blip)
            };
            client.run(&world, client.now + Duration::from_mins(5), &mut fails);
            assert_eq!(client.completed, 1, "{blip:?}");
            let spent = client.calls.len() - calls;
            assert!(spent <= most_calls, "{blip:?}: {spent} calls");
        }
    }
}

#[test]
fn a_probe_that_fails_for_good_leaves_what_is_known() {
    let world = World::of(10_000);
    let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
    client.run(&world, client.now + Duration::from_mins(30), &mut || None);
    let calls = client.calls.len();
    let down = Fault::Passing(Duration::from_millis(400));
    client.run(&world, client.now + Duration::from_mins(3), &mut || Some(down));
    client.run(&world, client.now + Duration::from_mins(10), &mut || None);
    assert_eq!(client.completed, 1);
    assert!(
        client.calls.len() - calls <= 22,
        "{} calls",
        client.calls.len() - calls
    );
}

#[test]
fn a_sweep_gets_on_beside_others_who_share_the_limit() {
    let world = World::of(10_000);
    let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
    let (mut calls, start) = (0, client.now);
    while client.completed == 0 {
        let until = client.now + Duration::from_secs(1);
        let throttled = Fault::Throttled(client.now + Duration::from_secs(20));
        client.run(&world, until, &mut || {
            calls += 1;
            (calls % 3 == 0).then_some(throttled)
        });
    }
    // One sweep, and the probe that is due when it is over.
    assert!(client.passes.get(&CallPurpose::Fleet) <= Some(&2));
    assert!(client.now - start < HOUR, "{:?}", client.now - start);
}

#[test]
fn a_key_pair_that_is_refused_in_the_middle_of_a_sweep_rests_as_long() {
    let world = World::of(100_000);
    let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
    client.run(&world, client.now + Duration::from_mins(20), &mut || None);
    client.run(&world, client.now + Duration::from_mins(14), &mut || {
        Some(Fault::KeyRefused)
    });
    let calls = client.calls.len();
    let last_two = client.calls.get(calls - 2..).map(|calls| calls[1].0 - calls[0].0);
    assert!(
        client.now - client.calls[calls - 1].0 > Duration::from_mins(13),
        "{last_two:?}"
    );
}

#[test]
fn a_refused_key_pair_is_left_alone_until_the_operator_asks() {
    let world = World::of(10);
    let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
    client.run(&world, client.now + Duration::from_mins(14), &mut || {
        Some(Fault::KeyRefused)
    });
    assert_eq!(client.calls.len(), 1);
    client
        .plan
        .want(FetchRequest { asks: 1, ..request() }, client.now);
    client.run(&world, client.now + Duration::from_secs(1), &mut || {
        Some(Fault::KeyRefused)
    });
    assert_eq!(client.calls.len(), 2);
    client.run(&world, client.now + Duration::from_mins(16), &mut || None);
    assert_eq!(client.known(), truth(&world));
}

#[test]
fn a_budget_of_one_call_still_gets_on() {
    let world = World::of(500);
    let mut client = SimulatedClient::new(1);
    client.run(&world, client.now + Duration::from_mins(5), &mut || None);
    assert_eq!(client.known(), truth(&world));
}

#[test]
fn a_part_that_always_fails_never_starves_the_fleet() {
    for refuses in [Fault::Lasting, Fault::Passing(Duration::from_millis(400))] {
        for limit in [1, 2, PUBLISHED_LIMIT] {
            // First in the middle of a sweep of 51 calls, then when the fleet is known and its probes are due.
            for minutes in [1, 60] {
                let mut world = World {
                    refuses,
                    ..World::of(10_000)
                };
                let mut client = SimulatedClient::new(limit);
                client.run(&world, client.now + Duration::from_mins(minutes), &mut || None);
                client.want(FetchRequest {
                    scope: odd(),
                    ..request()
                });
                client.run(&world, client.now + Duration::from_mins(5), &mut || None);
                world.renew(7);
                let most = 60 * 4 / u64::from(limit);
                client.run(&world, client.now + Duration::from_mins(most), &mut || None);
                assert_eq!(
                    client.known(),
                    truth(&world),
                    "{refuses:?}, {limit} calls, after {minutes} minutes"
                );
            }
        }
    }
}

#[test]
fn a_part_that_is_refused_is_asked_for_once_a_minute() {
    let world = World::of(100_000);
    let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
    client.run(&world, client.now + Duration::from_mins(5), &mut || None);
    let calls = client.calls.len();
    client.want(FetchRequest {
        scope: odd(),
        ..request()
    });
    client.run(&world, client.now + HOUR, &mut || None);
    let hour = client.calls.get(calls..).unwrap_or_default();
    let parts = hour
        .iter()
        .filter(|(_, purpose)| *purpose == CallPurpose::Part)
        .count();
    assert!((50..=61).contains(&parts), "{parts} of {}", hour.len());
    // Four calls a minute, and one is kept free.
    assert!(hour.len() - parts >= 170, "{} pages", hour.len() - parts);
}
