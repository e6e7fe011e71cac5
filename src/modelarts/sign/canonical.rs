//! The canonical form of a request: what the gateway rebuilds and compares.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256};

/// Everything but letters, digits and `-._~` is escaped.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A header that stands in for the hash of a body that is not hashed.
const CONTENT_HASH_HEADER: &str = "x-sdk-content-sha256";

/// A request before it is signed. No `Debug`: a header may hold a token.
#[derive(Clone, Copy)]
pub struct Unsigned<'a> {
    /// Method in capitals.
    pub method: &'a str,
    /// Path without query, as on the request line.
    pub path: &'a str,
    /// Query before escaping.
    pub query: &'a [(String, String)],
    /// All headers that go into the signature, `Host` and `X-Sdk-Date` included.
    pub headers: &'a [(&'a str, &'a str)],
    /// Exact body bytes.
    pub body: &'a [u8],
}

/// A request in canonical form. No `Debug`: a header may hold a token.
pub struct Canonical {
    /// The six parts joined; wiped when dropped.
    pub text: Zeroizing<String>,
    /// Names that were signed, joined with `;`.
    pub signed_headers: String,
}

impl Canonical {
    /// Brings a request into canonical form.
    pub fn of(request: &Unsigned<'_>) -> Self {
        let headers = signed(request.headers);
        let signed_headers: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let signed_headers = signed_headers.join(";");
        let size = headers.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
        let mut block = Zeroizing::new(String::with_capacity(size));
        for (name, value) in &headers {
            block.extend([name, ":", value, "\n"]);
        }
        let parts = [
            &request.method.to_ascii_uppercase(),
            &canonical_path(request.path),
            &canonical_query(request.query),
            block.as_str(),
            &signed_headers,
            &payload_hash(request),
        ];
        let text = Zeroizing::new(parts.join("\n"));
        Self { text, signed_headers }
    }
}

/// Gives lower-case names and trimmed values in byte order of the names. A
/// name with an underscore is never signed, because proxies drop such headers.
fn signed<'a>(headers: &[(&'a str, &'a str)]) -> Vec<(String, &'a str)> {
    let mut signed: Vec<(String, &str)> = headers
        .iter()
        .filter(|(name, _)| !name.contains('_'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect();
    signed.sort();
    signed
}

/// Decodes, escapes segment by segment and ends with a slash; only the
/// canonical form has that slash, the request line keeps its own.
fn canonical_path(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let mut canonical: Vec<String> = decoded.split('/').map(encode_segment).collect();
    if canonical.last().is_none_or(|last| !last.is_empty()) {
        canonical.push(String::new());
    }
    canonical.join("/")
}

/// Escapes one path segment, query key or query value.
pub fn encode_segment(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// Gives the query string that is both signed and sent: pairs in order of key,
/// then value, sorted before they are escaped.
pub fn canonical_query(query: &[(String, String)]) -> String {
    let mut pairs: Vec<&(String, String)> = query.iter().collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(key, value)| format!("{}={}", encode_segment(key), encode_segment(value)))
        .collect();
    pairs.join("&")
}

/// An empty body is always hashed; otherwise a given content hash wins.
fn payload_hash(request: &Unsigned<'_>) -> String {
    let given = request
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(CONTENT_HASH_HEADER))
        .map(|(_, value)| value.trim());
    match given {
        Some(hash) if !request.body.is_empty() => hash.to_owned(),
        _ => hex(&Sha256::digest(request.body)),
    }
}

/// Writes bytes as lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
