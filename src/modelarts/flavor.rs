//! Resource flavours: what nodes can be had, and where (API reference,
//! resource flavours). Good for hints, never for hard refusals.

use std::collections::BTreeMap;

use super::call::Call;
use super::client::Client;
use super::driver::Card;
use super::error::Error;
use super::labels;
use super::paging::page;
use super::pool::{CreatingStep, Metadata, RootVolume};
use super::request::{Effect, Request};

wire! {
    "camelCase";

    /// A flavour.
    pub struct Flavor {
        /// Name, labels and annotations.
        pub metadata: Metadata,
        /// What a node of it has.
        pub spec: FlavorSpec,
        /// Where it can be had.
        pub status: FlavorStatus,
    }
}

wire! {
    "camelCase";

    /// What a node of a flavour has. One edition spells the data disks otherwise.
    pub struct FlavorSpec reading("dataVolume" as "dataVolumes") {
        /// `Dedicate` or `Logical`; the key is `type` on the wire.
        #[serde(rename = "type")]
        pub kind: Option<String>,
        /// `x86` or `arm64`.
        pub cpu_arch: Option<String>,
        /// Number of cores, as text.
        pub cpu: Option<String>,
        /// Memory, such as `32Gi`.
        pub memory: Option<String>,
        /// GPUs.
        pub gpu: Option<Accelerator>,
        /// NPUs.
        pub npu: Option<Accelerator>,
        /// System disk.
        pub root_volume: Option<RootVolume>,
        /// Data disks.
        pub data_volumes: Vec<RootVolume>,
        /// `0` pay-per-use, `1` prepaid.
        pub billing_modes: Vec<i64>,
        /// Job flavours.
        pub job_flavors: Vec<String>,
        /// Allowed steps of supernodes and racks.
        pub creating_steps: Vec<CreatingStep>,
        ..extra
    }

    /// Accelerators of a node.
    pub struct Accelerator {
        /// Model; the key is `type` on the wire.
        #[serde(rename = "type")]
        pub kind: Option<String>,
        /// Number.
        pub size: Option<i64>,
        /// Memory of each.
        pub memory: Option<String>,
    }

    /// Where a flavour can be had.
    pub struct FlavorStatus {
        /// Zone to `normal` or `soldout`; empty is unknown.
        pub phase: BTreeMap<String, String>,
    }
}

impl Accelerator {
    /// Tells whether there is one: an object in which nothing stands is none.
    fn is_there(&self) -> bool {
        self.size.map_or(self.kind.is_some(), |size| size > 0)
    }
}

impl Flavor {
    /// Gives the name, as pools use it.
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// Gives its GPUs, if it has any.
    pub fn gpu(&self) -> Option<&Accelerator> {
        self.spec.gpu.as_ref().filter(|gpu| gpu.is_there())
    }

    /// Gives its NPUs, if it has any.
    pub fn npu(&self) -> Option<&Accelerator> {
        self.spec.npu.as_ref().filter(|npu| npu.is_there())
    }

    /// Gives what a node computes with besides its cores.
    pub fn accelerator(&self) -> Option<(Card, &Accelerator)> {
        let npu = self.npu().map(|npu| (Card::Npu, npu));
        npu.or_else(|| self.gpu().map(|gpu| (Card::Gpu, gpu)))
    }

    /// Gives the kind of its accelerators; a flavour with none has none.
    pub fn card(&self) -> Option<Card> {
        self.accelerator().map(|(card, _)| card)
    }

    /// Gives the job types that it is for; none when the service does not say.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let scopes = self.metadata.label(labels::FLAVOR_SCOPE).unwrap_or_default();
        scopes.split('.').filter(|scope| !scope.is_empty())
    }

    /// Tells whether nodes are machines without virtualisation.
    pub fn is_bare_metal(&self) -> bool {
        self.metadata.label(labels::FLAVOR_BAREMETAL) == Some("true")
    }
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
        let path = "/v1/{project_id}/resourceflavors";
        let read = |answer: &_| page(answer, "ResourceFlavorList", "items");
        let query = [("labelSelector", label_selector), ("limit", Some("500"))];
        self.all_pages(call, Request::new(Effect::Read, path, read).query(query)).await
    }
}
