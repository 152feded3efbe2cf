//! Numbers and texts of a block.
//!
//! Owns the bounds of reading: nothing is taken beyond the end.

use super::BadBlock;

/// Appends a length or a count.
pub(in crate::fleet) fn put_number(out: &mut Vec<u8>, number: usize) {
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    out.extend_from_slice(&number.to_le_bytes());
}

/// The bytes of a block that are still to be read.
#[derive(Debug)]
pub(in crate::fleet) struct BlockBytes<'a>(pub(in crate::fleet) &'a [u8]);

impl<'a> BlockBytes<'a> {
    pub(in crate::fleet) fn array<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], BadBlock> {
        let (first, rest) = self.0.split_first_chunk().ok_or(BadBlock)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(in crate::fleet) fn number(&mut self) -> Result<usize, BadBlock> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }

    pub(in crate::fleet) fn take(&mut self, length: usize) -> Result<&'a [u8], BadBlock> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(BadBlock)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(in crate::fleet) fn text(&mut self, length: usize) -> Result<&'a str, BadBlock> {
        str::from_utf8(self.take(length)?).map_err(|_| BadBlock)
    }
}
