//! A fast reader for answers in the form that HSS writes.
//!
//! An answer is nearly always simple: objects and lists as documented, strings without escapes, integers.
//! Only that much is read here, several times faster than by a general parser. Anything else makes this
//! reader give up, and `serde_json` reads the page from its beginning: it alone decides what is valid and
//! what it means. Must not: accept a page that `serde_json` refuses, or read it differently.

use super::record::{FieldOrder, FieldTarget};
use super::{ERROR_CODES, WirePage};
use crate::fleet::Field;
use crate::fleet::raw::{Filler, List, RawPod};

/// The most digits of a number that is read here, which always fit.
const MOST_DIGITS: usize = 18;

/// Reads the page, or returns `None` if it is not simple.
pub(super) fn read(text: &str, page: &mut WirePage, filler: &mut Filler<'_>) -> Option<()> {
    let reader = FastReader {
        text,
        has_only_plain_strings: has_only_plain_strings(text.as_bytes()),
    };
    let end = reader.object(0, |name, at| match name {
        "total_num" => reader.number(at, &mut page.total),
        "last_update_time" => reader.number(at, &mut page.snapshot_ms),
        "data_list" => reader.list(at, List::Node, page, filler),
        "pod_info_list" => reader.list(at, List::Serverless, page, filler),
        name => {
            page.has_code |= ERROR_CODES.contains(&name);
            reader.anything(at)
        }
    })?;
    reader.next(end).is_none().then_some(())
}

/// The text of the page. A method that reads a part takes the place where the part begins and returns the
/// place after it: passed on like that, the place stays in a register, and most of the time goes into
/// following it.
#[derive(Clone, Copy)]
struct FastReader<'t> {
    text: &'t str,
    /// Whether every string ends at the next quote.
    has_only_plain_strings: bool,
}

impl<'t> FastReader<'t> {
    #[inline]
    fn byte(self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    #[inline]
    fn bytes_from(self, at: usize) -> Option<&'t [u8]> {
        self.text.as_bytes().get(at..)
    }

    /// The first byte from `at` on that is not white space, and its place.
    #[inline]
    fn next(self, mut at: usize) -> Option<(u8, usize)> {
        loop {
            let byte = self.byte(at)?;
            if byte > b' ' || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some((byte, at));
            }
            at += 1;
        }
    }

    /// Expects this byte after any white space.
    #[inline]
    fn sign(self, at: usize, sign: u8) -> Option<usize> {
        let (next, at) = self.next(at)?;
        (next == sign).then_some(at + 1)
    }

    /// Reads what follows an element: a comma or `end`. Also returns whether another element follows.
    #[inline]
    fn separator(self, at: usize, end: u8) -> Option<(usize, bool)> {
        let (next, at) = self.next(at)?;
        (next == b',' || next == end).then_some((at + 1, next == b','))
    }

    /// Reads an object; `field` reads each value by its name.
    fn object(self, at: usize, mut field: impl FnMut(&'t str, usize) -> Option<usize>) -> Option<usize> {
        let mut at = self.sign(at, b'{')?;
        if let Some(end) = self.sign(at, b'}') {
            return Some(end);
        }
        loop {
            let (start, end) = self.string(at)?;
            let value = self.sign(end + 1, b':')?;
            let behind = field(self.text.get(start..end)?, value)?;
            let (next, more) = self.separator(behind, b'}')?;
            if !more {
                return Some(next);
            }
            at = next;
        }
    }

    /// Reads a list of entries and notes in `page` that it is there.
    fn list(self, at: usize, list: List, page: &mut WirePage, filler: &mut Filler<'_>) -> Option<usize> {
        let mut names = FieldOrder::of(list);
        let mut at = self.sign(at, b'[')?;
        page.has_list = true;
        if let Some(end) = self.sign(at, b']') {
            return Some(end);
        }
        loop {
            let mut pod = RawPod::of(list);
            let behind = self.entry(at, &mut pod, &mut names, filler)?;
            filler.push(pod);
            let (next, more) = self.separator(behind, b']')?;
            if !more {
                return Some(next);
            }
            at = next;
        }
    }

    #[inline]
    fn entry(
        self,
        at: usize,
        pod: &mut RawPod,
        names: &mut FieldOrder,
        filler: &mut Filler<'_>,
    ) -> Option<usize> {
        names.begin();
        let mut at = self.sign(at, b'{')?;
        if let Some(end) = self.sign(at, b'}') {
            return Some(end);
        }
        loop {
            let (target, value) = self.target(at, names)?;
            let behind = match target {
                FieldTarget::Text(field) => {
                    if let Some((start, end)) = self.string(value) {
                        filler.point(pod, field, start, end);
                        end + 1
                    } else {
                        filler.set(pod, field, Field::Absent);
                        self.null(value)?
                    }
                }
                FieldTarget::CreateTime => self.number(value, &mut pod.create_ms)?,
                FieldTarget::Nowhere => self.anything(value)?,
            };
            let (next, more) = self.separator(behind, b'}')?;
            if !more {
                return Some(next);
            }
            at = next;
        }
    }

    /// Reads the name of a field and the colon after it. Returns where the field goes.
    #[inline]
    fn target(self, at: usize, names: &mut FieldOrder) -> Option<(FieldTarget, usize)> {
        let name = self.sign(at, b'"')?;
        if let Some((target, length)) = names.again(self.bytes_from(name)?) {
            return Some((target, name + length));
        }
        let (start, end) = self.string(at)?;
        let value = self.sign(end + 1, b':')?;
        Some((names.find(self.text.get(start..end)?), value))
    }

    /// Reads a string without escapes. Returns where it begins and ends between its quotes.
    #[inline]
    fn string(self, at: usize) -> Option<(usize, usize)> {
        let start = self.sign(at, b'"')?;
        let rest = self.bytes_from(start)?;
        let end = start
            + if self.has_only_plain_strings {
                bytes_until(rest, quotes, |byte| byte == b'"')
            } else {
                bytes_until(rest, odd, |byte| matches!(byte, b'"' | b'\\' | 0..0x20))
            };
        (self.byte(end) == Some(b'"')).then_some((start, end))
    }

    /// Reads an integer without a point or an exponent, or `null`.
    fn number(self, at: usize, number: &mut Field<i64>) -> Option<usize> {
        let (first, start) = self.next(at)?;
        if first == b'n' {
            *number = Field::Absent;
            return self.null(start);
        }
        let (mut value, mut end) = (0_i64, start);
        while let Some(digit) = self.byte(end).filter(u8::is_ascii_digit) {
            if end - start == MOST_DIGITS {
                return None;
            }
            value = value * 10 + i64::from(digit - b'0');
            end += 1;
        }
        *number = Field::Value(value);
        let digits = end - start;
        let is_padded = digits > 1 && first == b'0';
        // A point or an exponent may follow.
        let ends = matches!(self.next(end)?.0, b',' | b'}' | b']');
        (digits > 0 && !is_padded && ends).then_some(end)
    }

    fn null(self, at: usize) -> Option<usize> {
        let (_, at) = self.next(at)?;
        self.bytes_from(at)?.starts_with(b"null").then_some(at + 4)
    }

    /// Skips an unused value.
    fn anything(self, at: usize) -> Option<usize> {
        match self.string(at) {
            Some((_, end)) => Some(end + 1),
            None => self.number(at, &mut Field::Absent),
        }
    }
}

/// Whether the page has no backslash and no control character. That is checked quickly for the page and then
/// need not be checked for every string.
fn has_only_plain_strings(bytes: &[u8]) -> bool {
    // Without an early exit, so that the compiler checks many bytes in one step.
    let odd = bytes.iter().fold(0, |odd, byte| {
        odd | u8::from(*byte == b'\\') | u8::from(*byte < 0x20)
    });
    odd == 0
}

/// Eight bytes as one number.
type Eight = u64;

const ONES: Eight = 0x0101_0101_0101_0101;

/// Sets the high bit of each byte below `than`; after the first such byte, others may be set too.
const fn below(eight: Eight, than: u64) -> Eight {
    eight.wrapping_sub(than * ONES) & !eight & (0x80 * ONES)
}

/// Sets the high bits of quotes.
fn quotes(eight: Eight) -> Eight {
    below(eight ^ (u64::from(b'"') * ONES), 1)
}

/// Sets the high bits of bytes that end a string or are not plain: quotes, backslashes, control characters.
fn odd(eight: Eight) -> Eight {
    quotes(eight) | below(eight ^ (u64::from(b'\\') * ONES), 1) | below(eight, 0x20)
}

/// How many bytes precede the first that `is_it` accepts; `high_bits` marks the same bytes in a group of
/// eight.
#[inline]
fn bytes_until(bytes: &[u8], high_bits: impl Fn(Eight) -> Eight, is_it: impl Fn(u8) -> bool) -> usize {
    // Sixteen bytes per step: most strings then end in the first or the second, which a processor predicts
    // well.
    let (blocks, rest) = bytes.as_chunks::<16>();
    for (number, block) in blocks.iter().enumerate() {
        let (eights, _) = block.as_chunks::<8>();
        let [first, second] = [0, 1].map(|at: usize| high_bits(Eight::from_le_bytes(eights[at])));
        if first | second != 0 {
            let (found, before) = if first == 0 { (second, 8) } else { (first, 0) };
            return number * 16 + before + found.trailing_zeros() as usize / 8;
        }
    }
    blocks.len() * 16 + rest.iter().position(|byte| is_it(*byte)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_string_ends_where_its_bytes_say(bytes in prop::collection::vec(prop_oneof![
            20 => any::<u8>(), 1 => Just(b'"'), 1 => Just(b'\\'), 60 => Just(b'a'),
        ], 0..60)) {
            let place = |is_it: &dyn Fn(u8) -> bool| bytes.iter().position(|byte| is_it(*byte)).unwrap_or(bytes.len());
            let is_quote = |byte: u8| byte == b'"';
            let ends = |byte: u8| is_quote(byte) || byte == b'\\' || byte < 0x20;
            prop_assert_eq!(bytes_until(&bytes, quotes, is_quote), place(&is_quote));
            prop_assert_eq!(bytes_until(&bytes, odd, ends), place(&ends));
            prop_assert_eq!(has_only_plain_strings(&bytes), !bytes.iter().any(|byte| *byte == b'\\' || *byte < 0x20));
        }
    }
}
