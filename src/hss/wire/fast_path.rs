//! The answer as HSS writes it, read in one go.
//!
//! An answer is nearly always plain: objects and lists as documented, texts without escapes, whole numbers. That much is read
//! here, several times faster than by a parser that is ready for everything. Whatever is not as plain as that ends the reading
//! with nothing, and the page is read by `serde_json` from its beginning: what is valid, and what it means, is decided there
//! alone. Must not: accept a page that `serde_json` does not, or read another thing in it.

use super::record::{FieldOrder, FieldTarget};
use super::{ERROR_CODES, WirePage};
use crate::fleet::Field;
use crate::fleet::raw::{Filler, List, RawPod};

/// Digits of a number that is read here: it fits whatever they are.
const MOST_DIGITS: usize = 18;

/// Reads the whole page, if it is plain.
pub(super) fn read(text: &str, page: &mut WirePage, filler: &mut Filler<'_>) -> Option<()> {
    let reader = FastReader {
        text,
        has_only_plain_texts: has_only_plain_texts(text.as_bytes()),
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

/// The page. What reads a part of it takes the place where the part begins and answers the place behind it: a place that is
/// handed on like that stays in a register, and most of the time goes into following it.
#[derive(Clone, Copy)]
struct FastReader<'t> {
    text: &'t str,
    /// Whether every text ends at the next quote.
    has_only_plain_texts: bool,
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

    /// The first byte from `at` on that is no white space, and its place.
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

    /// This byte, after any white space.
    #[inline]
    fn sign(self, at: usize, sign: u8) -> Option<usize> {
        let (next, at) = self.next(at)?;
        (next == sign).then_some(at + 1)
    }

    /// What stands behind an element: a comma, or `end`. Also answers whether another element follows.
    #[inline]
    fn separator(self, at: usize, end: u8) -> Option<(usize, bool)> {
        let (next, at) = self.next(at)?;
        (next == b',' || next == end).then_some((at + 1, next == b','))
    }

    /// An object, whose values `field` reads by their names.
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

    /// A list of entries; that there is one is noted in `page`.
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
                FieldTarget::CreateTime => self.number(value, &mut pod.create_time)?,
                FieldTarget::Nowhere => self.anything(value)?,
            };
            let (next, more) = self.separator(behind, b'}')?;
            if !more {
                return Some(next);
            }
            at = next;
        }
    }

    /// The name of a field and the colon behind it: where the field goes.
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

    /// Where a text without escapes begins and ends, between its quotes.
    #[inline]
    fn string(self, at: usize) -> Option<(usize, usize)> {
        let start = self.sign(at, b'"')?;
        let rest = self.bytes_from(start)?;
        let end = start
            + if self.has_only_plain_texts {
                bytes_until(rest, quotes, |byte| byte == b'"')
            } else {
                bytes_until(rest, odd, |byte| matches!(byte, b'"' | b'\\' | 0..0x20))
            };
        (self.byte(end) == Some(b'"')).then_some((start, end))
    }

    /// A whole number in its plainest spelling, or none.
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

    /// A value that nobody asks for.
    fn anything(self, at: usize) -> Option<usize> {
        match self.string(at) {
            Some((_, end)) => Some(end + 1),
            None => self.number(at, &mut Field::Absent),
        }
    }
}

/// Whether there is no backslash and no control character at all: this is quickly seen of a whole page, and then need not be
/// looked for in every text.
fn has_only_plain_texts(bytes: &[u8]) -> bool {
    // Without an early end, so that many bytes are looked at in one step.
    let odd = bytes.iter().fold(0, |odd, byte| {
        odd | u8::from(*byte == b'\\') | u8::from(*byte < 0x20)
    });
    odd == 0
}

/// Eight bytes.
type Eight = u64;

const ONES: Eight = 0x0101_0101_0101_0101;

/// For each byte that is smaller than `than`, its high bit; above the first such byte, perhaps for others.
const fn below(eight: Eight, than: u64) -> Eight {
    eight.wrapping_sub(than * ONES) & !eight & (0x80 * ONES)
}

/// The high bits of the quotes.
fn quotes(eight: Eight) -> Eight {
    below(eight ^ (u64::from(b'"') * ONES), 1)
}

/// The high bits of what ends a text or is not plain: a quote, a backslash, a control character.
fn odd(eight: Eight) -> Eight {
    quotes(eight) | below(eight ^ (u64::from(b'\\') * ONES), 1) | below(eight, 0x20)
}

/// How many bytes stand before the first that `is_it` accepts, or that `high_bits` marks in eight of them.
#[inline]
fn bytes_until(bytes: &[u8], high_bits: impl Fn(Eight) -> Eight, is_it: impl Fn(u8) -> bool) -> usize {
    // Sixteen a step: most texts then end in the first or the second, and a processor guesses which.
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
        fn a_text_ends_where_its_bytes_say(bytes in prop::collection::vec(prop_oneof![
            20 => any::<u8>(), 1 => Just(b'"'), 1 => Just(b'\\'), 60 => Just(b'a'),
        ], 0..60)) {
            let place = |is_it: &dyn Fn(u8) -> bool| bytes.iter().position(|byte| is_it(*byte)).unwrap_or(bytes.len());
            let is_quote = |byte: u8| byte == b'"';
            let ends = |byte: u8| is_quote(byte) || byte == b'\\' || byte < 0x20;
            prop_assert_eq!(bytes_until(&bytes, quotes, is_quote), place(&is_quote));
            prop_assert_eq!(bytes_until(&bytes, odd, ends), place(&ends));
            prop_assert_eq!(has_only_plain_texts(&bytes), !bytes.iter().any(|byte| *byte == b'\\' || *byte < 0x20));
        }
    }
}
