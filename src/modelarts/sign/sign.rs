//! From the canonical request to the Authorization header.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::{ALGORITHM, Canonical, hex};

/// Writes a point in time as the date header wants it: `YYYYMMDDTHHMMSSZ`, UTC.
pub fn timestamp(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Joins algorithm, date and hash of the canonical request.
pub fn string_to_sign(date: &str, canonical: &Canonical) -> String {
    format!("{ALGORITHM}\n{date}\n{}", hex(&Sha256::digest(canonical.text.as_bytes())))
}

/// Signs with the secret key as it is.
pub fn signature(secret_key: &SecretString, string_to_sign: &str) -> String {
    let key = secret_key.expose_secret().as_bytes();
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(string_to_sign.as_bytes());
            hex(&mac.finalize().into_bytes())
        }
        // HMAC takes keys of every length; an empty signature is refused.
        Err(_) => String::new(),
    }
}

/// Gives the value of the Authorization header.
pub fn authorization(access_key: &str, canonical: &Canonical, signature: &str) -> String {
    let names = &canonical.signed_headers;
    format!("{ALGORITHM} Access={access_key}, SignedHeaders={names}, Signature={signature}")
}
