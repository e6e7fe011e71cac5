//! Reading of error answers: which code, which kind (API reference, errors).
//!
//! Codes and statuses decide, texts do not, with one exception: quota and
//! capacity refusals have no documented code, and mistaking one costs only a
//! less fitting hint.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Map, Value};

use super::error::{ErrorKind, Subject};
use super::request::Effect;

const POOL_EXISTS: &str = "ModelArts.50015000";
const POOL_GONE: &str = "ModelArts.50015001";
const NETWORK_GONE: &str = "ModelArts.50025001";
const NETWORK_IN_USE: &str = "ModelArts.50025002";
const OPERATIONS_CONFLICT: &str = "ModelArts.5044";

/// Code, text and request ID of an error body; any of them may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorBody {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
}

impl ErrorBody {
    /// Reads the known shapes of error bodies; anything else is the message.
    pub(crate) fn read(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        match serde_json::from_str::<Value>(&text) {
            Ok(Value::Object(map)) => {
                let nested = || map.values().filter_map(Value::as_object).find_map(Self::shape);
                Self::shape(&map).or_else(nested).unwrap_or_else(|| Self::raw(&text))
            }
            _ => Self::raw(&text),
        }
    }

    fn raw(text: &str) -> Self {
        let message = (!text.trim().is_empty()).then(|| text.to_owned());
        Self { message, ..Self::default() }
    }

    fn shape(map: &Map<String, Value>) -> Option<Self> {
        let get = |key: &str| match map.get(key) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        [("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message")]
            .into_iter()
            .map(|(code, message)| (get(code), get(message)))
            .find(|(code, message)| code.is_some() || message.is_some())
            .map(|(code, message)| Self { code, message, request_id: get("request_id") })
    }
}

/// Gives the number of a gateway code; two spellings of the prefix exist.
pub(crate) fn gateway_number(code: &str) -> Option<&str> {
    code.strip_prefix("APIGW.").or_else(|| code.strip_prefix("APIG."))
}

/// Tells whether the clock of this machine is said to be off.
pub(crate) fn is_clock_skew(body: &ErrorBody) -> bool {
    let number = body.code.as_deref().and_then(gateway_number);
    let expired = |text: &str| text.to_ascii_lowercase().contains("signature expired");
    number == Some("0303") || body.message.as_deref().is_some_and(expired)
}

/// Sorts an error answer by what the caller does next.
pub(crate) fn classify(
    status: StatusCode,
    body: &ErrorBody,
    retry_after: Option<Duration>,
    effect: Effect,
    subject: Subject,
) -> ErrorKind {
    let code = body.code.as_deref().unwrap_or_default();
    if effect == Effect::Patch && status == StatusCode::CONFLICT {
        return ErrorKind::Busy;
    }
    by_code(code, status, retry_after, subject).unwrap_or_else(|| match status.as_u16() {
        401 => ErrorKind::Unauthorized,
        403 => ErrorKind::Forbidden,
        409 if effect == Effect::Create => ErrorKind::AlreadyExists,
        409 => ErrorKind::Busy,
        // Nothing hangs on a job; some clouds do not let it be looked up.
        404 if subject == Subject::Job => ErrorKind::NotFound,
        429 => ErrorKind::Throttled { retry_after },
        // Documents say that nothing was done, but a proxy may see it otherwise,
        // and no name tells a second time from the first.
        503 if effect == Effect::Work => ErrorKind::Ambiguous,
        503 => ErrorKind::Unavailable,
        408 | 500..=599 if effect.is_repeatable() => ErrorKind::Unavailable,
        408 | 500..=599 => ErrorKind::Ambiguous,
        400 | 413 | 415 | 422 => by_text(body.message.as_deref().unwrap_or_default()),
        _ => ErrorKind::Unexpected,
    })
}

/// Says whether a body is JSON that ends too early.
pub(crate) fn is_cut(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
        && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err_and(|error| error.is_eof())
}

/// Says in our words what kind of failure it is.
pub(crate) fn sentence(kind: ErrorKind, status: u16) -> String {
    let text = match kind {
        ErrorKind::NotFound => "the object does not exist",
        ErrorKind::AlreadyExists => "the name is already taken",
        ErrorKind::Unauthorized => "the credentials were refused",
        ErrorKind::Forbidden => "the credentials have no right to do this",
        ErrorKind::Throttled { .. } => "the service limits the number of requests",
        ErrorKind::Busy => "the object is busy or in use",
        ErrorKind::QuotaExceeded => "a quota is used up",
        ErrorKind::SoldOut => "there is no such capacity at the moment",
        ErrorKind::Invalid => "the service does not accept the request",
        ErrorKind::Ambiguous => "the service failed, so the change may have been made or not",
        ErrorKind::Unavailable => "the service failed",
        _ if status == 404 => "the service does not know this address",
        _ if (300..400).contains(&status) => "the service redirects, which is not followed",
        _ => "the service gave an unexpected answer",
    };
    text.to_owned()
}

fn by_code(
    code: &str,
    status: StatusCode,
    retry_after: Option<Duration>,
    subject: Subject,
) -> Option<ErrorKind> {
    let refused = status.is_client_error();
    let kind = match code {
        POOL_GONE if status == StatusCode::NOT_FOUND && subject == Subject::Pool => {
            ErrorKind::NotFound
        }
        NETWORK_GONE if status == StatusCode::NOT_FOUND && subject == Subject::Network => {
            ErrorKind::NotFound
        }
        POOL_EXISTS if refused => ErrorKind::AlreadyExists,
        NETWORK_IN_USE | OPERATIONS_CONFLICT if refused => ErrorKind::Busy,
        "ModelArts.0116" | "ModelArts.0118" if refused => ErrorKind::QuotaExceeded,
        // Wrong keys and tokens, although the status says forbidden.
        "ModelArts.0203" | "ModelArts.0206" if status == StatusCode::FORBIDDEN => {
            ErrorKind::Unauthorized
        }
        // The key is right, the project or its rights are not.
        "ModelArts.0109" => ErrorKind::Forbidden,
        "ModelArts.0112" | "ModelArts.0207" | "ModelArts.0212" | "ModelArts.0428" if refused => {
            ErrorKind::Forbidden
        }
        _ => match gateway_number(code)? {
            "0308" => ErrorKind::Throttled { retry_after },
            // The gateway could not ask who calls, so it has passed nothing on.
            "0613" if status == StatusCode::SERVICE_UNAVAILABLE => ErrorKind::Unavailable,
            "0307" if refused => ErrorKind::Unauthorized,
            _ => return None,
        },
    };
    Some(kind)
}

fn by_text(message: &str) -> ErrorKind {
    let message = message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["quota"]) {
        ErrorKind::QuotaExceeded
    } else if says(&["sold out", "soldout", "insufficient resource", "insufficient capacity"]) {
        ErrorKind::SoldOut
    } else {
        ErrorKind::Invalid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, code: &str, effect: Effect, subject: Subject) -> ErrorKind {
        let body = ErrorBody { code: Some(code.to_owned()), ..ErrorBody::default() };
        classify(StatusCode::from_u16(status).unwrap(), &body, None, effect, subject)
    }

    #[test]
    fn only_the_services_own_code_says_gone() {
        use Effect::Read;
        assert_eq!(kind(404, POOL_GONE, Read, Subject::Pool), ErrorKind::NotFound);
        assert_eq!(kind(404, NETWORK_GONE, Read, Subject::Network), ErrorKind::NotFound);
        for (status, code, subject) in [
            (404, NETWORK_GONE, Subject::Pool),
            (404, POOL_GONE, Subject::Network),
            (404, POOL_GONE, Subject::Other),
            (404, "APIGW.0101", Subject::Pool),
            (404, "", Subject::Pool),
            (404, "ModelArts.50005101", Subject::Pool),
            (400, POOL_GONE, Subject::Pool),
            (500, POOL_GONE, Subject::Pool),
        ] {
            assert_ne!(kind(status, code, Read, subject), ErrorKind::NotFound, "{status} {code}");
        }
    }

    #[test]
    fn a_job_that_cannot_be_looked_up_is_not_found_whoever_says_so() {
        for code in [POOL_GONE, "APIGW.0101", "ModelArts.50005101", ""] {
            assert_eq!(kind(404, code, Effect::Read, Subject::Job), ErrorKind::NotFound);
        }
    }

    #[test]
    fn a_failed_change_is_ambiguous_and_a_failed_read_is_not() {
        for status in [408, 500, 502, 504, 599] {
            for effect in [Effect::Create, Effect::Patch, Effect::Act, Effect::Work] {
                assert_eq!(kind(status, "", effect, Subject::Pool), ErrorKind::Ambiguous);
            }
            for effect in [Effect::Read, Effect::Delete] {
                assert_eq!(kind(status, "", effect, Subject::Pool), ErrorKind::Unavailable);
            }
        }
        assert_eq!(kind(503, "", Effect::Create, Subject::Pool), ErrorKind::Unavailable);
        assert_eq!(kind(503, "", Effect::Work, Subject::Pool), ErrorKind::Ambiguous);
        assert_eq!(kind(503, "APIGW.0613", Effect::Work, Subject::Pool), ErrorKind::Unavailable);
    }

    #[test]
    fn a_conflict_on_create_is_a_taken_name_and_elsewhere_a_busy_pool() {
        let conflict = |code, effect| kind(409, code, effect, Subject::Pool);
        assert_eq!(conflict(POOL_EXISTS, Effect::Create), ErrorKind::AlreadyExists);
        assert_eq!(conflict("", Effect::Create), ErrorKind::AlreadyExists);
        assert_eq!(conflict(OPERATIONS_CONFLICT, Effect::Create), ErrorKind::Busy);
        assert_eq!(conflict("", Effect::Patch), ErrorKind::Busy);
        assert_eq!(conflict("", Effect::Delete), ErrorKind::Busy);
        for code in [POOL_EXISTS, "ModelArts.0116", "ModelArts.99999999"] {
            assert_eq!(conflict(code, Effect::Patch), ErrorKind::Busy);
        }
    }

    #[test]
    fn a_project_without_rights_is_no_wrong_key() {
        for code in ["ModelArts.0112", "ModelArts.0207", "ModelArts.0212", "ModelArts.0428"] {
            assert_eq!(kind(401, code, Effect::Read, Subject::Pool), ErrorKind::Forbidden);
        }
        for code in ["ModelArts.0201", "ModelArts.0203", "APIGW.0301", ""] {
            assert_eq!(kind(401, code, Effect::Read, Subject::Pool), ErrorKind::Unauthorized);
        }
    }

    #[test]
    fn both_gateway_prefixes_are_understood() {
        for prefix in ["APIG", "APIGW"] {
            let throttled = kind(429, &format!("{prefix}.0308"), Effect::Read, Subject::Pool);
            assert_eq!(throttled, ErrorKind::Throttled { retry_after: None });
        }
    }

    #[test]
    fn error_bodies_of_every_shape_are_read() {
        for (body, code, message) in [
            (r#"{"error_code":"A","error_msg":"b"}"#, Some("A"), Some("b")),
            (r#"{"errorCode":"A","errorMsg":"b"}"#, Some("A"), Some("b")),
            (r#"{"code":404,"message":"b"}"#, Some("404"), Some("b")),
            (r#"{"error":{"code":401,"message":"b","title":"x"}}"#, Some("401"), Some("b")),
            (r#"{"error_msg":"b"}"#, None, Some("b")),
            ("<html>x</html>", None, Some("<html>x</html>")),
            ("[1]", None, Some("[1]")),
            ("", None, None),
        ] {
            let read = ErrorBody::read(body.as_bytes());
            assert_eq!((read.code.as_deref(), read.message.as_deref()), (code, message), "{body}");
        }
    }
}
