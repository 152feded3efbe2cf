//! Checksums of stored records.
//!
//! SQLite does not notice if the disk alters a bit inside a value, so each record has a checksum of its key
//! and its value. CRC-32 suffices, because it guards against a faulty disk and not against an adversary (the
//! file is private): it detects every change within 32 adjacent bits and all but one in four billion of the
//! others, is already a dependency for gzip, and costs less than reading the bytes. Records from an older
//! version have no checksum and are trusted until they are written again.

use crc32fast::Hasher;

use super::usage::Sample;

/// The checksum of the page that begins at `offset`.
pub(super) fn page(offset: u32, body: &[u8]) -> i64 {
    of(&[&offset.to_le_bytes(), body])
}

/// The checksum of a part of the body of a snapshot; both copies of the part have the same.
pub(super) fn part(snapshot: i64, part: u32, body: &[u8]) -> i64 {
    of(&[&snapshot.to_le_bytes(), &part.to_le_bytes(), body])
}

/// The checksum of a block of pods.
pub(super) fn block(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

/// The checksum of a fact.
pub(super) fn fact(name: &str, value: Option<i64>) -> i64 {
    of(&[&number(value), name.as_bytes()])
}

/// The checksum of a change in its stored form.
pub(super) fn change(body: &[u8]) -> i64 {
    of(&[body])
}

/// The checksum of a sample.
pub(super) fn usage(sample: &Sample) -> i64 {
    let (cpu, memory) = (number(sample.cpu), number(sample.memory));
    of(&[&sample.pod.to_le_bytes(), &sample.at.to_le_bytes(), &cpu, &memory])
}

/// The checksum of a record with these numbers and texts; the length of each text counts too.
pub(super) fn record(numbers: &[Option<i64>], texts: &[&str]) -> i64 {
    let mut hasher = Hasher::new();
    for value in numbers {
        hasher.update(&number(*value));
    }
    for text in texts {
        hasher.update(&text.len().to_le_bytes());
        hasher.update(text.as_bytes());
    }
    i64::from(hasher.finalize().cast_signed())
}

/// Whether a record is unaltered: its checksum is `sum`, or it has none.
pub(super) fn is_intact(stored: Option<i64>, sum: i64) -> bool {
    stored.is_none_or(|stored| stored == sum)
}

/// The bytes of a number that may be missing; a missing one differs from every other.
fn number(value: Option<i64>) -> [u8; 9] {
    let mut bytes = [u8::from(value.is_some()); 9];
    let [_, digits @ ..] = &mut bytes;
    *digits = value.unwrap_or(0).to_le_bytes();
    bytes
}

/// The checksum as a signed number, which SQLite stores in four bytes.
fn of(parts: &[&[u8]]) -> i64 {
    let mut hasher = Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    i64::from(hasher.finalize().cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_record_counts() {
        let sample = Sample {
            pod: 1,
            at: 2,
            cpu: Some(3),
            memory: None,
        };
        let sums = [
            page(0, b"a"),
            page(200, b"a"),
            page(0, b"b"),
            part(1, 0, b"a"),
            part(2, 0, b"a"),
            part(1, 1, b"a"),
            part(1, 0, b"b"),
            fact("total", Some(1)),
            fact("total", Some(2)),
            fact("pages", Some(1)),
            fact("total", None),
            fact("total", Some(0)),
            change(b"{}"),
            usage(&sample),
            usage(&Sample { pod: 2, ..sample }),
            usage(&Sample { at: 3, ..sample }),
            usage(&Sample { cpu: None, ..sample }),
            usage(&Sample {
                cpu: Some(0),
                ..sample
            }),
            usage(&Sample {
                memory: Some(0),
                ..sample
            }),
            record(&[Some(1), None], &["ab", "c"]),
            record(&[Some(1), None], &["a", "bc"]),
            record(&[None, Some(1)], &["ab", "c"]),
            record(&[Some(1)], &["ab", "c"]),
        ];
        for (at, sum) in sums.iter().enumerate() {
            assert!(!sums[..at].contains(sum), "{at}");
            assert!(i32::try_from(*sum).is_ok(), "{sum}");
        }
    }

    #[test]
    fn the_checksum_is_the_same_in_every_version() {
        assert_eq!(change(b"123456789"), i64::from(0xcbf4_3926_u32.cast_signed()));
    }

    #[test]
    fn a_record_without_a_checksum_is_trusted_and_one_with_a_wrong_one_is_not() {
        assert!(is_intact(None, 5) && is_intact(Some(5), 5));
        assert!(!is_intact(Some(4), 5));
    }
}
