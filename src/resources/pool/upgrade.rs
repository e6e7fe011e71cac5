//! States of older schema versions.
//!
//! | version | shape |
//! |---|---|
//! | 0 | without billing, clusters, log-in and the settings of nodes |
//! | 1 | the present one |
//!
//! What a version added is null after an upgrade, which the next refresh fills
//! in, unless it is never null.

use serde_json::{Map, Value as Json};

use crate::modelarts::labels;
use crate::tf::diagnostics::Diagnostic;

use super::billing;
use super::defaults;
use super::schema::VERSION;

/// Brings the state of an older version to the present one.
///
/// # Errors
/// A version that this release does not know: a newer one has written it.
pub fn upgrade(version: i64, mut state: Json) -> Result<Json, Diagnostic> {
    match version {
        0 => {
            if let Some(object) = state.as_object_mut() {
                from_0(object);
            }
            Ok(state)
        }
        VERSION => Ok(state),
        _ => Err(Diagnostic::error(
            "State of a newer provider",
            format!(
                "The state of this pool has schema version {version}; this release of the \
                 provider knows versions up to {VERSION}. Use the release that wrote it, or a \
                 newer one: raise the version in required_providers and run terraform init \
                 -upgrade."
            ),
        )),
    }
}

/// The state of version 0 holds all annotations, so it knows how the pool is
/// paid for.
fn from_0(object: &mut Map<String, Json>) {
    let annotations = object.get("effective_annotations");
    let mode = annotations.and_then(|all| all.get(labels::BILLING_MODE)).and_then(Json::as_str);
    let mode = if mode == Some("1") { billing::PREPAID } else { defaults::CHARGING_MODE };
    object.entry("charging_mode").or_insert_with(|| Json::from(mode));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_state_of_version_0_knows_how_the_pool_is_paid_for() {
        let of = |mode: &str| json!({ "id": "p", "effective_annotations": { "os.modelarts/billing.mode": mode } });
        assert_eq!(upgrade(0, of("1")).unwrap()["charging_mode"], "prePaid");
        assert_eq!(upgrade(0, of("0")).unwrap()["charging_mode"], "postPaid");
        assert_eq!(upgrade(0, json!({ "id": "p" })).unwrap()["charging_mode"], "postPaid");
    }

    #[test]
    fn a_state_of_a_newer_release_is_refused() {
        let error = upgrade(VERSION + 1, json!({})).unwrap_err();
        assert!(error.detail.contains("init -upgrade"), "{}", error.detail);
    }
}
