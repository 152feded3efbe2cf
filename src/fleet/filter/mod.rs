//! Scope and query, asked of all rows at once.
//!
//! Owns the fast way to say what [`eval::matches`](super::query::eval::matches) says pod by pod: every test is made
//! ready once and asked of whole columns, chunk by chunk, on two threads where there is enough to do. Must not: know
//! order.

mod automaton;
pub mod check;
pub mod search;
mod syntax;

use std::sync::Arc;
use std::thread;

use jiff::Timestamp;

use super::query::Query;
use super::risk;
use super::scope::Scope;
use super::snapshot::Fleet;
use super::store::chunk::{Chunk, Col, Mask, flag};
use super::store::counts;
use super::summary::Summary;
use check::{Check, names};
use search::Needle;

/// From so many chunks on two threads are quicker than one.
const WORTH_TWO_THREADS: usize = 16;

/// Does `work` for each chunk, on two threads where that is worth it.
pub fn each_chunk<T: Send>(chunks: &[Arc<Chunk>], work: impl Fn(&Chunk) -> T + Sync) -> Vec<T> {
    let all = |chunks: &[Arc<Chunk>]| -> Vec<T> { chunks.iter().map(|chunk| work(chunk)).collect() };
    if chunks.len() < WORTH_TWO_THREADS {
        return all(chunks);
    }
    let (first, second) = chunks.split_at(chunks.len() / 2);
    thread::scope(|scope| {
        let other = scope.spawn(|| all(second));
        let mut done = all(first);
        done.extend(other.join().unwrap_or_else(|_| all(second)));
        done
    })
}

/// The rows of each chunk that hold a pod which an answer to `scope` may hold.
pub fn in_scope(fleet: &Fleet, scope: &Scope) -> Vec<Mask> {
    let named = |col: Col, wanted: &Option<String>| {
        let wanted = wanted.as_deref()?;
        let passed = |word: super::Field<&str>| word.value().is_some_and(|word| word.contains(wanted));
        Some(Check::Word(col, fleet.words().of(col).table(passed)))
    };
    let words: Vec<Check> = [
        named(Col::Namespace, &scope.namespace),
        named(Col::Cluster, &scope.cluster),
    ]
    .into_iter()
    .flatten()
    .collect();
    let pod = scope.pod.as_deref().filter(|wanted| !wanted.is_empty());
    let needle = pod.map(|pod| Needle::new(pod.as_bytes()));
    each_chunk(fleet.chunks(), |chunk| {
        let mut mask = words.iter().fold(chunk.taken(), |mask, check| {
            mask.and(check.mask(chunk, fleet.words()))
        });
        if scope.pod.is_some() {
            let nameless = Check::Flags(flag::NAME_ABSENT | flag::NAME_UNREADABLE);
            mask = mask.without(nameless.mask(chunk, fleet.words()));
        }
        if let Some(needle) = &needle {
            let mut holding = Mask::NONE;
            names(chunk).holding(needle, |at| holding.add(at));
            mask = mask.and(holding);
        }
        mask
    })
}

/// Those rows of `rows` that `query` lets through, and with `problems` only those that are a problem.
pub fn passing(fleet: &Fleet, rows: &[Mask], query: &Query, problems: bool, now: Timestamp) -> Vec<Mask> {
    let ready = |test| Check::of(test, fleet, now);
    let clauses: Vec<Check> = query
        .clauses()
        .into_iter()
        .map(|clause| Check::AnyOf(clause.into_iter().map(ready).collect()))
        .collect();
    let exclusions: Vec<Check> = query.exclusions().map(ready).collect();
    let masks = each_chunk(fleet.chunks(), |chunk| {
        let mut mask = Mask::first(chunk.len());
        if problems {
            let worse = Mask::of(chunk.column(Col::Risk), risk::is_problem_score);
            mask = mask
                .and(worse)
                .without(Check::Flags(flag::GONE).mask(chunk, fleet.words()));
        }
        for clause in &clauses {
            if mask.is_empty() {
                return mask;
            }
            mask = mask.and(clause.mask(chunk, fleet.words()));
        }
        exclusions
            .iter()
            .fold(mask, |mask, check| mask.without(check.mask(chunk, fleet.words())))
    });
    rows.iter()
        .zip(masks)
        .map(|(rows, mask)| rows.and(mask))
        .collect()
}

/// Counts over the pods in scope; those that are gone are none.
pub fn summary(fleet: &Fleet, scope: &Scope, rows: &[Mask]) -> Summary {
    let by_word = |col: Col, wanted: &str, summaries: &[Summary]| -> Summary {
        let held = fleet
            .words()
            .of(col)
            .table(|word| word.value().is_some_and(|word| word.contains(wanted)));
        let counted = held.into_iter().zip(summaries);
        counted
            .filter(|(held, _)| *held)
            .map(|(_, summary)| *summary)
            .sum()
    };
    let counts = fleet.counts();
    match (&scope.pod, &scope.namespace, &scope.cluster) {
        (None, None, None) => counts.whole(),
        (None, Some(wanted), None) => by_word(Col::Namespace, wanted, counts.by_namespace()),
        (None, None, Some(wanted)) => by_word(Col::Cluster, wanted, counts.by_cluster()),
        _ => fleet
            .chunks()
            .iter()
            .zip(rows)
            .flat_map(|(chunk, rows)| rows.rows().map(move |at| (chunk, at)))
            .filter(|(chunk, at)| !chunk.has(*at, flag::GONE))
            .map(|(chunk, at)| counts::of_row(|col| chunk.code(col, at)))
            .sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::fixture::{node, pods};
    use crate::fleet::query::ast::strategy;
    use crate::fleet::query::eval;
    use crate::fleet::{Pod, RemoteText};
    use proptest::prelude::*;

    fn now() -> Timestamp {
        Timestamp::from_millisecond(1_753_005_400_123).unwrap()
    }

    fn chosen(fleet: &Fleet, masks: &[Mask]) -> Vec<Pod> {
        let rows = masks.iter().flat_map(|mask| mask.rows().collect::<Vec<_>>());
        rows.filter_map(|row| fleet.pod(u32::try_from(row).unwrap()))
            .collect()
    }

    #[test]
    fn addresses_are_searched_as_they_are_written() {
        let ips = [
            "10.0.0.1",
            "172.16.223.62",
            "192.168.100.200",
            "9.99.199.255",
            "fe80::1",
            "10.0.0.01",
            "",
        ];
        let pods: Vec<Pod> = (0..)
            .zip(ips)
            .map(|(at, ip)| {
                let mut record = node(&format!("pod{at}x")).node_record();
                record.common.pod_ip = RemoteText::name(ip).into();
                Pod::on_node(record)
            })
            .collect();
        let fleet: Fleet = pods.iter().cloned().collect();
        let rows = in_scope(&fleet, &Scope::default());
        for (text, hits) in [
            ("ip:10.0*", 2),
            ("ip:*.62", 1),
            ("ip:172.16.223.62", 1),
            ("ip:/^10\\.0\\.0\\.[0-9]+$/", 2),
            ("/68\\.1/", 1),
            ("/^[0-9.]+200$/", 1),
            ("/99\\.[0-9]{3}\\.255/", 1),
            ("ip:/0.0.1$/", 1),
            ("fe80", 1),
            ("ip:/[0-9]\\.9/", 1),
            ("!ip:*.*", 2),
            ("62", 1),
            ("10.0.0.01", 1),
        ] {
            let query = Query::parse(text).unwrap();
            let found = chosen(&fleet, &passing(&fleet, &rows, &query, false, now()));
            let expected: Vec<Pod> = pods
                .iter()
                .filter(|pod| eval::matches(&query, pod, now()))
                .cloned()
                .collect();
            assert_eq!((found.len(), &found), (hits, &expected), "{text}");
        }
    }

    #[test]
    fn a_share_is_told_apart_by_hundredths_however_large_it_is() {
        let pods: Vec<Pod> = [
            ("third", "333m", "1"),
            ("above", "334m", "1"),
            ("huge", "9000000", "1m"),
            ("huger", "9000001", "1m"),
            ("idle", "0", "1"),
            ("free", "1", "0"),
        ]
        .map(|(name, used, limit)| node(name).usage(used, limit, used, limit).build())
        .into();
        let fleet: Fleet = pods.iter().cloned().collect();
        let rows = in_scope(&fleet, &Scope::default());
        let bounds = [
            "33",
            "33.29",
            "33.3",
            "33.31",
            "33.4",
            "0",
            "900000000000",
            "900000100000",
        ];
        for column in ["cpu%", "mem%"] {
            for (sign, bound) in [">", ">=", "<", "<=", "="]
                .iter()
                .flat_map(|sign| bounds.map(|bound| (sign, bound)))
            {
                let query = Query::parse(&format!("{column}{sign}{bound}")).unwrap();
                let found = chosen(&fleet, &passing(&fleet, &rows, &query, false, now()));
                let expected: Vec<Pod> = pods
                    .iter()
                    .filter(|pod| eval::matches(&query, pod, now()))
                    .cloned()
                    .collect();
                assert_eq!(found, expected, "{query}");
            }
        }
        let above = Query::parse("cpu%>33.3").unwrap();
        assert_eq!(
            chosen(&fleet, &passing(&fleet, &rows, &above, false, now())).len(),
            3
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

        #[test]
        fn columns_answer_as_the_reference_does(
            pods in prop::collection::vec(pods(), 0..12),
            query in strategy::query(),
        ) {
            let fleet: Fleet = pods.iter().cloned().collect();
            let rows = in_scope(&fleet, &Scope::default());
            for query in query.terms().iter().map(|term| Query::from_iter([term.clone()])).chain([query.clone()]) {
                let found = chosen(&fleet, &passing(&fleet, &rows, &query, false, now()));
                let expected: Vec<Pod> = pods.iter().filter(|pod| eval::matches(&query, pod, now())).cloned().collect();
                prop_assert_eq!(found, expected, "{}", query);
            }
            let problems = chosen(&fleet, &passing(&fleet, &rows, &Query::default(), true, now()));
            let expected: Vec<Pod> = pods.iter().filter(|pod| risk::is_problem(pod)).cloned().collect();
            prop_assert_eq!(problems, expected);
        }

        #[test]
        fn a_scope_holds_what_it_may_hold_and_counts_it(
            pods in prop::collection::vec(pods(), 0..12),
            names in prop::array::uniform3(prop::option::of("[a-c]{0,2}|p|-|\n")),
        ) {
            let fleet: Fleet = pods.iter().cloned().collect();
            let [pod, namespace, cluster] = names;
            let scope = Scope { pod, namespace, cluster };
            let rows = in_scope(&fleet, &scope);
            let expected: Vec<Pod> = pods.iter().filter(|pod| scope.may_hold(pod)).cloned().collect();
            prop_assert_eq!(summary(&fleet, &scope, &rows), Summary::of(&expected));
            prop_assert_eq!(chosen(&fleet, &rows), expected);
        }
    }
}
