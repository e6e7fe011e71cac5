//! What the bodies of pools and networks have in common.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

/// The `metadata` of a create request: annotations are left out when there are
/// none.
///
/// # Errors
/// Fails only when a free-form value cannot be written as JSON.
pub(crate) fn metadata(
    labels: &BTreeMap<String, String>,
    annotations: &BTreeMap<String, String>,
) -> Result<Value, serde_json::Error> {
    if annotations.is_empty() {
        return Ok(json!({ "labels": labels }));
    }
    Ok(json!({ "labels": labels, "annotations": annotations }))
}

/// The body of a merge patch; empty sections are left out.
///
/// # Errors
/// Fails only when a free-form value cannot be written as JSON.
pub(crate) fn patch(
    labels: &BTreeMap<String, Option<String>>,
    annotations: &BTreeMap<String, Option<String>>,
    spec: Option<&impl Serialize>,
) -> Result<Value, serde_json::Error> {
    let mut metadata = Map::new();
    for (key, section) in [("labels", labels), ("annotations", annotations)] {
        if !section.is_empty() {
            metadata.insert(key.to_owned(), serde_json::to_value(section)?);
        }
    }
    let mut body = Map::new();
    if !metadata.is_empty() {
        body.insert("metadata".to_owned(), Value::Object(metadata));
    }
    if let Some(spec) = spec {
        body.insert("spec".to_owned(), serde_json::to_value(spec)?);
    }
    Ok(Value::Object(body))
}
