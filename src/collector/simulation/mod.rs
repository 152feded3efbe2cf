//! The plan in a simulated world: a list that HSS renews now and then, a clock that jumps to what is due, calls that fail.
//!
//! Nothing waits here: a day takes milliseconds. What the plan promises is asserted over every call of it.

mod any_order;
mod troubles;
mod world;

use std::time::Duration;

use super::budget::PUBLISHED_LIMIT;
use super::planned::{CallPurpose, Fault};
use crate::collector::source::FetchRequest;
use world::{Quirk, SimulatedClient, World, namespace, request, truth};

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn a_day_at_ten_thousand_pods_under_five_calls_a_minute() {
    let mut world = World::of(10_000);
    let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
    let start = client.now;
    let hour = |client: &mut SimulatedClient, world: &World, from: Duration, to: Duration| {
        client.run(world, start + from, &mut || None);
        client.run(world, start + to, &mut || None);
    };
    // 50 pages, four a minute: the whole fleet is there within a quarter of an hour.
    hour(&mut client, &world, Duration::ZERO, Duration::from_mins(14));
    assert_eq!(client.known(), truth(&world));
    let sweep = client.calls.len();
    assert!((50..=53).contains(&sweep), "{sweep} calls");
    hour(&mut client, &world, Duration::from_mins(14), 5 * HOUR);
    let probes = client.calls.len() - sweep;
    assert!(
        (280..=287).contains(&probes),
        "{probes} calls in 286 quiet minutes"
    );
    // HSS renews its snapshot twice in the day: each time every row is current within a minute and a sweep.
    for renewal in 1..=2_u32 {
        world.renew(u64::from(renewal) * 31);
        let at = HOUR * (5 + 8 * (renewal - 1));
        hour(
            &mut client,
            &world,
            at + Duration::from_secs(61),
            at + Duration::from_mins(16),
        );
        assert_eq!(client.known(), truth(&world), "renewal {renewal}");
        hour(&mut client, &world, at + Duration::from_mins(16), at + 8 * HOUR);
    }
    hour(&mut client, &world, 21 * HOUR, 24 * HOUR);
    assert_eq!((client.known(), client.completed), (truth(&world), 3));
    assert!(
        client.calls.len() < 24 * 60 + 3 * 52,
        "{} calls in a day",
        client.calls.len()
    );
    assert!(client.most_calls_in_a_minute() <= 5);
}

#[test]
fn what_is_looked_at_goes_ahead_of_a_sweep_and_is_there_within_seconds() {
    let world = World::of(100_000);
    let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
    client.run(&world, client.now + Duration::from_mins(10), &mut || None);
    assert!(client.rows.len() < 20_000, "the sweep is far from its end");
    let looked = FetchRequest {
        pod: Some(namespace()),
        ..request()
    };
    client.plan.want(looked, client.now);
    let (calls, began) = (client.calls.len(), client.now);
    client.run(&world, began + Duration::from_secs(1), &mut || None);
    assert_eq!(
        client.calls.get(calls).map(|(_, purpose)| *purpose),
        Some(CallPurpose::Pod),
        "one call was kept free for it"
    );

    let part = FetchRequest {
        scope: namespace(),
        ..request()
    };
    let small = World::of(900);
    let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
    client.run(&small, client.now + Duration::from_mins(30), &mut || None);
    client.plan.want(part, client.now);
    let (calls, began) = (client.calls.len(), client.now);
    client.run(&small, began + Duration::from_secs(1), &mut || None);
    assert_eq!(
        client.calls.get(calls).map(|(_, purpose)| *purpose),
        Some(CallPurpose::Part)
    );
    // From now on the part's probes speak for the fleet too: one call an interval.
    let calls = client.calls.len();
    client.run(&small, began + HOUR, &mut || None);
    assert!(
        (58..=62).contains(&(client.calls.len() - calls)),
        "{}",
        client.calls.len() - calls
    );
}

#[test]
fn a_part_is_swept_first_and_the_fleet_afterwards() {
    let world = World::of(10_000);
    let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
    client.run(&world, client.now + Duration::from_mins(2), &mut || None);
    let calls = client.calls.len();
    let part = FetchRequest {
        scope: namespace(),
        ..request()
    };
    client.plan.want(part, client.now);
    client.run(&world, client.now + Duration::from_mins(20), &mut || None);
    // 2,000 pods of the namespace are ten pages and one beyond them; then the fleet has its turns.
    let purposes: Vec<CallPurpose> = client
        .calls
        .iter()
        .skip(calls)
        .map(|(_, purpose)| *purpose)
        .collect();
    let first = purposes
        .iter()
        .take_while(|purpose| **purpose == CallPurpose::Part)
        .count();
    assert!((10..=12).contains(&first), "{purposes:?}");
    assert_eq!(
        client.known(),
        truth(&world),
        "and the fleet's sweep went on where it stood"
    );
}

#[test]
fn without_a_date_the_fleet_is_swept_again_and_again_at_the_pace_of_the_budget() {
    let mut world = World::of(1_000);
    world.dated = false;
    let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
    client.run(&world, client.now + Duration::from_mins(10), &mut || None);
    world.pods.truncate(900);
    client.run(&world, client.now + Duration::from_mins(10), &mut || None);
    assert_eq!(client.rows.len(), 900);
    assert!(client.completed >= 6, "{}", client.completed);
    assert!(client.most_calls_in_a_minute() <= 5);
}

#[test]
fn an_outage_costs_few_calls_and_the_sweep_goes_on_where_it_stood() {
    let world = World::of(10_000);
    let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
    client.run(&world, client.now + Duration::from_mins(5), &mut || None);
    let (known, calls) = (client.rows.len(), client.calls.len());
    let down = Fault::Unreachable(Duration::from_millis(400));
    client.run(&world, client.now + Duration::from_mins(10), &mut || Some(down));
    let spent = client.calls.len() - calls;
    assert!((20..=33).contains(&spent), "three attempts a minute: {spent}");
    client.run(&world, client.now + Duration::from_mins(12), &mut || None);
    assert_eq!((client.known(), client.completed), (truth(&world), 1));
    assert!(
        client.calls.len() - calls - spent < 50 - known / 200 + 14,
        "nothing was asked for twice"
    );
}

#[test]
fn a_list_that_moves_twice_under_a_sweep_is_swept_again() {
    let mut world = World::of(3_000);
    let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
    client.run(&world, client.now + Duration::from_mins(2), &mut || None);
    world.renew_contents();
    client.run(&world, client.now + Duration::from_mins(2), &mut || None);
    assert_eq!(client.restarts, 1);
    // Pods that were met vanish, so that those behind them move up to pages that have come.
    world.renew_contents();
    world.pods.drain(..300);
    client.run(&world, client.now + Duration::from_mins(12), &mut || None);
    assert_eq!((client.known(), client.completed), (truth(&world), 1));
}

#[test]
fn two_replicas_that_answer_by_turns_cost_one_sweep_and_then_one_call_an_interval() {
    for behind in [7, 600] {
        for pods in [450, 10_000] {
            let mut world = World {
                quirk: Quirk::Replicas(behind),
                ..World::of(pods)
            };
            let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
            client.run(
                &world,
                client.now + Duration::from_mins(pods / 600 + 2),
                &mut || None,
            );
            assert_eq!(client.known(), truth(&world), "{pods} pods, {behind} s behind");
            assert!(client.mixed >= 1 && client.restarts <= 1, "{}", client.restarts);
            let calls = client.calls.len();
            client.run(&world, client.now + HOUR, &mut || None);
            let spent = client.calls.len() - calls;
            assert!(
                spent <= 62,
                "{spent} calls in an hour, {pods} pods, {behind} s behind"
            );
            // One of them goes away; the list that is left is known in one state again.
            world.quirk = Quirk::None;
            world.pods.truncate(400);
            world.renew_contents();
            client.run(&world, client.now + Duration::from_mins(20), &mut || None);
            assert_eq!(client.known(), truth(&world));
            assert!(client.most_calls_in_a_minute() <= 5);
        }
    }
}

#[test]
fn a_replica_that_catches_up_leaves_no_row_behind() {
    let mut world = World {
        quirk: Quirk::Replicas(7),
        ..World::of(900)
    };
    let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
    client.run(&world, client.now + Duration::from_mins(30), &mut || None);
    let (calls, mixed) = (client.calls.len(), client.mixed);
    world.quirk = Quirk::None;
    client.run(&world, client.now + Duration::from_mins(10), &mut || None);
    assert_eq!(
        (client.mixed, client.completed),
        (mixed, 1),
        "swept once more, in one state"
    );
    assert!(client.calls.len() - calls <= 16, "{}", client.calls.len() - calls);
}

#[test]
fn a_date_or_a_total_that_moves_with_every_page_is_swept_at_the_interval() {
    for quirk in [Quirk::DateOfCall, Quirk::Total] {
        let world = World {
            quirk,
            ..World::of(450)
        };
        let mut client = SimulatedClient::new(PUBLISHED_LIMIT);
        client.run(&world, client.now + Duration::from_secs(50), &mut || None);
        assert_eq!(client.known(), truth(&world), "{quirk:?}");
        assert_eq!((client.mixed, client.restarts), (1, 0), "{quirk:?}");
        let calls = client.calls.len();
        client.run(&world, client.now + HOUR, &mut || None);
        let spent = client.calls.len() - calls;
        assert!(spent <= 60 * 4 + 4, "{quirk:?}: {spent} calls in an hour");
        assert!(
            (58..=62).contains(&client.mixed),
            "{quirk:?}: {} sweeps",
            client.mixed
        );
        assert_eq!(client.known(), truth(&world), "{quirk:?}");
    }
}
