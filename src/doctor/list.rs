//! How old the list is that HSS shows, and which of several endpoints work.
//!
//! Pure: what was found elsewhere is an argument.

use jiff::Timestamp;

use super::{Check, Verdict};
use crate::collector::dates;
use crate::fleet::list_age::{ListAgeLimit, ListCurrency};
use crate::hss::{Answer, Endpoint, Error};
use crate::ui::format::{age, seconds_since};

/// How old the list is, by the limit of the dashboard.
pub(super) fn age_of(result: &Result<Answer, Error>, now: Timestamp, limit: ListAgeLimit) -> Check {
    const NAME: &str = "list";
    let Ok(answer) = result else {
        return Check::skipped(NAME, "needs an answer");
    };
    let (page, skew) = (&answer.value, answer.skew);
    match dates::believed(page.snapshot_at, page.odd_snapshot.clone(), now, skew) {
        (_, Some(odd)) => Check::warning(
            NAME,
            format!("last_update_time is {}, which is impossible", odd.shown()),
            "the age of the list is unknown; give the request id of the call to the service's support",
        ),
        (None, None) => Check::skipped(NAME, "the answer does not say how old it is"),
        (Some(at), None) => {
            let service_now = now.checked_add(skew.unwrap_or_default()).unwrap_or(now);
            let found = format!("as of {at:.0}, {} old", age(seconds_since(at, service_now)));
            if limit.judge(service_now.duration_since(at)) > ListCurrency::Current {
                let advice = "HSS shows its clusters as of its last synchronisation: in the HSS console, synchronise the container assets, and check whether the clusters are connected";
                Check::warning(NAME, found, advice)
            } else {
                Check::ok(NAME, found)
            }
        }
    }
}

/// A line for each of several endpoints, from the checks of its connection. One that fails is a problem only
/// if all fail.
pub(super) fn endpoints<W: AsRef<[Check]>>(ways: &[(Endpoint, W)]) -> Vec<Check> {
    const NAME: &str = "endpoint";
    if ways.len() < 2 {
        return Vec::new();
    }
    let one_works = ways.iter().any(|(_, way)| works(way.as_ref()));
    let line = |(endpoint, way): &(Endpoint, W)| {
        let problem = way
            .as_ref()
            .iter()
            .find(|check| check.verdict == Verdict::Problem);
        match problem {
            None => Check::ok(NAME, format!("{endpoint} can be reached")),
            Some(problem) => {
                let found = format!("{endpoint}: {}", problem.found);
                let advice = problem.advice.clone().unwrap_or_default();
                if one_works {
                    Check::warning(NAME, found, format!("another endpoint is used; {advice}"))
                } else {
                    Check::problem(NAME, found, advice)
                }
            }
        }
    };
    ways.iter().map(line).collect()
}

/// Whether none of these checks failed.
pub(super) fn works(way: &[Check]) -> bool {
    way.iter().all(|check| check.verdict != Verdict::Problem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn now() -> Timestamp {
        "2025-08-15T09:30:15Z".parse().unwrap()
    }

    fn dated(hours: i64) -> Answer {
        let mut answer: Answer = Answer::default();
        answer.value.snapshot_at = now().checked_sub(SignedDuration::from_hours(hours)).ok();
        answer
    }

    #[test]
    fn a_list_that_is_older_than_a_day_is_a_warning_with_the_way_out() {
        let age_of = |result: &_, now| super::age_of(result, now, ListAgeLimit::default());
        let fresh = age_of(&Ok(dated(26)), now());
        assert_eq!((fresh.verdict, fresh.advice), (Verdict::Ok, None));
        let old = age_of(&Ok(dated(96)), now());
        assert_eq!(old.verdict, Verdict::Warning);
        assert!(
            old.found.contains("4d old") && old.advice.unwrap().contains("synchronise"),
            "{}",
            old.found
        );
        let mut odd: Answer = Answer::default();
        odd.value.odd_snapshot = Some(crate::fleet::RemoteText::name("1755000000"));
        let odd = age_of(&Ok(odd), now());
        assert!(
            odd.verdict == Verdict::Warning && odd.found.contains("1755000000"),
            "{}",
            odd.found
        );
        assert_eq!(age_of(&Ok(Answer::default()), now()).verdict, Verdict::Skipped);
        assert_eq!(
            age_of(&Ok(dated(-24 * 365)), now()).verdict,
            Verdict::Warning,
            "ahead"
        );
    }

    #[test]
    fn of_two_endpoints_one_that_works_is_enough() {
        let way = |works: bool| {
            let last = if works {
                Check::ok("TLS", "trusted")
            } else {
                Check::problem("TLS", "expired", "renew it")
            };
            [Check::ok("name", "is"), Check::ok("connection", "is"), last]
        };
        let endpoint = |host: &str| Endpoint::parse(&format!("https://{host}"), false).unwrap();
        let verdicts = |first: bool, second: bool| {
            let ways = [
                (endpoint("a.example"), way(first)),
                (endpoint("b.example"), way(second)),
            ];
            endpoints(&ways)
                .iter()
                .map(|check| check.verdict)
                .collect::<Vec<_>>()
        };
        assert_eq!(verdicts(true, true), [Verdict::Ok, Verdict::Ok]);
        assert_eq!(verdicts(false, true), [Verdict::Warning, Verdict::Ok]);
        assert_eq!(verdicts(false, false), [Verdict::Problem, Verdict::Problem]);
        assert!(
            endpoints(&[(endpoint("a.example"), way(false))]).is_empty(),
            "its own lines say it"
        );
    }
}
