//! Words that many pods share, each stored once.
//!
//! Owns the codes of texts: a word's code is its place in the dictionary, and codes below [`FIRST`] mean that
//! there is no word. Words are stored as the API sent them. Must not: remove a word; a dictionary is only
//! dropped as a unit.

use std::hash::BuildHasher as _;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::fleet::Field;
use crate::fleet::filter::search::{Texts, is_plain};
use crate::fleet::text::cells;

/// The code of an absent field.
pub const ABSENT: u64 = 0;
/// The code of an unreadable field.
pub const UNREADABLE: u64 = 1;
/// The code of the first value.
pub const FIRST: u64 = 2;

/// Words by code. Reading is cheap; it cannot be searched.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    /// Whether a word contains other characters than ASCII without upper-case letters.
    odd: bool,
    /// The cells of the longest word.
    longest: usize,
    text: String,
    ends: Vec<u32>,
}

impl Dictionary {
    /// The word of a code.
    pub fn get(&self, code: u64) -> Field<&str> {
        match code {
            ABSENT => Field::Absent,
            UNREADABLE => Field::Unreadable,
            value => {
                let at = usize::try_from(value - FIRST).unwrap_or(usize::MAX);
                self.word(at).map_or(Field::Unreadable, Field::Value)
            }
        }
    }

    /// The length of the word of a code, and the text from it on: whoever copies a word may copy more than it. `None` if the code
    /// is that of no word.
    #[inline]
    pub fn word_and_more(&self, code: u64) -> Option<(usize, &[u8])> {
        let at = usize::try_from(code.checked_sub(FIRST)?).ok()?;
        let (start, end) = (self.start(at), *self.ends.get(at)? as usize);
        Some((end - start, self.text.as_bytes().get(start..)?))
    }

    fn word(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)?;
        self.text.get(self.start(at)..end as usize)
    }

    fn start(&self, at: usize) -> usize {
        let before = at.checked_sub(1).and_then(|before| self.ends.get(before));
        before.map_or(0, |end| *end as usize)
    }

    /// All words in one text, one after the other.
    pub fn texts(&self) -> Texts<'_> {
        Texts {
            text: &self.text,
            ends: &self.ends,
            plain: !self.odd,
        }
    }

    /// The cells of the longest word.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// The number of words.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it has no word.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Every word, in the order of the codes, starting with [`FIRST`].
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.iter_from(0)
    }

    /// The same without the first words.
    pub fn iter_from(&self, first: usize) -> impl Iterator<Item = &str> {
        (first..self.len()).filter_map(|at| self.word(at))
    }

    /// Applies `of` to the word of each code, including absent and unreadable.
    pub fn table<'a, T>(&'a self, of: impl FnMut(Field<&'a str>) -> T) -> Vec<T> {
        let words = self.iter().map(Field::Value);
        [Field::Absent, Field::Unreadable]
            .into_iter()
            .chain(words)
            .map(of)
            .collect()
    }

    /// The bytes of memory that it uses.
    pub fn bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<u32>()
    }
}

/// From this number of words on they no longer fit into the fastest caches of the processor.
const MANY: usize = 4096;

/// A dictionary that can still grow.
#[derive(Debug, Clone, Default)]
pub struct DictionaryBuilder {
    words: Arc<Dictionary>,
    /// The places of the words, by hash.
    codes: HashTable<u32>,
    hasher: RandomState,
    /// The place of the last word that was requested: neighbours often have the same one.
    last: usize,
}

impl DictionaryBuilder {
    /// A dictionary whose first words are `words`.
    pub fn of(words: &[&str]) -> Self {
        let mut dictionary = Self::default();
        for word in words {
            dictionary.code(word);
        }
        dictionary
    }

    /// The words so far.
    pub fn words(&self) -> &Arc<Dictionary> {
        &self.words
    }

    /// Touches the beginnings of the words of these codes to bring them into the processor's caches. With
    /// [`MANY`] words most are not there, and touching them together means waiting once instead of once per
    /// word.
    pub fn look_ahead(&self, codes: impl Iterator<Item = u64>) {
        if self.words.len() < MANY {
            return;
        }
        let text = self.words.text.as_bytes();
        let places = codes.filter_map(|code| usize::try_from(code.checked_sub(FIRST)?).ok());
        let seen = places.fold(0, |seen, at| {
            let start = self.words.start(at);
            seen ^ text.get(start).copied().unwrap_or(0)
        });
        std::hint::black_box(seen);
    }

    /// The same for words whose codes are not known: see [`DictionaryBuilder::look_ahead`].
    pub fn look_ahead_for<'a>(&self, words: impl Iterator<Item = &'a str>) {
        if self.words.len() < MANY {
            return;
        }
        // In steps, each of which waits once for all words. A place with the right hash nearly always has the
        // right word.
        let hashes: Vec<u64> = words.map(|word| self.hasher.hash_one(word)).collect();
        let places = hashes.iter().filter_map(|hash| self.codes.find(*hash, |_| true));
        let codes: Vec<u64> = places.map(|at| u64::from(*at) + FIRST).collect();
        self.look_ahead(codes.into_iter());
    }

    /// The code of `word`; `like` is the likely code, from the row that the word is compared with.
    pub fn code_like(&mut self, word: &str, like: u64) -> u64 {
        if self.words.get(like) == Field::Value(word) {
            like
        } else {
            self.code(word)
        }
    }

    /// The code of `word`, which is added if it is new.
    pub fn code(&mut self, word: &str) -> u64 {
        if self.words.word(self.last) == Some(word) {
            return self.last as u64 + FIRST;
        }
        let hash = self.hasher.hash_one(word);
        let words = &self.words;
        let known = |at: u32| words.word(at as usize) == Some(word);
        if let Some(&at) = self.codes.find(hash, |at| known(*at)) {
            self.last = at as usize;
            return u64::from(at) + FIRST;
        }
        let end = u32::try_from(words.text.len() + word.len());
        let (Ok(at), Ok(end)) = (u32::try_from(words.len()), end) else {
            return UNREADABLE; // more than 4 GiB of different words
        };
        let words = Arc::make_mut(&mut self.words);
        words.odd |= !is_plain(word);
        words.longest = words.longest.max(cells(word));
        words.text.push_str(word);
        words.ends.push(end);
        let hash_of = |at: &u32| self.hasher.hash_one(words.word(*at as usize).unwrap_or_default());
        self.codes.insert_unique(hash, at, hash_of);
        u64::from(at) + FIRST
    }

    /// The bytes of memory that it uses.
    pub fn bytes(&self) -> usize {
        self.words.bytes() + self.codes.allocation_size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_never_changes_its_code_and_a_snapshot_never_changes_its_words() {
        let mut dictionary = DictionaryBuilder::of(&["a", ""]);
        let before = Arc::clone(dictionary.words());
        let codes = ["a", "", "b", "a"].map(|word| dictionary.code(word));
        assert_eq!(codes, [2, 3, 4, 2]);
        assert_eq!(dictionary.words().get(4), Field::Value("b"));
        dictionary.code("生产");
        assert_eq!((before.longest(), dictionary.words().longest()), (1, 4));
        assert_eq!((before.len(), before.get(4)), (2, Field::Unreadable));
        let words = dictionary.words();
        assert_eq!(words.iter_from(2).collect::<Vec<_>>(), ["b", "生产"]);
        for code in 0..8 {
            let word = words.word_and_more(code).map(|(len, more)| &more[..len]);
            assert_eq!(word, words.get(code).value().map(|word| word.as_bytes()));
        }
        assert_eq!(
            (before.get(ABSENT), before.get(UNREADABLE), before.get(3)),
            (Field::Absent, Field::Unreadable, Field::Value(""))
        );
        assert_eq!(
            before.table(|word| word.value().map_or(9, |word| word.len())),
            [9, 9, 1, 0]
        );
    }
}
