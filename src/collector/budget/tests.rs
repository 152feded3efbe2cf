use super::*;
use proptest::prelude::*;

fn rule(limit: u32, seconds: u64) -> Throttle {
    Throttle {
        limit,
        window: Duration::from_secs(seconds),
    }
}

fn within(paid: &[Instant], window: Duration) -> usize {
    let starts = paid.iter().enumerate();
    let counts = starts.map(|(at, first)| paid[at..].iter().filter(|call| **call - *first < window).count());
    counts.max().unwrap_or(0)
}

#[test]
fn what_a_sweep_makes_in_a_minute_is_by_the_stricter_rule() {
    let (mut budget, now) = (CallBudget::new(5), Instant::now());
    assert_eq!(budget.a_minute(now), 4);
    budget.learn(rule(31, 3600), now);
    assert_eq!(budget.a_minute(now), 0, "not one a minute");
    assert_eq!(CallBudget::new(1).a_minute(now), 1);
}

proptest! {
    /// However eager the caller, and whatever the service says in between: never more than the limit in any
    /// minute, and never more than the first rule allows within its window.
    #[test]
    fn no_window_holds_more_than_the_limit(
        limit in 1_u32..8,
        told in prop::option::of((1_u32..12, 1_u64..100)),
        waits in prop::collection::vec(0_u64..40_000, 1..80),
    ) {
        let start = Instant::now();
        let mut now = start;
        let mut budget = CallBudget::new(limit);
        if let Some((limit, seconds)) = told {
            budget.learn(rule(limit, seconds), now);
        }
        let mut paid = Vec::new();
        for wait in waits {
            now = (now + Duration::from_millis(wait)).max(budget.ready_at(now));
            prop_assert!(budget.left(now) > 0);
            budget.pay(now);
            paid.push(now);
        }
        prop_assert!(within(&paid, WINDOW) <= limit as usize);
        if let Some((limit, seconds)) = told {
            let believed = start + Duration::from_secs(seconds);
            paid.retain(|call| *call < believed);
            prop_assert!(paid.len() <= limit as usize);
        }
    }
}

#[test]
fn it_is_known_when_the_next_call_comes_free() {
    let start = Instant::now();
    let after = |seconds| start + Duration::from_secs(seconds);
    let mut budget = CallBudget::new(3);
    assert_eq!(budget.next_free(start), None);
    budget.pay(start);
    budget.pay(after(10));
    assert_eq!(
        (budget.left(after(20)), budget.next_free(after(20))),
        (1, Some(after(60) + MARGIN))
    );
    assert_eq!(
        (budget.left(after(61)), budget.next_free(after(61))),
        (2, Some(after(70) + MARGIN))
    );
    assert_eq!(budget.next_free(after(71)), None);
    budget.block_until(after(90));
    assert_eq!((budget.left(after(71)), budget.next_free(after(71))), (3, None));
}

#[test]
fn what_no_rule_can_ask_about_is_forgotten() {
    let mut now = Instant::now();
    let mut budget = CallBudget::new(1_000_000);
    for _ in 0..10_000 {
        now += Duration::from_secs(10);
        budget.pay(now);
    }
    assert!(budget.calls.len() <= 361, "{}", budget.calls.len());
}

#[test]
fn a_block_holds_and_ends() {
    let now = Instant::now();
    let mut budget = CallBudget::new(5);
    budget.pay(now);
    assert_eq!((budget.ready_at(now), budget.left(now)), (now, 4));
    let until = now + Duration::from_secs(7);
    budget.block_until(until);
    budget.block_until(now + Duration::from_secs(3));
    assert_eq!(
        (budget.ready_at(now), budget.held_until(now)),
        (until, Some(until))
    );
    assert_eq!((budget.ready_at(until), budget.held_until(until)), (until, None));
}

#[test]
fn a_wait_that_the_service_asks_for_uses_up_no_calls() {
    let now = Instant::now();
    let mut budget = CallBudget::new(600);
    budget.pay(now);
    budget.pay(now);
    budget.block_until(now + Duration::from_mins(5));
    assert_eq!((budget.left(now), budget.limit()), (598, 600));
}

#[test]
fn a_stricter_rule_is_learned_from_a_refusal_and_a_laxer_one_is_not() {
    let now = Instant::now();
    let mut budget = CallBudget::new(5);
    for _ in 0..4 {
        budget.pay(now);
    }
    budget.learn(rule(600, 60), now);
    assert_eq!((budget.limit(), budget.left(now)), (5, 1), "that one is not ours");
    budget.learn(rule(2, 60), now);
    assert_eq!((budget.limit(), budget.left(now)), (2, 0));
    assert_eq!(budget.ready_at(now), now + WINDOW + MARGIN);
    budget.learn(rule(100, 60), now);
    assert_eq!(budget.limit(), 2);
    budget.learn(rule(0, 60), now);
    assert_eq!(budget.limit(), 1);
}

#[test]
fn a_short_window_does_not_loosen_the_minute() {
    let now = Instant::now();
    let mut budget = CallBudget::new(5);
    budget.learn(rule(3, 10), now);
    for _ in 0..3 {
        budget.pay(now);
    }
    let later = now + Duration::from_secs(10) + MARGIN;
    assert_eq!(budget.ready_at(now), later);
    budget.pay(later);
    budget.pay(later);
    assert_eq!(budget.ready_at(later), now + WINDOW + MARGIN);
}

#[test]
fn headers_raise_the_limit_again_up_to_the_operators() {
    let now = Instant::now();
    let quota = |limit, remain| Quota {
        throttle: rule(limit, 60),
        remain,
    };
    let mut budget = CallBudget::new(20);
    budget.learn(rule(5, 60), now);
    budget.observe(&[], now);
    assert_eq!(budget.limit(), 5, "nothing was told");
    budget.observe(&[quota(600, 500), quota(10, 9)], now);
    assert_eq!((budget.limit(), budget.left(now)), (10, 10));
    budget.observe(&[quota(600, 500)], now);
    assert_eq!(budget.limit(), 20);
    budget.observe(&[quota(600, 0)], now);
    assert_eq!((budget.left(now), budget.ready_at(now)), (0, now + WINDOW));
}

#[test]
fn a_call_counts_until_its_window_and_the_margin_are_over() {
    let now = Instant::now();
    let mut budget = CallBudget::new(1);
    budget.pay(now);
    assert_eq!(
        (budget.left(now + WINDOW), budget.left(now + WINDOW + MARGIN)),
        (0, 1)
    );
    let mut budget = CallBudget::new(9);
    budget.pay(now);
    budget.pay(now + LONGEST_WINDOW + MARGIN - Duration::from_millis(1));
    assert_eq!(
        budget.calls.len(),
        2,
        "the longest rule may still ask about the first"
    );
    budget.pay(now + LONGEST_WINDOW + MARGIN);
    assert_eq!(budget.calls.len(), 2);
}

#[test]
fn time_is_told_by_the_slowest_rule_with_a_call_to_spare() {
    let mut budget = CallBudget::new(5);
    let now = Instant::now();
    assert_eq!(
        [0, 3, 4, 5, 9].map(|calls| budget.time_for(calls, now)),
        [0, 0, 0, 1, 2].map(|windows| WINDOW * windows)
    );
    budget.learn(rule(2, 3600), now);
    assert_eq!(budget.time_for(3, now), Duration::from_hours(2));
}

#[test]
fn what_is_spent_already_is_waited_for() {
    let start = Instant::now();
    let mut budget = CallBudget::new(5);
    (0..4).for_each(|_| budget.pay(start));
    let now = start + Duration::from_secs(3);
    let rest = Duration::from_secs(57) + MARGIN;
    assert_eq!(
        [1, 2, 4, 5].map(|calls| budget.time_for(calls, now)),
        [rest, rest, rest, rest + WINDOW]
    );
    budget.block_until(start + Duration::from_mins(5));
    assert_eq!(budget.time_for(1, now), Duration::from_secs(297));
    assert_eq!(budget.time_for(0, now), Duration::ZERO);
}

#[test]
fn rules_are_compared_by_their_rate() {
    let (mut budget, now) = (CallBudget::new(1_000_000), Instant::now());
    budget.learn(rule(10, 60), now);
    budget.learn(rule(20, 120), now);
    assert_eq!(budget.limit(), 10, "the same rate is not stricter");
    budget.learn(rule(5, 60), now);
    budget.learn(rule(10_000, 3600), now);
    assert_eq!(
        budget.limit(),
        5,
        "more calls in a longer window, at a higher rate"
    );
    budget.learn(rule(100, 3600), now);
    assert_eq!(budget.limit(), 100, "and at a lower one");
}
#[test]
fn what_was_learnt_is_believed_for_one_window_and_ten_minutes_at_most() {
    let now = Instant::now();
    let after = |seconds| now + Duration::from_secs(seconds);
    let mut budget = CallBudget::new(5);
    budget.pay(now);
    budget.learn(rule(1, 3600), now);
    assert_eq!((budget.left(now), budget.ready_at(now)), (0, after(600)));
    assert_eq!((budget.left(after(599)), budget.left(after(600))), (0, 5));
    budget.learn(rule(1, 90), now);
    assert_eq!(budget.ready_at(now), after(600), "a laxer one does not end it");
    budget.forget(after(599));
    assert_eq!(budget.limit(), 1);
    budget.forget(after(600));
    assert_eq!(budget.limit(), 5);
    budget.learn(rule(2, 90), after(600));
    assert_eq!(budget.limit(), 2, "what is over counts for nothing");
    budget.learn(rule(3, 90), after(650));
    assert_eq!(budget.limit(), 2);
    let end = after(740) + MARGIN;
    assert_eq!(
        (budget.left(end - MARGIN), budget.left(end)),
        (2, 5),
        "another answer renews it"
    );
}

#[test]
fn the_operator_may_spend_a_call_that_only_a_learnt_rule_forbids() {
    let now = Instant::now();
    let after = |seconds| now + Duration::from_secs(seconds);
    let mut budget = CallBudget::new(2);
    budget.pay(now);
    budget.learn(rule(1, 3600), now);
    budget.block(after(300), after(60));
    assert_eq!(budget.ready_at(now), after(600));
    budget.ask_anew();
    assert_eq!(
        (budget.ready_at(now), budget.held_until(after(59))),
        (after(60), Some(after(60)))
    );
    assert_eq!((budget.left(after(61)), budget.held_until(after(61))), (2, None));
    budget.pay(after(61));
    assert_eq!(budget.left(after(62)), 0, "one call");
    assert_eq!(budget.ready_at(after(62)), after(600));
    budget.ask_anew();
    budget.pay(after(62));
    budget.ask_anew();
    assert_eq!(
        budget.ready_at(after(63)),
        after(121) + MARGIN,
        "the own rule holds"
    );
}

#[test]
fn calls_of_all_programs_take_the_place_of_those_of_the_last_minute() {
    let now = Instant::now();
    let ago = |seconds| Duration::from_secs(seconds);
    let mut budget = CallBudget::new(5);
    budget.pay(now - ago(100));
    budget.pay(now - ago(50));
    budget.share(&[ago(59), ago(30), ago(0)].into_iter().collect(), now);
    assert_eq!((budget.left(now), budget.calls.len()), (2, 4));
    assert_eq!(budget.ready_for(3, now), now + ago(1) + MARGIN);
    budget.share(&CallAges::default(), now + ago(100));
    assert_eq!(
        budget.calls.len(),
        4,
        "they are older than a minute, but a rule may ask about them"
    );
    budget.share(&CallAges::default(), now + LONGEST_WINDOW);
    assert_eq!(budget.calls.len(), 1);
    let many = vec![ago(1); 50].into_iter().collect();
    budget.share(&many, now);
    assert_eq!((budget.left(now), budget.calls.len()), (0, 50));
}

#[test]
fn without_the_own_rule_only_what_the_service_wants_is_left() {
    let now = Instant::now();
    let mut budget = CallBudget::new(1);
    budget.pay(now);
    assert_eq!(budget.of_the_service().ready_for(2, now), now);
    budget.learn(rule(1, 30), now);
    let service = budget.of_the_service();
    assert_eq!(
        (service.ready_at(now), service.limit()),
        (now + Duration::from_secs(30) + MARGIN, 1)
    );
    budget.block_until(now + Duration::from_secs(40));
    assert_eq!(
        budget.of_the_service().ready_at(now),
        now + Duration::from_secs(40)
    );
}

#[test]
fn a_rule_that_another_program_learnt_holds_and_ends_as_an_own_one() {
    let now = Instant::now();
    let after = |seconds| now + Duration::from_secs(seconds);
    let mut budget = CallBudget::new(5);
    assert_eq!(budget.learnt(now), None);
    budget.take_learnt(rule(1, 3600), Duration::from_secs(100), now);
    budget.pay(now);
    assert_eq!((budget.left(after(99)), budget.left(after(100))), (0, 5));
    assert_eq!(
        budget.learnt(now),
        Some((rule(1, 3600), Duration::from_secs(100)))
    );
    assert_eq!(budget.learnt(after(100)), None);
    budget.take_learnt(rule(1, 3600), Duration::from_secs(10), now);
    assert_eq!(
        budget.left(after(99)),
        0,
        "it is believed for as long as either says"
    );
    budget.take_learnt(rule(3, 60), Duration::from_secs(10), now);
    assert_eq!(
        (budget.left(after(1)), budget.left(after(10))),
        (2, 4),
        "another one takes its place"
    );
    budget.take_learnt(rule(1, 3600), Duration::from_hours(9), now);
    assert_eq!((budget.left(after(599)), budget.left(after(600))), (0, 5));
}

#[test]
fn calls_are_retained_for_the_largest_limit_and_no_more() {
    let now = Instant::now();
    let mut budget = CallBudget::new(2);
    budget.remember_for(5);
    budget.remember_for(1);
    (0..9).for_each(|_| budget.pay(now));
    assert_eq!(budget.calls().len(), 5);
    assert_eq!(budget.with_calls(2, budget.calls().clone()).left(now), 0);
}

#[test]
fn what_the_ledger_tells_replaces_the_calls_of_the_last_minute_to_the_millisecond() {
    let now = Instant::now();
    // A window of a minute and of an hour, each with the margin of 250 ms.
    for (age, left) in [
        (0, 0),
        (59_751, 0),
        (60_249, 0),
        (60_250, 1),
        (3_600_249, 1),
        (3_600_250, 0),
    ] {
        let mut budget = CallBudget::new(5);
        budget.pay(now);
        budget.share(&CallAges::default(), now + Duration::from_millis(age));
        assert_eq!(budget.calls().len(), left, "{age} ms");
    }
}

#[test]
fn calls_that_are_used_up_are_there_again_when_the_window_ends() {
    let now = Instant::now();
    let mut budget = CallBudget::new(5);
    let used_up = Quota {
        throttle: rule(600, 60),
        remain: 0,
    };
    budget.observe(&[used_up], now);
    assert_eq!(
        (
            budget.left(now + Duration::from_secs(59)),
            budget.left(now + WINDOW)
        ),
        (0, 5)
    );
}
