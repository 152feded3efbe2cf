//! Reads blocks.

use std::sync::Arc;

use super::BadBlock;
use crate::fleet::past::twins_of_bytes;
use crate::fleet::store::chunk::{CHUNK_ROWS, Chunk};
use crate::fleet::store::counts::Counts;
use crate::fleet::store::encoding::Dictionaries;
use crate::secrets;

/// Reads blocks with the words that they name. Several threads may read at the same time.
#[derive(Debug)]
pub struct BlockReader(Dictionaries);

/// A block that was read.
#[derive(Debug)]
pub struct PodBlock {
    chunk: Chunk,
    counts: Counts,
}

/// The pods of all blocks, for an empty store.
#[derive(Debug)]
pub struct StoredPods {
    pub(in crate::fleet) dictionaries: Dictionaries,
    pub(in crate::fleet) chunks: Vec<Arc<Chunk>>,
    pub(in crate::fleet) counts: Counts,
}

impl BlockReader {
    /// A reader with these words.
    ///
    /// # Errors
    /// They make no sense, or one of them is a secret: a page would be shown without it.
    pub fn new(words: &[u8]) -> Result<Self, BadBlock> {
        let dictionaries = Dictionaries::of_bytes(words)?;
        let book = dictionaries.book();
        if book.texts().any(secrets::is_in_list) {
            return Err(BadBlock);
        }
        Ok(Self(dictionaries))
    }

    /// Reads a block.
    ///
    /// # Errors
    /// It makes no sense, or one of its names is a secret.
    pub fn read(&self, block: &[u8]) -> Result<PodBlock, BadBlock> {
        let mut chunk = Chunk::of_bytes(block, |twins| twins_of_bytes(twins).map_err(|_| BadBlock))?;
        if secrets::is_in_list(chunk.names()) {
            return Err(BadBlock);
        }
        let counts = self.0.finish(&mut chunk)?;
        Ok(PodBlock { chunk, counts })
    }

    /// Puts the blocks together, in the order in which they were written.
    ///
    /// # Errors
    /// One of them is missing.
    pub fn together(self, blocks: Vec<PodBlock>) -> Result<StoredPods, BadBlock> {
        let mut counts = Counts::default();
        let mut chunks = Vec::with_capacity(blocks.len());
        let last = blocks.len().saturating_sub(1);
        for (number, block) in blocks.into_iter().enumerate() {
            let is_full = block.chunk.len() == CHUNK_ROWS as usize;
            if block.chunk.is_empty() || !(is_full || number == last) {
                return Err(BadBlock);
            }
            counts.add(&block.counts);
            chunks.push(Arc::new(block.chunk));
        }
        Ok(StoredPods {
            dictionaries: self.0,
            chunks,
            counts,
        })
    }
}

impl StoredPods {
    /// How many pods there are.
    pub fn len(&self) -> usize {
        self.counts.whole().pods
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
