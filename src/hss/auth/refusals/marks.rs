//! What the file of refusals has in the place of users and passwords.
//!
//! Owns the salted hashes. Must not: know what is remembered.

use ring::digest::{Context, SHA256};
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::{ExposeSecret as _, SecretString};

/// A salt that no other file has.
pub(super) fn fresh_salt() -> String {
    let mut salt = [0; 16];
    // Without a salt the hash would only be easier to guess.
    let _ = SystemRandom::new().fill(&mut salt);
    hex(&salt)
}

/// Eight bits of the salted hash of a password: enough to notice a correction, and too few to guess the password by.
pub(super) fn mark(salt: &str, user: &[&str], password: &SecretString) -> String {
    let mut hashed = hash(salt, &[user, &[password.expose_secret()]].concat());
    hashed.truncate(2);
    hashed
}

/// The salted hash of these parts.
pub(super) fn hash(salt: &str, parts: &[&str]) -> String {
    let mut context = Context::new(&SHA256);
    for part in [&[salt], parts].concat() {
        context.update(&part.len().to_le_bytes());
        context.update(part.as_bytes());
    }
    hex(context.finish().as_ref())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
