//! The words of a fleet as bytes and back, and what is computed when rows are read.
//!
//! Owns which rows make sense: each word that a row names must be there.

use super::{Dictionaries, Interner, ODD, WORDS, dictionary_of};
use crate::fleet::blocks::{BadBlock, BlockBytes, put_number};
use crate::fleet::store::chunk::{Chunk, Col};
use crate::fleet::store::counts::{CountedRows, Counts};
use crate::fleet::store::dictionary::{Dictionary, DictionaryBuilder, FIRST};
use crate::fleet::store::encoding::NOTHING;
use crate::fleet::store::packed::Packed;
use crate::fleet::store::stored_columns::{FIRST_FORM, later, later_named};
use crate::fleet::text::NAME_CHARS;

/// The columns that the computed ones and the counts depend on.
const INPUTS: [Col; 9] = [
    Col::Cluster,
    Col::Namespace,
    Col::Status,
    Col::Protection,
    Col::Detection,
    Col::Cpu,
    Col::Memory,
    Col::CpuLimit,
    Col::MemoryLimit,
];
/// The dictionaries of the first form, in its order: those of its columns, then the one of texts without a short form.
fn first_form() -> impl Iterator<Item = usize> {
    let of_columns = FIRST_FORM.into_iter().map(dictionary_of);
    of_columns.filter(|at| *at != ODD).chain([ODD])
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn put_words(out: &mut Vec<u8>, words: &Dictionary) {
    put_number(out, words.len());
    for word in words.iter() {
        put_text(out, word);
    }
}

fn read_words(bytes: &mut BlockBytes<'_>, words: &mut DictionaryBuilder) -> Result<(), BadBlock> {
    for code in (FIRST..).take(bytes.number()?) {
        let length = bytes.number()?;
        let word = bytes.text(length)?;
        // The known words come first, and no word comes twice.
        if length > WORD_BYTES || words.code(word) != code {
            return Err(BadBlock);
        }
    }
    Ok(())
}

/// The most bytes of a word: it was cut to this many characters when it was received.
const WORD_BYTES: usize = NAME_CHARS * 4;

impl Interner {
    /// All words, dictionary by dictionary. Those of a later column follow its name.
    pub(in crate::fleet) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for at in first_form() {
            put_words(&mut out, &self.0[at]);
        }
        for (col, name) in later() {
            let words = self.of(col);
            if !words.is_empty() {
                put_text(&mut out, name);
                put_words(&mut out, words);
            }
        }
        out
    }
}

impl Dictionaries {
    /// Reads what [`Interner::to_bytes`] wrote. A word has the same number as before.
    pub(in crate::fleet) fn of_bytes(bytes: &[u8]) -> Result<Self, BadBlock> {
        let mut dictionaries = Self::default();
        let mut bytes = BlockBytes(bytes);
        for at in first_form() {
            read_words(&mut bytes, &mut dictionaries.0[at])?;
        }
        while !bytes.0.is_empty() {
            let length = bytes.number()?;
            match later_named(bytes.text(length)?) {
                Some(col) => read_words(&mut bytes, &mut dictionaries.0[dictionary_of(col)])?,
                None => read_words(&mut bytes, &mut DictionaryBuilder::default())?,
            }
        }
        Ok(dictionaries)
    }

    /// Computes what is not stored of rows that were read: usages and risk. Returns the counts over them.
    pub(in crate::fleet) fn finish(&self, chunk: &mut Chunk) -> Result<Counts, BadBlock> {
        for (dictionary, (col, _)) in self.0.iter().zip(WORDS) {
            if chunk.column(col).most() >= FIRST + dictionary.words().len() as u64 {
                return Err(BadBlock);
            }
        }
        let mut counts = CountedRows::default();
        let mut computed: [Packed; 3] = Default::default();
        let mut codes = NOTHING;
        for at in 0..chunk.len() {
            for col in INPUTS {
                codes[col as usize] = chunk.code(col, at);
            }
            self.complete(&mut codes);
            counts.add(&codes);
            for (numbers, col) in computed
                .iter_mut()
                .zip([Col::CpuUsage, Col::MemoryUsage, Col::Risk])
            {
                numbers.push(codes[col as usize]);
            }
        }
        chunk.compute(computed);
        Ok(counts.all())
    }
}
