//! Request signing, SDK-HMAC-SHA256: canonical request, string to sign,
//! signature, each a step that can be checked by itself (API reference,
//! AK/SK signing). There is no credential scope and no key derivation.

mod canonical;
#[expect(clippy::module_inception, reason = "the step after the canonical request")]
mod sign;

pub use canonical::{Canonical, Unsigned, canonical_query, encode_segment};
pub use sign::{authorization, signature, string_to_sign, timestamp};

pub(crate) use canonical::hex;

/// Name of the algorithm as it stands in the string to sign and the header.
pub const ALGORITHM: &str = "SDK-HMAC-SHA256";
/// Header with the time of signing.
pub const DATE_HEADER: &str = "x-sdk-date";
