//! A glance at a text: whether a secret can be in it at all.
//!
//! Nearly every text is a short name, and a search for all secrets takes longer than anything else that is done with it. Each
//! secret that is searched for has at least [`SHORTEST`] bytes, so wherever it is in a text, it covers [`WINDOW`] bytes from a
//! multiple of [`STEP`] on. Only these are looked up, in a filter that holds all such windows. Must not: overlook a secret;
//! that it sees one where there is none costs a search.

/// How many bytes are looked up at once.
const WINDOW: usize = 4;
/// At which places of a text.
const STEP: usize = WINDOW;
/// The length in bytes of the shortest pattern that always covers such a place.
const SHORTEST: usize = STEP + WINDOW - 1;
/// The size of the filter, as a power of two in bits: 8 KiB, which stay in the L1 cache.
const FILTER_BITS: u32 = 16;

/// The filter of some patterns.
pub(super) struct Glance {
    filter: Vec<u64>,
    /// Whether a pattern is too short to be seen.
    is_blind: bool,
}

impl Glance {
    /// The filter of these patterns.
    pub(super) fn of<'a>(patterns: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut glance = Self {
            filter: vec![0; 1 << (FILTER_BITS - 6)],
            is_blind: false,
        };
        for pattern in patterns {
            glance.is_blind |= pattern.len() < SHORTEST;
            for window in pattern.windows(WINDOW).take(STEP) {
                let (word, bit) = place(window);
                if let Some(word) = glance.filter.get_mut(word) {
                    *word |= bit;
                }
            }
        }
        glance
    }

    /// Whether no pattern is in the text.
    pub(super) fn is_clean(&self, text: &[u8]) -> bool {
        let (windows, _) = text.as_chunks::<WINDOW>();
        !self.is_blind
            && !windows.iter().any(|window| {
                let (word, bit) = place(window);
                self.filter.get(word).is_none_or(|word| word & bit != 0)
            })
    }
}

/// The place of a window's bit in the filter.
fn place(window: &[u8]) -> (usize, u64) {
    let key = window.first_chunk().copied().map_or(0, u32::from_le_bytes);
    let hash = key.wrapping_mul(0x9e37_79b1) >> (u32::BITS - FILTER_BITS);
    (hash as usize / 64, 1 << (hash % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_secret_is_overlooked_wherever_it_is(
            patterns in prop::collection::vec("[a-c]{1,12}", 1..4),
            before in "[a-d]{0,9}",
            after in "[a-d]{0,9}",
        ) {
            let glance = Glance::of(patterns.iter().map(String::as_bytes));
            for pattern in &patterns {
                let text = format!("{before}{pattern}{after}");
                prop_assert!(!glance.is_clean(text.as_bytes()));
            }
        }
    }

    #[test]
    fn a_name_without_a_secret_is_clean() {
        let glance = Glance::of([&b"A-long-Secret/of+mine"[..]].into_iter());
        assert!(glance.is_clean(b"payment-gateway-7d9f6c5b8-x2x9q"));
        assert!(Glance::of(std::iter::empty()).is_clean(b"anything"));
        let short = Glance::of([&b"secret"[..]].into_iter());
        assert!(!short.is_clean(b"payment"), "it cannot be seen");
    }
}
