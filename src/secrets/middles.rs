//! Parts from the middle of long secrets.
//!
//! Tokens have thousands of characters, and a message may quote any [`PART`] of them. Every run of [`WINDOW`]
//! bytes of the secret is indexed. In the text only every [`WINDOW`]th place is looked up, since any part
//! covers one such place completely. A hit is then compared byte by byte. So a text costs one lookup per
//! [`WINDOW`] bytes, however long the secret is. Must not: know which text it is.

use secrecy::{ExposeSecret as _, SecretSlice};

/// Parts are searched for only of secrets longer than this, in bytes.
const LONG: usize = 100;
/// The length in bytes of a part that gives a secret away.
pub(super) const PART: usize = 16;
/// How many bytes are compared at once. A part of `2 * WINDOW - 1` bytes covers one place of the text
/// completely.
const WINDOW: usize = 8;
/// The size of the filter in front of the index, as a power of two in bits: 8 KiB, which stay in the L1
/// cache.
const FILTER_BITS: u32 = 16;

/// The index of long secrets.
#[derive(Default)]
pub(super) struct Middles {
    secrets: Vec<SecretSlice<u8>>,
    /// Each window with the number of its secret and its place there, sorted.
    windows: Vec<(u64, usize, usize)>,
    filter: Vec<u64>,
}

impl Middles {
    /// The index of those of these secrets that are long.
    pub(super) fn of<'a>(secrets: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut middles = Self::default();
        for secret in secrets.filter(|secret| Self::is_long(secret)) {
            let number = middles.secrets.len();
            let windows = secret.windows(WINDOW).enumerate();
            let telling = windows.filter(|(_, window)| is_distinctive(window));
            middles
                .windows
                .extend(telling.filter_map(|(at, window)| Some((key(window)?, number, at))));
            middles.secrets.push(secret.to_vec().into());
        }
        middles.windows.sort_unstable();
        if !middles.windows.is_empty() {
            middles.filter = vec![0; 1 << (FILTER_BITS - 6)];
        }
        for (key, ..) in &middles.windows {
            let (word, bit) = place(*key);
            if let Some(word) = middles.filter.get_mut(word) {
                *word |= bit;
            }
        }
        middles
    }

    /// Whether a secret is long enough for a search of its parts.
    pub(super) fn is_long(secret: &[u8]) -> bool {
        secret.len() > LONG
    }

    /// The start and the end of each part of a secret in a text.
    pub(super) fn find(&self, text: &[u8]) -> Vec<(usize, usize)> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        if self.windows.is_empty() {
            return found;
        }
        for (number, window) in text.chunks_exact(WINDOW).enumerate() {
            let at = number * WINDOW;
            let Some(key) = key(window) else { continue };
            let (word, bit) = place(key);
            let may_be = self.filter.get(word).is_some_and(|word| word & bit != 0);
            if !may_be || found.last().is_some_and(|last| at + WINDOW <= last.1) {
                continue;
            }
            found.extend(self.widened(text, at, key));
        }
        found
    }

    /// The longest part of a secret that covers this window.
    fn widened(&self, text: &[u8], at: usize, key: u64) -> Option<(usize, usize)> {
        let first = self.windows.partition_point(|window| window.0 < key);
        let alike = self
            .windows
            .get(first..)?
            .iter()
            .take_while(|window| window.0 == key);
        let part = |&(_, number, place): &(u64, usize, usize)| {
            let secret = self.secrets.get(number)?.expose_secret();
            let before = text
                .get(..at)?
                .iter()
                .rev()
                .zip(secret.get(..place)?.iter().rev());
            let behind = text.get(at..)?.iter().zip(secret.get(place..)?);
            let start = at - before.take_while(|(a, b)| a == b).count();
            let end = at + behind.take_while(|(a, b)| a == b).count();
            (end - start >= PART).then_some((start, end))
        };
        alike.filter_map(part).max_by_key(|(start, end)| end - start)
    }
}

/// Whether a window distinguishes a secret from a ruler or a run of zeros.
fn is_distinctive(window: &[u8]) -> bool {
    let differs = |(at, byte): (usize, &u8)| !window.iter().take(at).any(|earlier| earlier == byte);
    window.iter().enumerate().filter(|it| differs(*it)).count() >= 4
}

fn key(window: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(window.try_into().ok()?))
}

/// The word and the bit of a window in the filter.
fn place(key: u64) -> (usize, u64) {
    // The multiplier of Fibonacci hashing: 2^64 divided by the golden ratio.
    let hash = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - FILTER_BITS);
    (usize::try_from(hash >> 6).unwrap_or_default(), 1 << (hash & 63))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As long as a token, and without repeated parts.
    fn token() -> String {
        let four = |at: u32| format!("{:04x}", at.wrapping_mul(40_503) & 0xffff);
        (0..60).map(four).collect::<Vec<String>>().concat()
    }

    #[test]
    fn sixteen_bytes_of_a_long_secret_are_found_and_fifteen_are_not() {
        let token = token();
        let middles = Middles::of([token.as_bytes()].into_iter());
        for at in 0..token.len() - PART {
            for before in 0..WINDOW {
                let text = |length| format!("{}{}~", "~".repeat(before), token.get(at..at + length).unwrap());
                assert_eq!(
                    middles.find(text(PART).as_bytes()),
                    [(before, before + PART)],
                    "{at} {before}"
                );
                assert_eq!(middles.find(text(PART - 1).as_bytes()), [], "{at} {before}");
            }
        }
    }

    #[test]
    fn short_secrets_and_runs_of_one_character_are_not_searched_for() {
        for secret in [
            "x".repeat(4000),
            token().get(..LONG).unwrap().to_owned(),
            String::new(),
        ] {
            let middles = Middles::of([secret.as_bytes()].into_iter());
            assert_eq!(middles.find(secret.as_bytes()), []);
        }
    }

    #[test]
    fn adjacent_parts_are_both_found_and_the_longest_of_similar_secrets() {
        let token = token();
        let (one, other) = (token.get(16..32).unwrap(), token.get(64..80).unwrap());
        let middles = Middles::of([token.as_bytes()].into_iter());
        assert_eq!(
            middles.find(format!("{one}{other}").as_bytes()),
            [(0, 16), (16, 32)]
        );
        let shorter = format!("{}{}", token.get(..20).unwrap(), "~".repeat(100));
        for secrets in [[&token, &shorter], [&shorter, &token]] {
            let middles = Middles::of(secrets.into_iter().map(String::as_bytes));
            assert_eq!(middles.find(token.get(..60).unwrap().as_bytes()), [(0, 60)]);
        }
        // The window is in both, but what comes before it only in one.
        let later = format!("{}{}", "~".repeat(200), token.get(14..60).unwrap());
        for secrets in [[&token, &later], [&later, &token]] {
            let middles = Middles::of(secrets.into_iter().map(String::as_bytes));
            let text = format!("~~~~{}", token.get(12..60).unwrap());
            assert_eq!(middles.find(text.as_bytes()), [(4, 52)]);
        }
    }

    proptest! {
        #[test]
        fn the_complete_part_is_found(
            at in 0_usize..200,
            length in PART..150,
            before in "[~ ]{0,40}",
            after in "[~ ]{0,40}",
        ) {
            let token = token();
            let part = token.get(at..(at + length).min(token.len())).unwrap();
            prop_assume!(part.len() >= PART);
            let middles = Middles::of([b"other".repeat(30).as_slice(), token.as_bytes()].into_iter());
            let found = middles.find(format!("{before}{part}{after}").as_bytes());
            prop_assert_eq!(found, [(before.len(), before.len() + part.len())]);
        }
    }
}
