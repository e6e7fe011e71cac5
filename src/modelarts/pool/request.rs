//! The bodies of create and patch.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Driver, PoolSpec, ResourceEntry};
use crate::modelarts::body;

/// Body of a create request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatePool {
    /// Labels; `os.modelarts/name` is mandatory.
    pub labels: BTreeMap<String, String>,
    /// Annotations; left out of the body when empty.
    pub annotations: BTreeMap<String, String>,
    /// What is wanted.
    pub spec: PoolSpec,
}

impl CreatePool {
    /// Gives the JSON that is sent.
    ///
    /// # Errors
    /// Fails only when a free-form value cannot be written as JSON.
    pub fn body(&self) -> Result<Value, serde_json::Error> {
        let metadata = body::metadata(&self.labels, &self.annotations)?;
        let spec = serde_json::to_value(&self.spec)?;
        Ok(json!({ "apiVersion": "v2", "kind": "Pool", "metadata": metadata, "spec": spec }))
    }
}

/// Body of a patch request, with the semantics of RFC 7396: what is absent
/// stays, null removes, lists are replaced whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PatchPool {
    /// Labels to set, or to remove when `None`.
    pub labels: BTreeMap<String, Option<String>>,
    /// Annotations to set, or to remove when `None`.
    pub annotations: BTreeMap<String, Option<String>>,
    /// Parts of the spec to replace.
    pub spec: PatchSpec,
}

/// The parts of a pool's spec that can be changed in place.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PatchSpec {
    /// Full new set of job types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Vec<String>>,
    /// Full new list; an entry left out loses its nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<ResourceEntry>>,
    /// New drivers, or `Some(None)` to remove them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<Option<Driver>>,
    /// Full new list of job flavours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_flavors: Option<Vec<String>>,
}

impl PatchPool {
    /// Tells whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.annotations.is_empty() && self.spec == PatchSpec::default()
    }

    /// Gives the JSON that is sent; empty sections are left out.
    ///
    /// # Errors
    /// Fails only when a free-form value cannot be written as JSON.
    pub fn body(&self) -> Result<Value, serde_json::Error> {
        let spec = (self.spec != PatchSpec::default()).then_some(&self.spec);
        body::patch(&self.labels, &self.annotations, spec)
    }
}
