//! Numbers and texts as bytes, and back.
//!
//! Owns the bounds of reading: nothing is taken beyond the end, and no list is longer than the bytes that are left.

use super::BadDifference;

/// Appends a number: seven bits a byte, the lowest first.
pub(super) fn put(out: &mut Vec<u8>, mut number: u128) {
    while number >= 0x80 {
        out.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap_or(0));
}

/// Appends a length or a place.
pub(super) fn put_size(out: &mut Vec<u8>, size: usize) {
    put(out, size as u128);
}

/// Appends a text with its length.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_size(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// Bytes that are still to be read.
#[derive(Debug)]
pub(super) struct ByteReader<'a>(pub &'a [u8]);

impl<'a> ByteReader<'a> {
    pub(super) fn number(&mut self) -> Result<u128, BadDifference> {
        let mut number = 0_u128;
        for shift in (0..126).step_by(7) {
            let (first, rest) = self.0.split_first().ok_or(BadDifference)?;
            self.0 = rest;
            number |= u128::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(BadDifference)
    }

    pub(super) fn narrow<T: TryFrom<u128>>(&mut self) -> Result<T, BadDifference> {
        T::try_from(self.number()?).map_err(|_| BadDifference)
    }

    /// The length of a list whose entries have at least a byte each.
    pub(super) fn count(&mut self) -> Result<usize, BadDifference> {
        let count: usize = self.narrow()?;
        if count <= self.0.len() {
            Ok(count)
        } else {
            Err(BadDifference)
        }
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], BadDifference> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(BadDifference)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, BadDifference> {
        let length = self.count()?;
        str::from_utf8(self.take(length)?).map_err(|_| BadDifference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_and_texts_are_read_as_they_were_written(number in any::<u64>(), shift in 0_u32..64, text in "\\PC{0,9}") {
            let number = u128::from(number >> shift) << 1;
            let mut out = Vec::new();
            put(&mut out, number);
            put_text(&mut out, &text);
            let mut reader = ByteReader(&out);
            prop_assert_eq!(reader.number(), Ok(number));
            prop_assert_eq!(reader.text(), Ok(text.as_str()));
            prop_assert_eq!(reader.number(), Err(BadDifference));
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut reader = ByteReader(&bytes);
            while reader.text().is_ok() || reader.number().is_ok() {}
            prop_assert!(reader.count().is_err());
        }
    }
}
