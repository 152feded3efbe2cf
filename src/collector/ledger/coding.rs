//! A record as bytes: a line with a checksum, then JSON.
//!
//! The checksum detects a record that was written in part, or altered by a disk.

use super::machine::{MachineTime, fingerprint};
use super::record::LedgerRecord;

/// No record is longer.
pub(super) const MOST_BYTES: u64 = 256 << 10;
const HEAD: &str = "hss-top calls 1 ";

/// Encodes a record; `None` if it would be too long.
pub(super) fn write(record: &LedgerRecord) -> Option<Vec<u8>> {
    let body = serde_json::to_vec(record).ok()?;
    let mut bytes = format!("{HEAD}{:016x}\n", fingerprint(&body)).into_bytes();
    bytes.extend_from_slice(&body);
    u64::try_from(bytes.len())
        .is_ok_and(|length| length <= MOST_BYTES)
        .then_some(bytes)
}

/// Decodes a record; `None` if it is damaged.
pub(super) fn read(bytes: &[u8]) -> Option<LedgerRecord> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (head, body) = (bytes.get(..end)?, bytes.get(end + 1..)?);
    let sum = std::str::from_utf8(head).ok()?.strip_prefix(HEAD)?;
    if sum != format!("{:016x}", fingerprint(body)) {
        return None;
    }
    let record: LedgerRecord = serde_json::from_slice(body).ok()?;
    record.is_credible().then_some(record)
}

/// The record in a file, for a program that wrote `last`, and whether it was damaged. A file is only empty if
/// somebody emptied it, and only older than `last` if somebody replaced it.
pub(super) fn found(bytes: &[u8], last: Option<&LedgerRecord>, now: MachineTime) -> (LedgerRecord, bool) {
    let is_current = |record: &LedgerRecord| last.is_none_or(|last| !record.is_before(last));
    match read(bytes).filter(is_current) {
        Some(record) => (record, false),
        None => (LedgerRecord::all_spent(now), true),
    }
}

#[cfg(test)]
mod tests {
    use super::super::machine::ProgramId;
    use super::super::record::CallClaim;
    use super::*;

    fn record() -> LedgerRecord {
        let now = MachineTime {
            boot: 7,
            up: 90_000,
            wall: 1_760_000_000_000,
        };
        let mut record = LedgerRecord::empty(now);
        for number in 0..4 {
            let who = ProgramId {
                pid: 1,
                started: 2,
                number,
            };
            record.claim(CallClaim {
                who,
                limit: 2,
                need: 2,
                urgent: number == 0,
            });
        }
        let who = ProgramId {
            pid: 1,
            started: 2,
            number: 0,
        };
        record.end(who, 1);
        record
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let bytes = write(&record()).unwrap();
        assert_eq!(read(&bytes), Some(record()));
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with("hss-top calls 1 ") && text.len() < 900, "{text}");
    }

    #[test]
    fn any_other_byte_and_any_shorter_text_is_damage() {
        let bytes = write(&record()).unwrap();
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            assert_eq!(read(&altered), None, "byte {at}");
            assert_eq!(read(&bytes[..at]), None, "{at} bytes");
        }
    }

    #[test]
    fn a_record_whose_calls_lie_ahead_of_it_is_damage() {
        let body = r#"{"boot":1,"now":5,"wall":5,"made":[{"at":6,"count":1}],"open":[],"waiting":[],"callers":[],"paused":null,"rule":null}"#;
        let sum = fingerprint(body.as_bytes());
        assert_eq!(read(format!("{HEAD}{sum:016x}\n{body}").as_bytes()), None);
        let body = body.replace("\"at\":6", "\"at\":5");
        let sum = fingerprint(body.as_bytes());
        assert!(read(format!("{HEAD}{sum:016x}\n{body}").as_bytes()).is_some());
    }
}
