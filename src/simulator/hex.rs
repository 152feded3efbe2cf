//! Bytes as hexadecimal digits.
//!
//! Owns both directions, and the values that are only ever written in hexadecimal: digests and random bytes.

use ring::digest;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::answers::Refusal;

pub(super) fn encode(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text
        .chars()
        .map(|digit| digit.to_digit(16))
        .collect::<Option<_>>()?;
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        })
        .collect()
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    encode(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// Cryptographically secure random bytes.
pub(super) fn random<const BYTES: usize>() -> Result<String, Refusal> {
    let mut bytes = [0; BYTES];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Refusal::Broken)?;
    Ok(encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_bytes_can_be_decoded() {
        assert_eq!(encode(&[0, 0x0a, 0xff]), "000aff");
        assert_eq!(decode("000aFF"), Some(vec![0, 0x0a, 0xff]));
        for wrong in ["0", "0g", "ü0"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn two_random_texts_differ() {
        let (one, other) = (random::<16>().unwrap(), random::<16>().unwrap());
        assert_eq!((one.len(), other.len()), (32, 32));
        assert_ne!(one, other);
    }
}
