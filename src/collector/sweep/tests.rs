use super::*;
use proptest::prelude::*;
use std::collections::HashSet;
use std::time::Duration;

const COMPLETE: Due = over(true, false);
const SHORT: Due = over(false, false);

const fn over(complete: bool, mixed: bool) -> Due {
    Due::Over { complete, mixed }
}

fn facts(node: u64, serverless: u64, new: u64, total: Option<u64>) -> PageFacts {
    PageFacts {
        node,
        serverless,
        new,
        total,
        ..PageFacts::default()
    }
}

/// Takes the page that is due and answers what is due then.
fn step(sweep: &mut Sweep, page: PageFacts) -> Due {
    let now = Instant::now();
    if let Due::Page(offset) = sweep.due(now) {
        sweep.take(offset, page);
    }
    sweep.due(now)
}

#[test]
fn the_documented_example_ends_as_partial() {
    let mut sweep = Sweep::new(200);
    assert_eq!(step(&mut sweep, facts(1, 0, 1, Some(107))), Due::Page(1));
    assert_eq!(step(&mut sweep, facts(1, 0, 0, Some(107))), SHORT);
}

#[test]
fn a_page_behind_the_last_record_that_fails_makes_the_sweep_no_shorter() {
    let now = Instant::now();
    let begun = |new, total| {
        let mut sweep = Sweep::new(10);
        assert_eq!(step(&mut sweep, facts(10, 0, new, Some(total))), Due::Page(10));
        sweep
    };
    for (new, total, end) in [(10, 10, COMPLETE), (9, 10, SHORT), (10, 11, SHORT)] {
        let mut sweep = begun(new, total);
        for attempts in 1..=ATTEMPTS {
            assert_eq!(sweep.fail(10, now), attempts);
        }
        assert_eq!(sweep.due(now), end, "{new} of {total}");
        let mut sweep = begun(new, total);
        assert_eq!(sweep.refuse(10), end == COMPLETE, "{new} of {total}");
        let due = if end == COMPLETE { end } else { Due::Page(10) };
        assert_eq!(sweep.due(now), due, "{new} of {total}");
    }
}

#[test]
fn an_empty_fleet_is_complete_and_a_silent_answer_is_not() {
    assert_eq!(step(&mut Sweep::new(200), facts(0, 0, 0, Some(0))), COMPLETE);
    assert_eq!(step(&mut Sweep::new(200), facts(0, 0, 0, None)), COMPLETE);
    let silent = PageFacts {
        silent: true,
        ..PageFacts::default()
    };
    assert_eq!(step(&mut Sweep::new(200), silent), SHORT);
}

/// A full page of ten pods, this many of them new, as of this second.
fn dated(new: u64, total: u64, second: i64) -> PageFacts {
    PageFacts {
        snapshot_at: Some(Timestamp::from_second(1_760_000_000 + second).unwrap()),
        ..facts(10, 0, new, Some(total))
    }
}

#[test]
fn a_list_that_hss_renews_restarts_the_walk_once() {
    let mut sweep = Sweep::new(10);
    assert_eq!(sweep.take(0, dated(10, 30, 0)), Moved::No);
    assert_eq!(sweep.take(10, dated(10, 31, 3600)), Moved::Restarted);
    assert_eq!((sweep.due(Instant::now()), sweep.met()), (Due::Page(0), 0));
    assert_eq!(sweep.take(0, dated(10, 31, 3600)), Moved::No);
    assert_eq!(sweep.take(10, dated(10, 32, 7200)), Moved::On);
    assert_eq!(sweep.take(20, dated(10, 32, 7200)), Moved::No);
    assert_eq!(sweep.due(Instant::now()), Due::Page(30));
    assert!(sweep.has_moved());
    // A record may have slipped from a page that was still to come to one that had come.
    assert_eq!(step(&mut sweep, facts(2, 0, 2, Some(32))), over(true, true));
}

#[test]
fn an_older_or_barely_newer_date_or_another_total_begins_nothing_anew() {
    let takes = |pages: &[PageFacts]| {
        let mut sweep = Sweep::new(10);
        let end = pages.iter().fold(Due::Page(0), |_, page| step(&mut sweep, *page));
        (end, sweep.replicas().is_some())
    };
    let last = |facts: PageFacts| PageFacts { node: 0, ..facts };
    let older = [dated(10, 20, 600), dated(10, 20, 0), last(dated(0, 20, 600))];
    assert_eq!(takes(&older), (over(true, true), true), "two replicas in turns");
    let creeping = [dated(10, 20, 0), dated(10, 20, 20), last(dated(0, 20, 40))];
    assert_eq!(
        takes(&creeping),
        (over(true, true), false),
        "the date of the call"
    );
    let totals = [dated(10, 20, 0), dated(10, 21, 0), last(dated(0, 22, 0))];
    assert_eq!(
        takes(&totals),
        (over(true, true), false),
        "any total may be right"
    );
    let slipped = [dated(10, 21, 600), dated(10, 21, 0), last(dated(0, 21, 0))];
    assert_eq!(takes(&slipped), (over(false, true), false));
}

#[test]
fn a_short_page_of_a_lagging_replica_does_not_end_the_sweep() {
    let lagging = |count: u64| PageFacts {
        node: count,
        ..dated(count, 25, -5)
    };
    let mut sweep = Sweep::new(10);
    assert_eq!(step(&mut sweep, dated(10, 45, 0)), Due::Page(10));
    assert_eq!(step(&mut sweep, dated(10, 45, 0)), Due::Page(20));
    assert_eq!(step(&mut sweep, lagging(5)), Due::Page(25));
    let mut lucky = sweep.clone();
    assert_eq!(step(&mut sweep, lagging(0)), Due::Page(35));
    assert_eq!(step(&mut sweep, lagging(0)), over(false, true));
    assert_eq!((sweep.met(), sweep.total()), (25, Some(45)), "PARTIAL 25 of 45");
    assert_eq!(step(&mut lucky, dated(10, 45, 0)), Due::Page(35));
    assert_eq!(step(&mut lucky, dated(10, 45, 0)), Due::Page(45));
    assert_eq!(step(&mut lucky, lagging(0)), over(true, true));
}

#[test]
fn a_page_without_a_record_is_passed_while_records_are_missing() {
    let mut sweep = Sweep::new(10);
    assert_eq!(step(&mut sweep, facts(10, 0, 10, Some(45))), Due::Page(10));
    assert_eq!(step(&mut sweep, facts(0, 0, 0, Some(0))), Due::Page(20));
    assert_eq!(step(&mut sweep, facts(10, 0, 10, Some(45))), Due::Page(30));
    assert_eq!(step(&mut sweep, facts(10, 0, 10, Some(45))), Due::Page(40));
    assert_eq!(step(&mut sweep, facts(5, 0, 5, Some(45))), over(false, true));
    assert_eq!((sweep.met(), sweep.total()), (35, Some(45)), "PARTIAL 35 of 45");
    // A server that knows no offset is not asked for all of its pages.
    let mut same = Sweep::new(10);
    step(&mut same, facts(10, 0, 10, Some(100_000)));
    let mut calls = 1;
    while let Due::Page(_) = step(&mut same, facts(10, 0, 0, Some(100_000))) {
        calls += 1;
        assert!(calls < 5, "the sweep does not end");
    }
    assert_eq!(same.due(Instant::now()), SHORT);
}

#[test]
fn what_is_no_fault_of_a_page_costs_it_no_attempt() {
    let (mut sweep, now) = (Sweep::new(10), Instant::now());
    for _ in 0..=ATTEMPTS {
        sweep.postpone(0, now);
        assert_eq!(sweep.due(now), Due::Page(0));
    }
    assert_eq!(sweep.fail(0, now), 1);
}

#[test]
fn a_full_page_is_followed_whatever_the_total_says() {
    let mut sweep = Sweep::new(10);
    assert_eq!(step(&mut sweep, facts(10, 0, 10, Some(10))), Due::Page(10));
    assert_eq!(step(&mut sweep, facts(0, 3, 3, Some(10))), COMPLETE);
}

#[test]
fn a_page_that_fails_is_gone_around_and_asked_for_again_at_the_end() {
    let now = Instant::now();
    let later = now + Duration::from_secs(5);
    let mut sweep = Sweep::new(10);
    sweep.take(0, facts(10, 0, 10, Some(25)));
    assert_eq!(sweep.fail(10, later), 1);
    assert_eq!(sweep.due(now), Due::Page(20));
    sweep.take(20, facts(5, 0, 5, Some(25)));
    assert_eq!(
        (sweep.due(now), sweep.due(later)),
        (Due::Later(later), Due::Page(10))
    );
    assert_eq!(sweep.fail(10, later), 2);
    assert_eq!(sweep.fail(10, later), ATTEMPTS);
    assert_eq!(sweep.due(later), SHORT, "given up");
    let mut lucky = Sweep::new(10);
    lucky.take(0, facts(10, 0, 10, Some(25)));
    lucky.fail(10, later);
    lucky.take(20, facts(5, 0, 5, Some(25)));
    lucky.take(10, facts(10, 0, 10, Some(25)));
    assert_eq!(lucky.due(later), COMPLETE);
}

#[test]
fn the_first_page_cannot_be_gone_around_and_a_rest_gives_its_attempts_back() {
    let now = Instant::now();
    let later = now + Duration::from_secs(5);
    let mut sweep = Sweep::new(10);
    sweep.fail(0, later);
    sweep.fail(0, later);
    assert_eq!(sweep.due(now), Due::Later(later));
    sweep.resume(now);
    assert_eq!((sweep.due(now), sweep.fail(0, later)), (Due::Page(0), 1));
}

/// How a server spreads one window over two lists.
#[derive(Debug, Clone, Copy)]
enum Reading {
    OneWindow,
    TwoWindows,
    ServerlessEveryTime,
}

proptest! {
    /// Under every reading of the documentation, and whatever fails now and then, every record is met and the sweep
    /// ends.
    #[test]
    fn every_record_is_met(
        node in 0_u64..130, serverless in 0_u64..70, limit in 10_u64..40,
        reading in prop_oneof![
            Just(Reading::OneWindow), Just(Reading::TwoWindows), Just(Reading::ServerlessEveryTime)],
        total in 0_usize..3,
        fails in prop::collection::vec(any::<bool>(), 200),
    ) {
        let total = [None, Some(node), Some(node + serverless)][total];
        let mut sweep = Sweep::new(u32::try_from(limit).unwrap());
        let mut met: HashSet<(bool, u64)> = HashSet::new();
        let (mut now, mut fails) = (Instant::now(), fails.into_iter());
        let mut failed: HashSet<u32> = HashSet::new();
        let end = loop {
            let offset = match sweep.due(now) {
                Due::Page(offset) => offset,
                Due::Later(moment) => { now = moment; continue; }
                Due::Over { complete, mixed } => break complete && !mixed,
            };
            let fail = fails.next();
            prop_assert!(fail.is_some(), "the walk does not end");
            // Each page may fail once.
            if fail == Some(true) && failed.insert(offset) {
                sweep.fail(offset, now + Duration::from_secs(1));
                continue;
            }
            let window = u64::from(offset)..u64::from(offset) + limit;
            let page: Vec<(bool, u64)> = match reading {
                Reading::OneWindow => window
                    .filter(|at| *at < node + serverless)
                    .map(|at| if at < node { (true, at) } else { (false, at - node) })
                    .collect(),
                Reading::TwoWindows => window
                    .flat_map(|at| [(true, at), (false, at)])
                    .filter(|(is_node, at)| *at < if *is_node { node } else { serverless })
                    .collect(),
                Reading::ServerlessEveryTime => window
                    .filter(|at| *at < node)
                    .map(|at| (true, at))
                    .chain((0..serverless).map(|at| (false, at)))
                    .collect(),
            };
            let new = page.iter().filter(|record| met.insert(**record)).count() as u64;
            let on_node = page.iter().filter(|(is_node, _)| *is_node).count() as u64;
            sweep.take(offset, facts(on_node, page.len() as u64 - on_node, new, total));
        };
        prop_assert_eq!(met.len() as u64, node + serverless);
        prop_assert!(end);
    }
}

#[test]
fn a_walk_tells_how_far_it_is() {
    let mut sweep = Sweep::new(10);
    assert!(sweep.is_at_its_first_page() && !sweep.has_moved());
    sweep.take(0, facts(10, 0, 10, Some(25)));
    assert!(!sweep.is_at_its_first_page() && !sweep.has_moved());
    assert_eq!((sweep.met(), sweep.end()), (10, 1));
    sweep.take(10, facts(10, 0, 8, Some(25)));
    assert_eq!((sweep.met(), sweep.end()), (18, 11));
}

#[test]
fn a_short_page_is_followed_while_there_must_be_more() {
    let mut sweep = Sweep::new(10);
    assert_eq!(step(&mut sweep, facts(10, 0, 10, Some(40))), Due::Page(10));
    assert_eq!(step(&mut sweep, facts(5, 0, 5, Some(40))), Due::Page(15));
}

#[test]
fn a_page_that_is_given_up_ends_nothing_but_the_hope_of_all() {
    let (mut sweep, now) = (Sweep::new(10), Instant::now());
    assert_eq!(step(&mut sweep, facts(10, 0, 10, None)), Due::Page(10));
    for attempt in 1..=ATTEMPTS {
        assert_eq!(sweep.fail(10, now), attempt);
    }
    assert_eq!(sweep.due(now), Due::Page(20));
    assert_eq!(step(&mut sweep, facts(5, 0, 5, None)), Due::Page(25));
    assert_eq!(step(&mut sweep, facts(0, 0, 0, None)), SHORT);
}

/// A page of a list of pods that is told as of this second.
fn page_of(list: &[u32], offset: u32, limit: usize, second: i64) -> (PageFacts, Vec<u32>) {
    let pods: Vec<u32> = list.iter().copied().skip(offset as usize).take(limit).collect();
    let snapshot_at = Timestamp::from_second(1_760_000_000 + second).ok();
    let facts = PageFacts {
        snapshot_at,
        ..facts(pods.len() as u64, 0, 0, Some(list.len() as u64))
    };
    (facts, pods)
}

/// Sweeps a list that each call may find in another state: how it ended, and the pods that it met.
fn sweep(limit: u32, mut state: impl FnMut() -> (Vec<u32>, i64)) -> (Due, HashSet<u32>) {
    let (mut sweep, mut met) = (Sweep::new(limit), HashSet::new());
    let now = Instant::now();
    for _ in 0..1000 {
        let Due::Page(offset) = sweep.due(now) else {
            return (sweep.due(now), met);
        };
        let (list, second) = state();
        let (facts, pods) = page_of(&list, offset, limit as usize, second);
        let new = pods.iter().filter(|pod| !met.contains(*pod)).count() as u64;
        if sweep.take(offset, PageFacts { new, ..facts }) == Moved::Restarted {
            met.clear();
            continue;
        }
        met.extend(pods);
    }
    panic!("the sweep does not end");
}

/// Why no number of mixed sweeps shows that a pod is gone.
#[test]
fn replicas_by_turns_hide_the_same_living_pod_from_every_sweep() {
    let replicas: [(Vec<u32>, i64); 2] = [((0..21).collect(), 7), ((1..21).collect(), 0)];
    let mut call = 0;
    for _ in 0..5 {
        let (end, met) = sweep(10, || {
            call += 1;
            replicas[(call + 1) % 2].clone()
        });
        assert_eq!(end, over(true, true));
        let missed: Vec<u32> = (1..21).filter(|pod| !met.contains(pod)).collect();
        assert_eq!(missed, [10], "it lives in both");
        // A probe comes between two sweeps.
        call += call % 2;
    }
}

proptest! {
    /// However a list moves: a sweep that is called complete and not mixed has met every pod that lives, and after one over a
    /// list that rests, whatever was not met is gone.
    #[test]
    fn no_living_pod_is_taken_for_gone_and_a_gone_one_is_told_by_the_next_whole_sweep(
        pods in 0_u32..60,
        limit in 10_u32..20,
        moves in prop::collection::vec((0_usize..6, 0_u32..80, any::<bool>()), 0..40),
        seconds in prop_oneof![Just(20_i64), Just(3600)],
    ) {
        let mut list: Vec<u32> = (0..pods).collect();
        let (mut second, mut moves) = (0, moves.into_iter());
        for _ in 0..4 {
            let mut living: Option<HashSet<u32>> = None;
            let (end, met) = sweep(limit, || {
                if let Some((0, pod, appears)) = moves.next() {
                    second += seconds;
                    list.retain(|it| *it != pod);
                    if appears {
                        list.insert(list.len().min(pod as usize / 3), pod);
                    }
                }
                // What lives all along.
                let now: HashSet<u32> = list.iter().copied().collect();
                living = Some(living.take().map_or(now.clone(), |before| &before & &now));
                (list.clone(), second)
            });
            if end == COMPLETE {
                prop_assert!(living.unwrap_or_default().is_subset(&met), "{met:?}");
            }
        }
        let (end, met) = sweep(limit, || (list.clone(), second));
        prop_assert_eq!(end, COMPLETE);
        prop_assert_eq!(met, list.into_iter().collect::<HashSet<_>>());
    }
}
