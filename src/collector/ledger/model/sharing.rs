//! Programs that share a budget finish as soon as the budget allows.

use super::*;

/// How long an answer takes, and how often a program that waits asks again.
const LATENCY: i64 = 300;
const ASKS_AGAIN: i64 = 1000;

/// Programs that each fetch a number of pages, one after the other, like the fetch task. Returns when each
/// finished.
fn share(pages: &[u32], limit: u32) -> Vec<i64> {
    let mut world = LedgerWorld::new(pages.len(), limit);
    let start = world.time;
    let mut left = pages.to_vec();
    let mut next: Vec<i64> = (0_i64..).map(|at| start + 7 * at).take(pages.len()).collect();
    let mut done = vec![0; pages.len()];
    while let Some(at) = (0..pages.len())
        .filter(|at| left[*at] > 0)
        .min_by_key(|at| next[*at])
    {
        world.pass(next[at] - world.time);
        if world.programs[at].doing != Doing::Nothing {
            world.end(at);
            left[at] -= 1;
            done[at] = world.time - start;
            continue;
        }
        let is_first = left[at] == pages[at];
        match world.claim(at, if is_first { 1 } else { 2 }, is_first) {
            Some(ClaimAnswer::Go) => {
                world.send(at);
                next[at] = world.time + LATENCY;
            }
            Some(ClaimAnswer::Wait(wait)) => {
                next[at] = world.time + i64::try_from(wait.as_millis()).unwrap().min(ASKS_AGAIN);
            }
            None => unreachable!("it runs and has no call under way"),
        }
    }
    assert!(world.most_in_a_minute() <= limit as usize);
    done
}

#[test]
fn programs_that_share_are_all_done_in_the_least_time_that_the_budget_allows() {
    for (pages, windows) in [
        (vec![1, 1, 1], 0),
        (vec![1, 1, 1, 1, 1], 0),
        (vec![2, 2, 2], 1),
        // A page leaves one call free for the operator: four in each minute, and a first probe may be the
        // fifth.
        (vec![3, 3, 3], 2),
        (vec![13, 1, 1], 3),
        (vec![20, 20, 20], 14),
    ] {
        let done = share(&pages, 5);
        let slowest = done.iter().max().copied().unwrap();
        let least = windows * COUNTS;
        assert!(
            (least..=least + windows * 700 + 3000).contains(&slowest),
            "{pages:?}: {slowest} ms, not {least}"
        );
    }
}

#[test]
fn none_of_them_waits_for_another_to_be_done() {
    // The long one does not delay the short ones, nor they the long one.
    let done = share(&[40, 4, 4], 5);
    assert!(done[1].max(done[2]) < 4 * COUNTS, "{done:?}");
    let alone = share(&[40], 5)[0];
    assert!(done[0] <= alone + 3 * COUNTS, "{done:?}, alone {alone}");
}

/// Four programs that are fresh probe once a minute; one sweeps.
#[test]
fn probes_of_fresh_programs_do_not_starve_a_sweep() {
    let mut world = LedgerWorld::new(5, 5);
    let end = world.time + 20 * COUNTS;
    let mut next = [0_i64; 5].map(|_| world.time);
    let (mut pages, mut probes) = (0, 0);
    while world.time < end {
        let at = (0..5).min_by_key(|at| next[*at]).unwrap();
        world.pass((next[at] - world.time).max(0));
        let is_sweep = at == 0;
        match world.claim(at, 1 + u32::from(is_sweep), false) {
            Some(ClaimAnswer::Go) => {
                world.send(at);
                world.end(at);
                (pages, probes) = (pages + i32::from(is_sweep), probes + i32::from(!is_sweep));
                next[at] = world.time + if is_sweep { LATENCY } else { 60_000 };
            }
            Some(ClaimAnswer::Wait(wait)) => {
                next[at] = world.time + i64::try_from(wait.as_millis()).unwrap().min(ASKS_AGAIN);
            }
            None => unreachable!("it runs and has no call under way"),
        }
    }
    assert!(
        pages >= 15 && probes >= 55,
        "{pages} pages, {probes} probes in 20 minutes"
    );
    assert!(world.most_in_a_minute() <= 5);
}
