//! Resource flavours: what nodes can be had, and where (API reference,
//! resource flavours). Good for hints, never for hard refusals.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::call::Call;
use super::client::Client;
use super::error::{Error, Subject};
use super::lenient;
use super::pool::{CreatingStep, Metadata, RootVolume};
use super::transport::{Effect, Request};

/// A flavour.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Flavor {
    /// Name, labels and annotations.
    #[serde(deserialize_with = "lenient::object")]
    pub metadata: Metadata,
    /// What a node of it has.
    #[serde(deserialize_with = "spec")]
    pub spec: FlavorSpec,
    /// Where it can be had.
    #[serde(deserialize_with = "lenient::object")]
    pub status: FlavorStatus,
}

/// One edition calls the data disks `dataVolume`.
fn spec<'de, D: Deserializer<'de>>(d: D) -> Result<FlavorSpec, D::Error> {
    let mut value = Value::deserialize(d)?;
    lenient::respell(&mut value, "dataVolume", "dataVolumes");
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// What a node of a flavour has.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FlavorSpec {
    /// `Dedicate` or `Logical`; the key is `type` on the wire.
    #[serde(rename = "type", deserialize_with = "lenient::opt_string")]
    pub kind: Option<String>,
    /// `x86` or `arm64`.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub cpu_arch: Option<String>,
    /// Number of cores, as text.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub cpu: Option<String>,
    /// Memory, such as `32Gi`.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub memory: Option<String>,
    /// GPUs.
    #[serde(deserialize_with = "lenient::opt_object")]
    pub gpu: Option<Accelerator>,
    /// NPUs.
    #[serde(deserialize_with = "lenient::opt_object")]
    pub npu: Option<Accelerator>,
    /// System disk.
    #[serde(deserialize_with = "lenient::opt_object")]
    pub root_volume: Option<RootVolume>,
    /// Data disks.
    #[serde(deserialize_with = "lenient::list")]
    pub data_volumes: Vec<RootVolume>,
    /// `0` pay-per-use, `1` prepaid.
    #[serde(deserialize_with = "lenient::ints")]
    pub billing_modes: Vec<i64>,
    /// Job flavours.
    #[serde(deserialize_with = "lenient::strings")]
    pub job_flavors: Vec<String>,
    /// Allowed steps of supernodes and racks.
    #[serde(deserialize_with = "lenient::list")]
    pub creating_steps: Vec<CreatingStep>,
    /// Fields this client does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Accelerators of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Accelerator {
    /// Model; the key is `type` on the wire.
    #[serde(rename = "type", deserialize_with = "lenient::opt_string")]
    pub kind: Option<String>,
    /// Number.
    #[serde(deserialize_with = "lenient::opt_i64")]
    pub size: Option<i64>,
    /// Memory of each.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub memory: Option<String>,
}

/// Where a flavour can be had.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct FlavorStatus {
    /// Zone to `normal` or `soldout`; empty is unknown.
    #[serde(deserialize_with = "lenient::string_map")]
    pub phase: BTreeMap<String, String>,
}

impl Client {
    /// Lists all flavours.
    ///
    /// # Errors
    /// As any read.
    pub async fn list_flavors(
        &self,
        call: &Call,
        label_selector: Option<&str>,
    ) -> Result<Vec<Flavor>, Error> {
        let query = label_selector.map(|s| ("labelSelector".to_owned(), s.to_owned()));
        let get = Request::new(Effect::Read, "/v1/{project_id}/resourceflavors", Subject::Other)
            .query(query.into_iter().collect());
        self.all_pages(call, get, "ResourceFlavorList").await
    }
}
