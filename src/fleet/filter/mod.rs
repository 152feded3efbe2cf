//! Applies scope and query to all rows at once.
//!
//! Owns the fast counterpart of `query::eval::matches`, the reference in the tests, which tests one pod:
//! every test is prepared once and applied to whole columns, chunk by chunk, on two threads if there is
//! enough work. Must not: know order.

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
use super::store::chunk::{Chunk, Col, flag};
use super::store::counts;
use super::store::mask::Mask;
use super::summary::Summary;
use check::{ChunkTest, names};
use search::Needle;

/// From this number of chunks on two threads are faster than one.
const WORTH_TWO_THREADS: usize = 16;

/// Runs `work` on each chunk, on two threads if that is faster.
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

/// The rows of each chunk with a pod that an answer to `scope` may contain.
pub fn in_scope(fleet: &Fleet, scope: &Scope) -> Vec<Mask> {
    let named = |col: Col, wanted: &Option<String>| {
        let wanted = wanted.as_deref()?;
        let passed = |word: super::Field<&str>| word.value().is_some_and(|word| word.contains(wanted));
        Some(ChunkTest::Word(col, fleet.words().of(col).table(passed)))
    };
    let words: Vec<ChunkTest> = [
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
            mask = mask.without(ChunkTest::Flags(flag::NAMELESS).mask(chunk, fleet.words()));
        }
        if let Some(needle) = &needle {
            let mut holding = Mask::NONE;
            names(chunk).holding(needle, |at| holding.add(at));
            mask = mask.and(holding);
        }
        mask
    })
}

/// The rows of `rows` that pass `query`; with `problems` only those of them that are a problem.
pub fn passing(fleet: &Fleet, rows: &[Mask], query: &Query, problems: bool, now: Timestamp) -> Vec<Mask> {
    let ready = |test| ChunkTest::of(test, fleet, now);
    let clauses: Vec<ChunkTest> = query
        .clauses()
        .into_iter()
        .map(|clause| ChunkTest::AnyOf(clause.into_iter().map(ready).collect()))
        .collect();
    let exclusions: Vec<ChunkTest> = query.exclusions().map(ready).collect();
    let masks = each_chunk(fleet.chunks(), |chunk| {
        let mut mask = Mask::first(chunk.len());
        if problems {
            let worse = Mask::of(chunk.column(Col::Risk), risk::is_problem_score);
            mask = mask
                .and(worse)
                .without(ChunkTest::Flags(flag::GONE).mask(chunk, fleet.words()));
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

/// `rows`, separated into those of present pods and those of gone pods.
pub fn parted(fleet: &Fleet, rows: Vec<Mask>) -> (Vec<Mask>, Vec<Mask>) {
    if fleet.gone() == 0 {
        return (rows, Vec::new());
    }
    let gone = ChunkTest::Flags(flag::GONE);
    let parts = fleet.chunks().iter().zip(rows).map(|(chunk, rows)| {
        let gone = if chunk.gone_at.is_empty() {
            Mask::NONE
        } else {
            gone.mask(chunk, fleet.words())
        };
        (rows.without(gone), rows.and(gone))
    });
    parts.unzip()
}

/// Counts over the pods in scope, without gone ones, for callers that need no rows.
pub fn summary_in(fleet: &Fleet, scope: &Scope) -> Summary {
    // By namespace and by cluster the counts are there; by name every row is looked at.
    let by_row = scope.pod.is_some() || (scope.namespace.is_some() && scope.cluster.is_some());
    let rows = if by_row {
        in_scope(fleet, scope)
    } else {
        Vec::new()
    };
    summary(fleet, scope, &rows)
}

/// Counts over the pods in scope, without gone ones.
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
mod tests;
