//! How long ago calls were made, as programs tell one another.

use std::time::Duration;

/// How long ago calls were made, oldest first; those of one moment are one entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallAges {
    entries: Vec<(Duration, usize)>,
    count: usize,
}

impl CallAges {
    /// How many calls there are.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds this many calls, which were made later than all others.
    pub fn push(&mut self, age: Duration, count: usize) {
        self.count += count;
        match self.entries.last_mut().filter(|last| last.0 == age) {
            Some(last) => last.1 += count,
            None if count > 0 => self.entries.push((age, count)),
            None => {}
        }
    }

    /// Forgets the last call.
    pub fn pop(&mut self) {
        let Some(last) = self.entries.last_mut() else {
            return;
        };
        self.count -= 1;
        last.1 -= 1;
        if last.1 == 0 {
            self.entries.pop();
        }
    }

    /// The ages, and how many calls have each.
    pub fn iter(&self) -> impl Iterator<Item = (Duration, usize)> + '_ {
        self.entries.iter().copied()
    }
}

impl FromIterator<Duration> for CallAges {
    fn from_iter<T: IntoIterator<Item = Duration>>(ages: T) -> Self {
        let mut all = Self::default();
        ages.into_iter().for_each(|age| all.push(age, 1));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_one_moment_are_one_entry_and_each_counts() {
        let seconds = Duration::from_secs;
        let mut ages: CallAges = [9, 9, 4, 0, 0].into_iter().map(seconds).collect();
        ages.push(seconds(0), 2);
        ages.push(seconds(0), 0);
        let entries = |ages: &CallAges| {
            ages.iter()
                .map(|(age, count)| (age.as_secs(), count))
                .collect::<Vec<_>>()
        };
        assert_eq!((ages.len(), entries(&ages)), (7, vec![(9, 2), (4, 1), (0, 4)]));
        (0..5).for_each(|_| ages.pop());
        assert_eq!((ages.len(), entries(&ages)), (2, vec![(9, 2)]));
        (0..3).for_each(|_| ages.pop());
        assert!(ages.is_empty() && entries(&ages).is_empty());
    }
}
