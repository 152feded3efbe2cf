//! The answer as HSS writes it, read in one go.
//!
//! An answer is nearly always plain: objects and lists as documented, texts without escapes, whole numbers. That much is read
//! here, several times faster than by a parser that is ready for everything. Whatever is not as plain as that ends the reading
//! with nothing, and the page is read by `serde_json` from its beginning: what is valid, and what it means, is decided there
//! alone. Must not: accept a page that `serde_json` does not, or read another thing in it.

use super::WirePage;
use super::record::{Names, Target};
use crate::fleet::Field;
use crate::fleet::raw::{Filler, List, RawPod};

/// Digits of a number that is read here: it fits whatever they are.
const MOST_DIGITS: usize = 18;

/// Reads the whole page, if it is plain.
pub(super) fn read(text: &str, page: &mut WirePage, filler: &mut Filler<'_>) -> Option<()> {
    let mut at = Cursor {
        text,
        bytes: text.as_bytes(),
        at: 0,
        has_only_plain_texts: has_only_plain_texts(text.as_bytes()),
    };
    at.object(|at, name| {
        match name {
            "total_num" => page.total = at.number()?,
            "last_update_time" => page.snapshot_ms = at.number()?,
            "data_list" => page.has_list |= at.list(List::Node, filler)?,
            "pod_info_list" => page.has_list |= at.list(List::Serverless, filler)?,
            _ => at.pass_over()?,
        }
        Some(())
    })?;
    at.is_at_end().then_some(())
}

/// A place in the page.
struct Cursor<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// Whether every text ends at the next quote.
    has_only_plain_texts: bool,
}

impl<'t> Cursor<'t> {
    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            if byte > b' ' || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Goes behind the next byte that is no white space, if it is this one.
    fn takes(&mut self, byte: u8) -> bool {
        let takes = self.peek() == Some(byte);
        self.at += usize::from(takes);
        takes
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.takes(byte).then_some(())
    }

    fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// An object, whose values `field` reads by their names.
    fn object(&mut self, mut field: impl FnMut(&mut Self, &'t str) -> Option<()>) -> Option<()> {
        self.take(b'{')?;
        if self.takes(b'}') {
            return Some(());
        }
        loop {
            let (start, end) = self.string()?;
            self.take(b':')?;
            field(self, self.text.get(start..end)?)?;
            if self.takes(b'}') {
                return Some(());
            }
            self.take(b',')?;
        }
    }

    /// A list of entries; that it is one is the answer.
    fn list(&mut self, list: List, filler: &mut Filler<'_>) -> Option<bool> {
        let mut names = Names::of(list);
        self.take(b'[')?;
        if self.takes(b']') {
            return Some(true);
        }
        loop {
            let mut pod = RawPod::of(list);
            self.entry(&mut pod, &mut names, filler)?;
            filler.push(pod);
            if self.takes(b']') {
                return Some(true);
            }
            self.take(b',')?;
        }
    }

    fn entry(&mut self, pod: &mut RawPod, names: &mut Names, filler: &mut Filler<'_>) -> Option<()> {
        names.begin();
        self.take(b'{')?;
        if self.takes(b'}') {
            return Some(());
        }
        loop {
            match self.target(names)? {
                Target::Text(field) if self.peek()? == b'"' => {
                    let (start, end) = self.string()?;
                    filler.point(pod, field, start, end);
                }
                Target::Text(field) => {
                    self.null()?;
                    filler.set(pod, field, Field::Absent);
                }
                Target::CreateTime => pod.create_time = self.number()?,
                Target::Nowhere => self.pass_over()?,
            }
            if self.takes(b'}') {
                return Some(());
            }
            self.take(b',')?;
        }
    }

    /// The name of a field and the colon behind it: where the field goes.
    fn target(&mut self, names: &mut Names) -> Option<Target> {
        if self.peek()? == b'"'
            && let Some((target, length)) = names.again(self.bytes.get(self.at + 1..)?)
        {
            self.at += 1 + length;
            return Some(target);
        }
        let (start, end) = self.string()?;
        self.take(b':')?;
        Some(names.find(self.text.get(start..end)?))
    }

    /// Where a text without escapes begins and ends.
    fn string(&mut self) -> Option<(usize, usize)> {
        self.take(b'"')?;
        let start = self.at;
        let rest = self.bytes.get(start..)?;
        let end = start
            + if self.has_only_plain_texts {
                bytes_until(rest, quotes, |byte| byte == b'"')
            } else {
                bytes_until(rest, odd, |byte| matches!(byte, b'"' | b'\\' | 0..0x20))
            };
        self.at = end + 1;
        (self.bytes.get(end) == Some(&b'"')).then_some((start, end))
    }

    /// A whole number in its plainest spelling, or none.
    fn number(&mut self) -> Option<Field<i64>> {
        if self.peek()? == b'n' {
            self.null()?;
            return Some(Field::Absent);
        }
        let start = self.at;
        let mut number = 0_i64;
        while let Some(digit) = self.bytes.get(self.at).filter(|byte| byte.is_ascii_digit()) {
            if self.at - start == MOST_DIGITS {
                return None;
            }
            number = number * 10 + i64::from(digit - b'0');
            self.at += 1;
        }
        let digits = self.at - start;
        let padded = digits > 1 && self.bytes.get(start) == Some(&b'0');
        // A point or an exponent may follow.
        let ends = matches!(self.peek()?, b',' | b'}' | b']');
        (digits > 0 && !padded && ends).then_some(Field::Value(number))
    }

    fn null(&mut self) -> Option<()> {
        self.peek()?;
        let is_null = self.bytes.get(self.at..)?.starts_with(b"null");
        self.at += 4;
        is_null.then_some(())
    }

    /// Passes over a value that nobody asks for.
    fn pass_over(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            _ => self.number().map(drop),
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
fn bytes_until(bytes: &[u8], high_bits: impl Fn(Eight) -> Eight, is_it: impl Fn(u8) -> bool) -> usize {
    let (eights, rest) = bytes.as_chunks::<8>();
    for (number, eight) in eights.iter().enumerate() {
        let found = high_bits(Eight::from_le_bytes(*eight));
        if found != 0 {
            return number * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    eights.len() * 8 + rest.iter().position(|byte| is_it(*byte)).unwrap_or(rest.len())
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
