//! Failures of the service as messages to the user, in one place.

use crate::modelarts::{Error, ErrorKind};
use crate::tf::diagnostics::Diagnostic;

/// An error message about a failed call. `consequence` says in a sentence what
/// this means for the object; what to do next follows from the kind of failure.
pub fn failed_call(summary: &str, consequence: &str, error: &Error) -> Diagnostic {
    let mut detail = format!("{}\n\n{consequence}", sentence(&error.to_string()));
    let advice = advice(error);
    if !advice.is_empty() {
        detail.push_str("\n\n");
        detail.push_str(&advice);
    }
    Diagnostic::error(summary, detail.trim())
}

/// What to do about a failed call.
pub fn advice(error: &Error) -> String {
    match error.kind() {
        ErrorKind::Unauthorized | ErrorKind::Forbidden | ErrorKind::Invalid
            if error.is_sign_in() =>
        {
            "Check the name of the agency and of its account, or the ID token and its identity \
             provider, and that the agency lets these credentials assume it."
                .to_owned()
        }
        ErrorKind::Unauthorized => "Check access_key and secret_key (HW_ACCESS_KEY, \
             HW_SECRET_KEY), security_token if the keys are temporary, or token, user and \
             password; check that they belong to the account of this project, and that the clock \
             of this machine is right. Refused keys are not tried again in this run, because five \
             refusals lock a key for five minutes."
            .to_owned(),
        ErrorKind::Credentials => {
            "Set access_key and secret_key (HW_ACCESS_KEY, HW_SECRET_KEY), token (HW_AUTH_TOKEN), \
             or user_name, password and domain_name, or a profile, or assume_role_with_oidc."
                .to_owned()
        }
        ErrorKind::Forbidden => {
            "The credentials are valid but lack a permission for this. Ask the administrator of \
             the account for the modelarts:pool:* and modelarts:network:* actions that this needs."
                .to_owned()
        }
        ErrorKind::Unreachable => unreachable(error),
        ErrorKind::Throttled { .. } => {
            "The service limits how often it is called. Run again later, or set \
             max_requests_per_second to a lower number."
                .to_owned()
        }
        ErrorKind::Busy => "It is in use, or busy with another change. Run again later.".to_owned(),
        ErrorKind::QuotaExceeded => {
            "A quota of the account is used up. Ask for a higher one, or remove what is not \
             needed, then run again."
                .to_owned()
        }
        ErrorKind::SoldOut => {
            "The flavor is sold out. Choose another flavor or availability zone, or run again \
             later."
                .to_owned()
        }
        ErrorKind::Invalid => {
            "The service does not accept this configuration. Change what the message names and \
             run again."
                .to_owned()
        }
        ErrorKind::DeadlineExceeded => {
            "The time that was allowed is over, whatever the service is doing. Run again; an \
             operation that needs longer gets it from its entry in timeouts."
                .to_owned()
        }
        ErrorKind::Unavailable => {
            "The service is in trouble. Run again later; if it goes on, give the request id to \
             the support of the cloud."
                .to_owned()
        }
        ErrorKind::Undecodable | ErrorKind::Unexpected => {
            "This is not an answer that ModelArts gives. Check region, cloud and endpoints of the \
             provider block, and proxies on the way."
                .to_owned()
        }
        ErrorKind::Ambiguous => {
            "Nobody can tell whether the service carried this out. Run plan again and look."
                .to_owned()
        }
        ErrorKind::Interrupted | ErrorKind::NotFound | ErrorKind::AlreadyExists => String::new(),
    }
}

fn unreachable(error: &Error) -> String {
    let host = error.host().unwrap_or("the service");
    let origin =
        error.origin().map(|origin| format!(", which comes from {origin}")).unwrap_or_default();
    format!(
        "No connection to {host}{origin}. Check the region name and the endpoints of the provider \
         block, the network, and the proxy settings (HTTPS_PROXY, NO_PROXY) of this machine."
    )
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", chars.as_str())
}
