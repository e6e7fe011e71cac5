//! Pools: the wire types and the five calls (API reference, pools).

mod calls;
mod entry;
mod filter;
mod phase;
mod status;

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

pub use entry::{
    AzCount, CreatingStep, DataVolume, EntryDriver, EntryNetwork, LvmConfig, Os, ResourceEntry,
    RootVolume, Tag, Taint, VolumeGroupConfig, gib,
};
pub use filter::PoolFilter;
pub use phase::Phase;
pub use status::{CountEntry, DriverState, DriverStatus, PoolStatus, ResourceCounts, ScopeStatus};

use super::collection::{Create, Object, Patch, Wanted};
use super::error::Subject;
use super::id::Id;
use super::lenient::Lenient;
use super::{labels, lenient, shape};

/// The identity of a pool.
pub type PoolId = Id<Pool>;

/// A pool as the service answers it.
///
/// A picture of a pool whose entries cannot be understood is refused as a
/// whole, because sending the others back would destroy nodes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Pool {
    /// Identity, labels and annotations.
    pub metadata: Metadata,
    /// What is wanted.
    pub spec: PoolSpec,
    /// What is.
    pub status: PoolStatus,
}

wire! {
    "camelCase";

    struct Parts {
        metadata: Metadata,
        spec: PoolSpec,
        status: PoolStatus,
    }
}

impl TryFrom<Value> for Pool {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        shape::pool(&value)?;
        let parts = Parts::deserialize(value).map_err(|error| error.to_string())?;
        Ok(Self { metadata: parts.metadata, spec: parts.spec, status: parts.status })
    }
}

impl Object for Pool {
    const COLLECTION: &'static str = "/v2/{project_id}/pools";
    const LIST: &'static str = "PoolList";
    const SUBJECT: Subject = Subject::Pool;
    const PAGE: Option<&'static str> = None;
    type Spec = PoolSpec;
    type Change = PatchSpec;

    fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn spec(&self) -> &PoolSpec {
        &self.spec
    }

    fn secrets(spec: &PoolSpec) -> Vec<&SecretString> {
        spec.user_login.iter().filter_map(|login| login.password.as_ref()).collect()
    }
}

impl Wanted for PoolSpec {
    const API_VERSION: &'static str = "v2";
    const KIND: &'static str = "Pool";
}

/// Body of a request that creates a pool.
pub type CreatePool = Create<PoolSpec>;
/// Body of a request that changes a pool.
pub type PatchPool = Patch<PatchSpec>;

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

impl Pool {
    /// Gives the value of a label, if the service sent it.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.metadata.label(key)
    }

    /// Gives the value of an annotation, if the service sent it.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata.annotation(key)
    }

    /// Gives the last order job, when the service made one.
    pub fn order_name(&self) -> Option<&str> {
        self.label(labels::ORDER_NAME).filter(|name| !name.is_empty())
    }

    /// Gives the billing resource of a prepaid pool.
    pub fn resource_id(&self) -> Option<&str> {
        self.label(labels::RESOURCE_ID).filter(|id| !id.is_empty())
    }

    /// Gives the phase; a missing or empty one is [`Phase::Absent`].
    pub fn phase(&self) -> Phase {
        Phase::read(self.status.phase.as_deref())
    }
}

wire! {
    "camelCase";

    /// Identity, labels and annotations of an object of the API.
    pub struct Metadata {
        /// Identity given by the service.
        pub name: String,
        /// RFC 3339, UTC.
        pub creation_timestamp: Option<String>,
        /// RFC 3339, UTC; only while the object goes away, and not always then.
        pub deletion_timestamp: Option<String>,
        /// Labels; numbers and booleans are read as text.
        pub labels: BTreeMap<String, String>,
        /// Annotations; numbers and booleans are read as text. Nothing when the
        /// answer leaves them out, which says nothing about them.
        pub annotations: Option<BTreeMap<String, String>>,
    }

    /// What is wanted of a pool, in requests and in answers. One edition spells
    /// the container network otherwise.
    pub struct PoolSpec reading("containernetwork" as "containerNetwork") {
        /// `Dedicate` or `Logical`; the key is `type` on the wire.
        #[serde(rename = "type")]
        pub kind: Option<String>,
        /// Job types: `Train`, `Infer`, `Notebook`; an unordered set.
        pub scope: Option<Vec<String>>,
        /// The nodes wanted, one entry per flavour and node pool, in no sure order.
        pub resources: Vec<ResourceEntry>,
        /// The network; not for logical pools.
        pub network: Option<NetworkRef>,
        /// The pool a logical pool is carved from.
        pub parent: Option<String>,
        /// The container network.
        pub container_network: Option<ContainerNetwork>,
        /// CIDR of the service network.
        pub kubernetes_svc_ip_range: Option<String>,
        /// Zones of the control plane.
        pub masters: Option<Vec<Master>>,
        /// Size of the management cluster, such as `cce.s2.small`.
        pub cluster_flavor: Option<String>,
        /// Accelerator drivers.
        pub driver: Option<Driver>,
        /// Names of job flavours.
        pub job_flavors: Option<Vec<String>>,
        /// Node log-in of privileged pools; never answered in clear.
        pub user_login: Option<UserLogin>,
        /// Clusters of privileged pools.
        pub clusters: Option<Vec<Cluster>>,
        /// IPv6; the key is `ipv6enable` on the wire.
        #[serde(rename = "ipv6enable")]
        pub ipv6_enable: Option<bool>,
        /// Bit set of restrictions; only in answers.
        pub control_mode: Option<i64>,
        ..extra
    }

    /// The network of a pool: a ModelArts network, or a VPC with a subnet.
    pub struct NetworkRef {
        /// ID of a ModelArts network.
        pub name: Option<String>,
        /// VPC of a privileged pool.
        pub vpc_id: Option<String>,
        /// Subnet of a privileged pool.
        pub subnet_id: Option<String>,
    }

    /// The container network of a pool.
    pub struct ContainerNetwork {
        /// One block.
        pub cidr: Option<String>,
        /// `overlay_l2`, `vpc-router` or `eni`; only in answers.
        pub mode: Option<String>,
    }

    /// A zone of the control plane.
    pub struct Master {
        /// Availability zone.
        pub az: Option<String>,
    }

    /// Accelerator drivers of a pool.
    pub struct Driver {
        /// GPU driver, such as `440.33`.
        pub gpu_version: Option<String>,
        /// NPU driver, such as `C78`.
        pub npu_version: Option<String>,
        /// `force` or `idle`.
        pub update_strategy: Option<String>,
    }
}

impl Metadata {
    /// Gives the value of a label, if the service sent it.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(String::as_str)
    }

    /// Gives the value of an annotation, if the service sent it.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(key).map(String::as_str)
    }
}

/// Node log-in of a privileged pool.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct UserLogin {
    /// Name of a key pair.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::read")]
    pub key_pair_name: Option<String>,
    /// Salted, encrypted and Base64-encoded password of root.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "expose", deserialize_with = "conceal")]
    pub password: Option<SecretString>,
}

fn expose<S: Serializer>(secret: &Option<SecretString>, s: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(ExposeSecret::expose_secret).serialize(s)
}

fn conceal<'de, D: Deserializer<'de>>(d: D) -> Result<Option<SecretString>, D::Error> {
    Ok(lenient::read::<D, Option<String>>(d)?.map(SecretString::from))
}

impl Lenient for UserLogin {
    fn read(value: Value) -> Option<Self> {
        lenient::object(value, &[])
    }
}

impl PartialEq for UserLogin {
    fn eq(&self, other: &Self) -> bool {
        let password = |login: &Self| login.password.as_ref().map(|p| p.expose_secret().to_owned());
        self.key_pair_name == other.key_pair_name && password(self) == password(other)
    }
}

wire! {
    "camelCase";

    /// A cluster of a privileged pool, in requests, answers and status.
    pub struct Cluster {
        /// Name; usually only in answers.
        pub name: Option<String>,
        /// ID of a CCE cluster.
        pub provider_id: Option<String>,
        ..extra
    }
}
