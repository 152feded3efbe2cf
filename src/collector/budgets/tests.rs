use super::*;
use proptest::prelude::*;

fn key(user: &str, address: &str) -> BudgetKey {
    BudgetKey {
        gateway: "hss.example:443".to_owned(),
        api: "ListK8sPods",
        user: user.to_owned(),
        address: address.to_owned(),
    }
}

const PAGE: SourceClaim = SourceClaim {
    need: 2,
    urgent: false,
};
const LOOK: SourceClaim = SourceClaim {
    need: 1,
    urgent: true,
};

/// A source that always wants another call.
struct Hungry {
    share: BudgetShare,
    claim: SourceClaim,
    /// When it claims again.
    next: Instant,
    /// When its call is over, and when the service counts it.
    under_way: Option<(Instant, Instant)>,
    calls: Vec<Instant>,
}

/// Runs the sources for a time; the duration of each call, and when the service counts it, are arguments.
fn play(mut sources: Vec<Hungry>, last: Duration, calls: &[(u64, u64)]) -> Vec<Hungry> {
    let start = Instant::now();
    let mut calls = calls.iter().cycle();
    let mut now = start;
    while now - start < last {
        // Of sources that ask at the same moment, the first is not always the same.
        sources.rotate_left(1);
        for source in &mut sources {
            if let Some((over, _)) = source.under_way.filter(|(over, _)| *over <= now) {
                source.under_way = None;
                source.share.settle(over, 0);
            }
            if source.under_way.is_none() && source.next <= now {
                match source.share.claim(source.claim, now) {
                    Ok(()) => {
                        let (takes, counted) = calls.next().copied().unwrap_or((1, 0));
                        let (takes, counted) = (takes.max(1), counted.min(takes));
                        let counted = now + Duration::from_millis(counted);
                        source.under_way = Some((now + Duration::from_millis(takes), counted));
                        source.calls.push(counted);
                    }
                    Err(at) => source.next = at.min(now + Duration::from_secs(5)),
                }
            }
        }
        let next = sources.iter().map(|source| match source.under_way {
            Some((over, _)) => over,
            None => source.next,
        });
        now = next
            .fold(now + Duration::from_mins(1), Instant::min)
            .max(now + Duration::from_millis(1));
    }
    sources
}

/// The most calls in any window of those that `are` counted together.
fn most(sources: &[Hungry], are: impl Fn(&Hungry) -> bool) -> usize {
    let of = sources.iter().filter(|source| are(source));
    let mut calls: Vec<Instant> = of.flat_map(|source| source.calls.iter().copied()).collect();
    calls.sort_unstable();
    let windows = calls.iter().enumerate();
    let counts =
        windows.map(|(at, first)| calls[at..].iter().filter(|call| **call - *first < WINDOW).count());
    counts.max().unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Two or three sources, with equal or different users and addresses, each calling as often as it may: no
    /// user and no address exceeds the limit in any minute, and every source makes progress.
    #[test]
    fn no_user_and_no_address_passes_the_limit_and_each_source_gets_on(
        limit in 1_u32..7,
        kinds in prop::collection::vec((0_usize..2, 0_usize..2, any::<bool>()), 2..4),
        calls in prop::collection::vec((1_u64..30_000, 0_u64..30_000), 1..40),
    ) {
        let (budgets, now) = (Budgets::default(), Instant::now());
        let sources = kinds.iter().map(|(user, address, urgent)| Hungry {
            share: budgets.share(key(["ann", "bob"][*user], ["", "proxy:3128"][*address]), limit),
            claim: if *urgent { LOOK } else { PAGE },
            next: now,
            under_way: None,
            calls: Vec::new(),
        });
        let sources = play(sources.collect(), Duration::from_mins(30), &calls);
        for name in ["ann", "bob"] {
            prop_assert!(most(&sources, |source| source.share.key.user == name) <= limit as usize);
        }
        for address in ["", "proxy:3128"] {
            prop_assert!(most(&sources, |source| source.share.key.address == address) <= limit as usize);
        }
        for source in &sources {
            // At least one in two minutes, however urgent the others are; a call may take half a minute.
            prop_assert!(source.calls.len() >= 5, "{} calls", source.calls.len());
        }
    }
}

#[test]
fn sources_that_share_nothing_do_not_wait_for_each_other() {
    let (budgets, now) = (Budgets::default(), Instant::now());
    let other_api = BudgetKey {
        api: "CreateClustersInfo",
        ..key("ann", "")
    };
    let other_region = BudgetKey {
        gateway: "hss.elsewhere:443".to_owned(),
        ..key("ann", "")
    };
    let keys = [key("ann", ""), key("bob", "proxy:3128"), other_api, other_region];
    let mut shares = keys.map(|key| budgets.share(key, 1));
    for share in &mut shares {
        assert_eq!(share.claim(LOOK, now), Ok(()));
        assert_eq!(share.view(now).left(now), 0);
    }
}

#[test]
fn turns_are_fair_among_equals() {
    let budgets = Budgets::default();
    let hungry = |claim| Hungry {
        share: budgets.share(key("ann", ""), 5),
        claim,
        next: Instant::now(),
        under_way: None,
        calls: Vec::new(),
    };
    let sources = play(
        vec![hungry(PAGE), hungry(PAGE), hungry(PAGE)],
        Duration::from_hours(1),
        &[(300, 200)],
    );
    let counts: Vec<usize> = sources.iter().map(|source| source.calls.len()).collect();
    let (least, greatest) = (*counts.iter().min().unwrap(), *counts.iter().max().unwrap());
    assert!(greatest - least <= 2 && least >= 70, "{counts:?}");
}

#[test]
fn what_the_service_told_one_source_holds_for_all_of_its_key_and_keeps_no_other_waiting() {
    let (budgets, now) = (Budgets::default(), Instant::now());
    let mut one = budgets.share(key("ann", ""), 5);
    let mut same = budgets.share(key("ann", ""), 5);
    let mut neighbour = budgets.share(key("bob", ""), 5);
    let until = now + Duration::from_secs(90);
    one.block(until, until);
    assert_eq!(one.claim(LOOK, now), Err(until));
    assert_eq!(same.claim(LOOK, now), Err(until));
    for _ in 0..5 {
        assert_eq!(
            neighbour.claim(PAGE, now),
            Ok(()),
            "those that wait for the service hold no place"
        );
        neighbour.settle(now, 0);
        if neighbour.view(now).left(now) == 1 {
            break;
        }
    }
    assert!(neighbour.claim(PAGE, now).is_err(), "it leaves one free");
    assert_eq!(one.view(now).held_until(now), Some(until));
    assert_eq!(neighbour.view(now).held_until(now), None);
}

#[test]
fn a_call_under_way_counts_as_made_now_until_it_is_over() {
    let (budgets, now) = (Budgets::default(), Instant::now());
    let after = |seconds| now + Duration::from_secs(seconds);
    let mut slow = budgets.share(key("ann", ""), 1);
    let mut other = budgets.share(key("ann", ""), 1);
    slow.claim(LOOK, now).unwrap();
    assert_eq!(
        other.claim(LOOK, after(70)),
        Err(after(130) + MARGIN),
        "it is still under way"
    );
    slow.settle(after(80), 0);
    assert_eq!(other.claim(LOOK, after(81)), Err(after(140) + MARGIN));
    slow.give_back(0);
    assert_eq!(other.claim(LOOK, after(141)), Ok(()));
    other.give_back(0);
    assert_eq!(
        slow.claim(LOOK, after(142)),
        Ok(()),
        "what was not made does not count"
    );
}

/// The ledger has the calls of all programs to an endpoint: they are counted once, whatever sources this
/// program has.
#[test]
fn what_the_ledger_tells_is_counted_once() {
    let (budgets, now) = (Budgets::default(), Instant::now());
    let mut shares = [key("ann", ""), key("ann", ""), key("bob", "")].map(|key| budgets.share(key, 3));
    let ages = [Duration::from_secs(3), Duration::ZERO].into_iter().collect();
    for share in &mut shares {
        share.take_ledger(&ages, now);
        assert_eq!(share.view(now).left(now), 1);
    }
    // If it can no longer be used, the sources continue counting from its last calls.
    let [ann, same, bob] = &mut shares;
    assert!(
        ann.claim(LOOK, now).is_err(),
        "three at this address and one of them twice, as far as can be told"
    );
    let later = now + WINDOW + MARGIN;
    assert_eq!(same.claim(LOOK, later), Ok(()));
    assert_eq!(bob.claim(LOOK, later), Ok(()));
    assert_eq!(bob.view(later).left(later), 1);
}

#[test]
fn what_one_source_learns_holds_for_all_of_its_key() {
    let (budgets, now) = (Budgets::default(), Instant::now());
    let share = || budgets.share(key("u", "a"), 5);
    let (mut one, other) = (share(), share());
    let rule = |limit, window| Throttle { limit, window };
    one.learn(rule(1, WINDOW), now);
    assert_eq!(other.view(now).limit(), 1);
    let later = now + WINDOW + MARGIN;
    one.forget(later);
    assert_eq!(other.view(later).limit(), 5);
    one.take_learnt(rule(2, WINDOW), WINDOW, later);
    assert_eq!(other.view(later).limit(), 2);
    let quota = Quota {
        throttle: rule(3, WINDOW),
        remain: 3,
    };
    one.observe(&[quota], later);
    assert_eq!(other.view(later).limit(), 3);
    one.claim(LOOK, later).unwrap();
    one.settle(later, 0);
    one.take_learnt(rule(1, 60 * WINDOW), 10 * WINDOW, later);
    let is_free = |share: &BudgetShare| share.view(later).ready_at(later) == later;
    assert!(!is_free(&one));
    one.ask_anew();
    assert!(is_free(&one) && !is_free(&other), "only who asked may spend one");
    one.sent();
    assert!(!is_free(&one));
}

#[test]
fn who_leaves_the_queue_holds_nobody_and_a_call_of_one_that_is_gone_counts() {
    let (budgets, now) = (Budgets::default(), Instant::now());
    let share = || budgets.share(key("u", "a"), 1);
    let (mut first, mut waits, mut last) = (share(), share(), share());
    let at = |millis| now + Duration::from_millis(millis);
    first.claim(LOOK, now).unwrap();
    first.settle(now, 0);
    assert_eq!(waits.claim(LOOK, at(59_000)), Err(at(60_250)));
    assert!(
        last.claim(LOOK, at(60_250)).is_err(),
        "the other one waits longer"
    );
    waits.leave();
    assert_eq!(last.claim(LOOK, at(60_250)), Ok(()));
    drop(last);
    assert_eq!(waits.view(at(60_250)).left(at(60_250)), 0);
    let later = at(60_250) + 2 * WINDOW;
    assert_eq!(waits.view(later).left(later), 1, "but not forever");
}

#[test]
fn a_sweep_that_has_waited_for_two_minutes_takes_the_last_call() {
    let (budgets, now) = (Budgets::default(), Instant::now());
    let share = || budgets.share(key("u", "a"), 2);
    let (mut sweep, mut operator) = (share(), share());
    let mut look = |at| {
        operator.claim(LOOK, at).unwrap();
        operator.settle(at, 0);
    };
    look(now);
    for second in 1..=122 {
        let at = now + Duration::from_secs(second);
        if second % 61 == 0 {
            look(at);
        }
        assert!(sweep.claim(PAGE, at).is_err(), "{second}");
    }
    // It waits since the first second.
    let at = now + Duration::from_secs(1) + WAITED_LONG;
    assert!(sweep.claim(PAGE, at - Duration::from_millis(1)).is_err());
    assert_eq!(sweep.claim(PAGE, at), Ok(()));
}

#[test]
fn a_key_is_of_a_gateway_an_api_a_user_and_an_address() {
    use crate::hss::auth::source::{CredentialSource, ResolvedSource};
    use crate::hss::{Credential, Endpoint, ProjectId, Token};
    let source = CredentialSource::Given(Credential::Token(Token::new("t").unwrap()));
    let found = ResolvedSource {
        source,
        name: "x".into(),
    };
    let endpoint = Endpoint::parse("https://hss.example.com/base", false).unwrap();
    let setup = Setup::new(endpoint, ProjectId::new("p").unwrap(), found);
    let key = BudgetKey::of(&setup, "ListPods");
    assert_eq!((key.gateway.as_str(), key.api), ("hss.example.com", "ListPods"));
    let other = BudgetKey {
        api: "Other",
        ..key.clone()
    };
    assert!(key.is_counted_with(&key) && !key.is_counted_with(&other));
    let elsewhere = BudgetKey {
        gateway: "else:443".into(),
        ..key.clone()
    };
    assert!(!key.is_counted_with(&elsewhere));
    let neighbour = BudgetKey {
        user: "other".into(),
        address: "proxy".into(),
        ..key.clone()
    };
    assert!(
        !key.is_counted_with(&neighbour),
        "neither the user nor the address"
    );
}

#[test]
fn whoever_waits_behind_many_is_told_of_the_window_that_will_be_its_own() {
    let (budgets, now) = (Budgets::default(), Instant::now());
    let share = || budgets.share(key("u", "a"), 2);
    let (mut first, mut second) = (share(), share());
    for spent in [&mut first, &mut second] {
        spent.claim(LOOK, now).unwrap();
        spent.settle(now, 0);
    }
    let mut waiting: Vec<BudgetShare> = (0..5).map(|_| share()).collect();
    let told: Vec<Instant> = waiting
        .iter_mut()
        .map(|share| share.claim(LOOK, now).unwrap_err())
        .collect();
    let after = |windows: u32| now + (WINDOW + MARGIN) * windows;
    assert_eq!(told, [1, 1, 2, 2, 3].map(after));
}

#[test]
fn of_two_calls_under_way_the_older_one_ends_and_the_other_still_counts() {
    let budgets = Budgets::default();
    let mut one = budgets.share(key("u", "a"), 3);
    let now = Instant::now();
    let after = |seconds| now + Duration::from_secs(seconds);
    one.claim(LOOK, now).unwrap();
    one.claim(LOOK, after(1)).unwrap();
    one.settle(after(2), 1);
    one.settle(after(2), 1);
    let mut other = budgets.share(key("u", "a"), 3);
    assert_eq!(other.view(after(2)).left(after(2)), 1);
    // The one that ended is over a minute later, and the other one has not ended.
    assert_eq!(other.view(after(63)).left(after(63)), 2);
    one.give_back(0);
    assert_eq!(other.view(after(63)).left(after(63)), 3);
    assert_eq!(other.claim(LOOK, after(63)), Ok(()));
}
