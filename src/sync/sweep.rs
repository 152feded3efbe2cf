//! One walk over all pages of a list, as a value.
//!
//! Owns the rules by which a walk goes on, begins anew and ends. The documentation leaves open how one limit
//! spreads over the two lists and what `total_num` counts, so the rules hold for every reading: a page is never
//! skipped, and no total is trusted alone. Must not: call.

use jiff::Timestamp;

/// The last offset that the API takes.
const LAST_OFFSET: u64 = 2_000_000;

/// What a page said that matters to the walk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageFacts {
    /// Entries of `data_list`.
    pub node: u64,
    /// Entries of `pod_info_list`.
    pub serverless: u64,
    /// Entries of either that this walk had not met.
    pub new: u64,
    /// `total_num`
    pub total: Option<u64>,
    /// `last_update_time`
    pub snapshot_at: Option<Timestamp>,
    /// Whether the page said nothing of any pod.
    pub silent: bool,
}

/// What to do after a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Ask for the page at this offset.
    Page(u32),
    /// The list moved: begin anew.
    Restart,
    /// The walk is over.
    End {
        /// Whether it met all that there is: only then may pods be taken for gone.
        complete: bool,
    },
}

/// A walk under way.
#[derive(Debug, Clone, Default)]
pub struct Sweep {
    limit: u64,
    offset: u64,
    met: u64,
    first: Option<(Option<u64>, Option<Timestamp>)>,
    /// A walk begins anew once; then it goes on over whatever moves.
    restarted: bool,
}

impl Sweep {
    /// A walk in steps of `limit`.
    pub fn new(limit: u32) -> Self {
        Self {
            limit: u64::from(limit),
            ..Self::default()
        }
    }

    /// How many records it has met.
    pub fn met(&self) -> u64 {
        self.met
    }

    /// Takes the page at the current offset.
    pub fn take(&mut self, page: PageFacts) -> Next {
        let seen = (page.total, page.snapshot_at);
        if *self.first.get_or_insert(seen) != seen && !self.restarted {
            *self = Self {
                limit: self.limit,
                restarted: true,
                ..Self::default()
            };
            return Next::Restart;
        }
        self.met += page.new;
        let count = page.node + page.serverless;
        let end = Next::End {
            complete: !page.silent && page.total.is_none_or(|total| self.met >= total),
        };
        if count == 0 || page.new == 0 {
            return end;
        }
        let full = count >= self.limit;
        if !full && page.total.is_some_and(|total| self.offset + count >= total) {
            return end;
        }
        // Where both lists share one window they fill it together; else each has a window of its own.
        let step = if count == self.limit {
            count
        } else {
            page.node.max(page.serverless).min(self.limit)
        };
        self.offset += step;
        match u32::try_from(self.offset) {
            Ok(offset) if self.offset <= LAST_OFFSET => Next::Page(offset),
            _ => end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    const COMPLETE: Next = Next::End { complete: true };
    const SHORT: Next = Next::End { complete: false };

    fn facts(node: u64, serverless: u64, new: u64, total: Option<u64>) -> PageFacts {
        PageFacts {
            node,
            serverless,
            new,
            total,
            ..PageFacts::default()
        }
    }

    #[test]
    fn the_documented_example_ends_as_partial() {
        let mut sweep = Sweep::new(200);
        assert_eq!(sweep.take(facts(1, 0, 1, Some(107))), Next::Page(1));
        assert_eq!(sweep.take(facts(1, 0, 0, Some(107))), SHORT);
    }

    #[test]
    fn an_empty_fleet_is_complete_and_a_silent_answer_is_not() {
        assert_eq!(Sweep::new(200).take(facts(0, 0, 0, Some(0))), COMPLETE);
        assert_eq!(Sweep::new(200).take(facts(0, 0, 0, None)), COMPLETE);
        let silent = PageFacts {
            silent: true,
            ..PageFacts::default()
        };
        assert_eq!(Sweep::new(200).take(silent), SHORT);
    }

    #[test]
    fn a_list_that_moves_restarts_the_walk_once() {
        let mut sweep = Sweep::new(10);
        assert_eq!(sweep.take(facts(10, 0, 10, Some(30))), Next::Page(10));
        assert_eq!(sweep.take(facts(10, 0, 10, Some(31))), Next::Restart);
        assert_eq!(sweep.take(facts(10, 0, 10, Some(31))), Next::Page(10));
        assert_eq!(sweep.take(facts(10, 0, 10, Some(32))), Next::Page(20));
    }

    #[test]
    fn a_full_page_is_followed_whatever_the_total_says() {
        let mut sweep = Sweep::new(10);
        assert_eq!(sweep.take(facts(10, 0, 10, Some(10))), Next::Page(10));
        assert_eq!(sweep.take(facts(0, 3, 3, Some(10))), COMPLETE);
    }

    /// How a server spreads one window over two lists.
    #[derive(Debug, Clone, Copy)]
    enum Reading {
        OneWindow,
        TwoWindows,
        ServerlessEveryTime,
    }

    proptest! {
        /// Under every reading of the documentation, every record is met and the walk ends.
        #[test]
        fn every_record_is_met(
            node in 0_u64..130, serverless in 0_u64..70, limit in 10_u64..40,
            reading in prop_oneof![
                Just(Reading::OneWindow), Just(Reading::TwoWindows), Just(Reading::ServerlessEveryTime)],
            total in prop_oneof![Just(0), Just(1), Just(2)],
        ) {
            let total = [None, Some(node), Some(node + serverless)][total];
            let mut sweep = Sweep::new(u32::try_from(limit).unwrap());
            let mut met: HashSet<(bool, u64)> = HashSet::new();
            let mut offset = 0;
            let mut calls = 0;
            let end = loop {
                calls += 1;
                prop_assert!(calls < 60, "the walk does not end");
                let window = offset..offset + limit;
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
                match sweep.take(facts(on_node, page.len() as u64 - on_node, new, total)) {
                    Next::Page(next) => offset = u64::from(next),
                    Next::Restart => prop_assert!(false, "nothing moved"),
                    Next::End { complete } => break complete,
                }
            };
            prop_assert_eq!(met.len() as u64, node + serverless);
            prop_assert!(end);
        }
    }
}
