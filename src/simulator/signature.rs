//! Verifies SDK-HMAC-SHA256 on the bytes that arrived (API reference, AK/SK signing).

use hmac::Mac;
use hyper::HeaderMap;
use jiff::civil::DateTime;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::digest::{mac, sha256_hex};

const ALGORITHM: &str = "SDK-HMAC-SHA256";
/// What stays as it is: letters, digits and four marks.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Is a request as the signature sees it.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    /// The path of the request line, still encoded.
    pub(super) path: &'a str,
    /// The query of the request line, still encoded.
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// Holds the parts of an `Authorization` header.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Authorization<'a> {
    pub(super) access: &'a str,
    pub(super) signed_headers: &'a str,
    pub(super) signature: &'a str,
}

/// Takes an `Authorization` header apart; `None` when it has another form.
pub(super) fn parse(header: &str) -> Option<Authorization<'_>> {
    let rest = header.strip_prefix(ALGORITHM)?.strip_prefix(' ')?;
    let (mut access, mut signed_headers, mut signature) = (None, None, None);
    for part in rest.split(", ") {
        let (key, value) = part.split_once('=')?;
        let slot = match key {
            "Access" => &mut access,
            "SignedHeaders" => &mut signed_headers,
            "Signature" => &mut signature,
            _ => return None,
        };
        if slot.replace(value).is_some() {
            return None;
        }
    }
    Some(Authorization { access: access?, signed_headers: signed_headers?, signature: signature? })
}

/// Reads an `X-Sdk-Date` and returns Unix milliseconds.
pub(super) fn parse_date(text: &str) -> Option<i64> {
    if text.len() != 16 || !text.ends_with('Z') {
        return None;
    }
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    let zoned = jiff::tz::Offset::UTC.to_timestamp(time).ok()?;
    Some(zoned.as_millisecond())
}

/// Tells whether the signature was made over this request with this secret.
///
/// # Errors
/// A sentence that says what about the request makes it impossible to verify.
pub(super) fn verify(
    request: &Signed<'_>,
    authorization: &Authorization<'_>,
    secret: &str,
) -> Result<bool, String> {
    let canonical = canonical_request(request, authorization.signed_headers)?;
    let date = header(request.headers, "x-sdk-date")?;
    let to_sign = format!("{ALGORITHM}\n{date}\n{}", sha256_hex(canonical.as_bytes()));
    let Some(given) = unhex(authorization.signature) else { return Ok(false) };
    let Some(mac) = mac(secret.as_bytes(), to_sign.as_bytes()) else { return Ok(false) };
    // Compares in constant time.
    Ok(mac.verify_slice(&given).is_ok())
}

fn canonical_request(request: &Signed<'_>, signed_headers: &str) -> Result<String, String> {
    let names: Vec<&str> = signed_headers.split(';').collect();
    check_names(request, &names)?;
    let mut headers = String::new();
    for name in &names {
        headers.push_str(&format!("{name}:{}\n", header(request.headers, name)?.trim()));
    }
    Ok(format!(
        "{}\n{}\n{}\n{headers}\n{signed_headers}\n{}",
        request.method.to_uppercase(),
        canonical_path(request.path),
        canonical_query(request.query),
        payload_hash(request, &names)?,
    ))
}

fn check_names(request: &Signed<'_>, names: &[&str]) -> Result<(), String> {
    if !names.is_sorted() || names.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err("SignedHeaders is not sorted or names a header twice".to_owned());
    }
    if names.iter().any(|name| name.chars().any(|c| c.is_ascii_uppercase() || c == '_')) {
        return Err("SignedHeaders must be lower-case names without underscores".to_owned());
    }
    if names.contains(&"authorization") {
        return Err("Authorization cannot be signed".to_owned());
    }
    for needed in ["x-sdk-date", "x-sdk-content-sha256"] {
        let sent = request.headers.contains_key(needed);
        if sent && !names.contains(&needed) {
            return Err(format!("{needed} must be signed"));
        }
    }
    Ok(())
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, String> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or_else(|| format!("signed header {name} is missing"))?;
    if values.next().is_some() {
        return Err(format!("signed header {name} is there twice"));
    }
    std::str::from_utf8(value.as_bytes()).map_err(|_| format!("header {name} is not UTF-8"))
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn canonical_path(path: &str) -> String {
    let decoded = decode(path);
    let mut canonical = decoded.split('/').map(encode).collect::<Vec<_>>().join("/");
    if !canonical.ends_with('/') {
        canonical.push('/');
    }
    canonical
}

/// Splits a query into decoded pairs. A plus sign stands for itself.
pub(super) fn query_pairs(query: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(key), decode(value))
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

fn canonical_query(query: &str) -> String {
    let mut pairs = query_pairs(query);
    pairs.sort();
    let pair = |(key, value): &(String, String)| format!("{}={}", encode(key), encode(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn payload_hash(request: &Signed<'_>, names: &[&str]) -> Result<String, String> {
    let real = sha256_hex(request.body);
    if request.body.is_empty() || !names.contains(&"x-sdk-content-sha256") {
        return Ok(real);
    }
    let given = header(request.headers, "x-sdk-content-sha256")?;
    if given != "UNSIGNED-PAYLOAD" && given != real {
        return Err("X-Sdk-Content-Sha256 is not the hash of the body".to_owned());
    }
    Ok(given.to_owned())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (
                name.parse::<HeaderName>().unwrap(),
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            )
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn canonical_form_follows_the_recipe() {
        let headers = headers(&[
            ("x-sdk-date", "20240102T030405Z"),
            ("host", "example.invalid:8443"),
            ("content-type", "  application/json "),
        ]);
        let request = Signed {
            method: "get",
            path: "/v2/a%20b/p%2Bq",
            query: "b=2&a=x%20y&b=1&empty=",
            headers: &headers,
            body: b"",
        };
        assert_eq!(
            canonical_request(&request, "content-type;host;x-sdk-date").unwrap(),
            "GET\n/v2/a%20b/p%2Bq/\na=x%20y&b=1&b=2&empty=\n\
             content-type:application/json\nhost:example.invalid:8443\n\
             x-sdk-date:20240102T030405Z\n\ncontent-type;host;x-sdk-date\n\
             e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn a_signature_holds_for_its_own_request_only() {
        let headers = headers(&[("x-sdk-date", "20240102T030405Z"), ("host", "h")]);
        let request = Signed {
            method: "POST",
            path: "/v2/p/pools",
            query: "",
            headers: &headers,
            body: b"{}",
        };
        let canonical = canonical_request(&request, "host;x-sdk-date").unwrap();
        let to_sign =
            format!("{ALGORITHM}\n20240102T030405Z\n{}", sha256_hex(canonical.as_bytes()));
        let signature = super::super::digest::mac_hex(b"secret", to_sign.as_bytes());
        let authorization =
            Authorization { access: "A", signed_headers: "host;x-sdk-date", signature: &signature };
        assert_eq!(verify(&request, &authorization, "secret"), Ok(true));
        assert_eq!(verify(&request, &authorization, "other"), Ok(false));
        let other = Signed { body: b"[]", ..request };
        assert_eq!(verify(&other, &authorization, "secret"), Ok(false));
    }

    #[test]
    fn another_form_of_the_header_is_not_taken_apart() {
        let good = "SDK-HMAC-SHA256 Access=A, SignedHeaders=host, Signature=00";
        assert!(parse(good).is_some());
        for wrong in [
            "Bearer x",
            "SDK-HMAC-SHA256 Access=A, SignedHeaders=host",
            "SDK-HMAC-SHA256 Access=A, Access=B, SignedHeaders=host, Signature=00",
            "SDK-HMAC-SHA256 Credential=A, SignedHeaders=host, Signature=00",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn dates_have_one_form() {
        assert_eq!(parse_date("19700101T000001Z"), Some(1000));
        for wrong in ["1970-01-01T00:00:01Z", "19700101T000001", "19701301T000001Z"] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }
}
