//! Hashes and what is made of them: hexadecimal text, names, seeded chance.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Writes bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the SHA-256 of the bytes in hexadecimal.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Begins an HMAC-SHA256 over the message; any length of key will do.
pub(super) fn mac(key: &[u8], message: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(message);
    Some(mac)
}

/// Returns the HMAC-SHA256 of the message in hexadecimal.
pub(super) fn mac_hex(key: &[u8], message: &[u8]) -> String {
    mac(key, message).map(|mac| hex(&mac.finalize().into_bytes())).unwrap_or_default()
}

/// Makes a short name, such as the service puts behind its own names, from any text.
pub(super) fn tag(text: &str) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).copied().map(char::from);
    Sha256::digest(text.as_bytes()).iter().take(5).filter_map(letter).collect()
}

/// Makes 32 hexadecimal digits, such as the service uses as identifiers, from any text.
pub(super) fn id32(text: &str) -> String {
    hex(Sha256::digest(text.as_bytes()).get(..16).unwrap_or_default())
}

/// Returns a number from 0 to 1 (exclusive) that depends on nothing but its arguments.
pub(super) fn chance(seed: u64, number: u64) -> f64 {
    (scramble(seed, number) >> 11) as f64 / (1u64 << 53) as f64
}

/// Mixes two numbers into one that looks random.
pub(super) fn scramble(seed: u64, number: u64) -> u64 {
    let mut z = seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
