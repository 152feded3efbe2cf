//! Random decisions without state.
//!
//! Owns the only source of randomness of the fleet: a [`SeedKey`] stands for a thing (a cluster, a workload,
//! a slot), and each [`Topic`] is a question about it. The same key always gives the same answer to the same
//! question, so nothing that is generated has to be stored. It must not know what the answers are used for.

/// The questions. Each decision has its own topic, so that the decisions are independent of each other. A new one comes last:
/// the place is part of the seed, and another place would change every pod.
#[derive(Clone, Copy, Debug)]
pub(super) enum Topic {
    Age,
    Birth,
    Block,
    Burst,
    Casting,
    Chore,
    Cluster,
    Component,
    Gap,
    Hash,
    Identity,
    WorkloadKind,
    Length,
    Level,
    ResourceLimits,
    MemoryLimit,
    Namespace,
    Notation,
    Outcome,
    Phase,
    Placement,
    Resource,
    Serverless,
    Size,
    Slot,
    WorkloadUsage,
    Wiggle,
    Workload,
}

/// A key for a thing, from which every fact about it is derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SeedKey(u64);

impl SeedKey {
    /// The key that all others derive from.
    pub(super) fn root(seed: u64) -> Self {
        Self(mix(seed))
    }

    /// The key of the `number`th part of this thing.
    pub(super) fn child(self, topic: Topic, number: u64) -> Self {
        Self(mix(self.of(topic) ^ mix(number)))
    }

    /// The key of the part with this name.
    pub(super) fn named(self, name: &str) -> Self {
        name.bytes().fold(Self(mix(self.0)), |key, byte| {
            Self(
                (key.0 ^ u64::from(byte))
                    .wrapping_mul(0x0000_0100_0000_01B3)
                    .rotate_left(29),
            )
        })
    }

    /// The raw answer to a question.
    pub(super) fn of(self, topic: Topic) -> u64 {
        mix(self.0.wrapping_add(topic as u64))
    }

    /// An answer in `0..bound`; 0 if `bound` is 0.
    pub(super) fn below(self, topic: Topic, bound: u64) -> u64 {
        self.of(topic).checked_rem(bound).unwrap_or(0)
    }

    /// True in `permille` of a thousand cases.
    pub(super) fn chance(self, topic: Topic, permille: u64) -> bool {
        self.below(topic, 1000) < permille
    }

    /// One entry of a table.
    pub(super) fn pick<T: Copy + Default>(self, topic: Topic, table: &[T]) -> T {
        nth(table, self.of(topic))
    }
}

/// The entry at `number` if the table is repeated without end.
pub(super) fn nth<T: Copy + Default>(table: &[T], number: u64) -> T {
    let wrapped = number.checked_rem(table.len() as u64).unwrap_or(0);
    usize::try_from(wrapped)
        .ok()
        .and_then(|index| table.get(index))
        .copied()
        .unwrap_or_default()
}

/// The finalizer of splitmix64.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_has_the_same_answer_and_other_questions_have_others() {
        let key = SeedKey::root(7);
        assert_eq!(key.of(Topic::Age), SeedKey::root(7).of(Topic::Age));
        assert_ne!(key.of(Topic::Age), key.of(Topic::Birth));
        assert_ne!(key.of(Topic::Age), SeedKey::root(8).of(Topic::Age));
        assert_ne!(key.child(Topic::Slot, 1), key.child(Topic::Slot, 2));
        assert_ne!(key.child(Topic::Slot, 1), key.child(Topic::Block, 1));
    }

    #[test]
    fn a_chance_comes_true_as_often_as_it_says() {
        let root = SeedKey::root(7);
        let hits = (0..10_000)
            .filter(|&n| root.child(Topic::Slot, n).chance(Topic::WorkloadKind, 100))
            .count();
        assert!((900..1100).contains(&hits), "{hits}");
    }

    #[test]
    fn an_empty_choice_does_not_panic() {
        assert_eq!(SeedKey::root(7).below(Topic::WorkloadKind, 0), 0);
        assert_eq!(SeedKey::root(7).pick::<u64>(Topic::WorkloadKind, &[]), 0);
    }
}
