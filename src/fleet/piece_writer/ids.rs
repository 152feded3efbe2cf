//! Addresses and UUIDs in their usual form.
//!
//! Owns their digits. Must not: know where they are written.

use super::{WINDOW, set};

/// The numbers of an address with a point behind each, and how many bytes that is.
const ADDRESS_PARTS: [([u8; 4], u8); 256] = {
    let mut parts = [([b'.'; 4], 2); 256];
    let mut number = 0_u8;
    loop {
        let (hundreds, tens, ones) = (b'0' + number / 100, b'0' + number / 10 % 10, b'0' + number % 10);
        parts[number as usize] = match number {
            0..10 => ([ones, b'.', b'.', b'.'], 2),
            10..100 => ([tens, ones, b'.', b'.'], 3),
            _ => ([hundreds, tens, ones, b'.'], 4),
        };
        if number == u8::MAX {
            break parts;
        }
        number += 1;
    }
};

/// Writes an IPv4 address, the first number in the highest bits; returns its length.
#[inline]
pub fn put_address(room: &mut [u8; WINDOW], bits: u32) -> usize {
    let mut len = 0;
    for byte in bits.to_be_bytes() {
        let (text, more) = ADDRESS_PARTS[usize::from(byte)];
        set(room, len, text);
        len += usize::from(more);
    }
    len - 1
}

/// Writes a UUID in its usual form; returns its length.
#[inline]
pub fn put_uuid(room: &mut [u8; WINDOW], uuid: u128) -> usize {
    let (a, b) = (eight_hex_digits(uuid >> 96), eight_hex_digits(uuid >> 64));
    let (c, d) = (eight_hex_digits(uuid >> 32), eight_hex_digits(uuid));
    let ([b, after_b], [c, after_c]) = (halves(b), halves(c));
    set(room, 0, a);
    set(room, 9, b);
    set(room, 14, after_b);
    set(room, 19, c);
    set(room, 24, after_c);
    set(room, 28, d);
    for hyphen in [8, 13, 18, 23] {
        room[hyphen] = b'-';
    }
    36
}

#[inline]
fn halves(eight: [u8; 8]) -> [[u8; 4]; 2] {
    let first = eight.first_chunk().copied().unwrap_or_default();
    let last = eight.last_chunk().copied().unwrap_or_default();
    [first, last]
}

/// The last eight hexadecimal digits of a number, all at once.
#[inline]
fn eight_hex_digits(number: u128) -> [u8; 8] {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // Each digit in a byte of its own.
    let digits = u64::try_from(number & u128::from(u32::MAX)).unwrap_or(0);
    let digits = (digits | digits << 16) & 0x0000_ffff_0000_ffff;
    let digits = (digits | digits << 8) & 0x00ff_00ff_00ff_00ff;
    let digits = (digits | digits << 4) & (15 * ONES);
    // Six more than a letter's value has a bit that six more than 9 has not.
    let letters = (digits + 6 * ONES) >> 4 & ONES;
    let after_nine = u64::from(b'a' - b'9' - 1);
    (digits + u64::from(b'0') * ONES + letters * after_nine).to_be_bytes()
}
