//! Pools: the wire types and the five calls (API reference, pools).

mod calls;
mod entry;
mod filter;
mod phase;
mod request;
mod status;

use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

pub use calls::{ListedPools, PoolName};
pub use entry::{
    AzCount, CreatingStep, DataVolume, EntryDriver, EntryNetwork, LvmConfig, Os, ResourceEntry,
    RootVolume, Tag, Taint, VolumeGroupConfig, gib,
};
pub use filter::PoolFilter;
pub use phase::Phase;
pub use request::{CreatePool, PatchPool, PatchSpec};
pub use status::{CountEntry, DriverState, DriverStatus, PoolStatus, ResourceCounts, ScopeStatus};

use super::{labels, lenient, shape};

/// The identity of a pool: `metadata.name` of its answers, not its display name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolId(String);

impl PoolId {
    /// Takes the text as it is; the service decides whether such a pool exists.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// Gives the text of the identity.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PoolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for PoolId {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl From<String> for PoolId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

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

#[derive(Default, Deserialize)]
#[serde(default)]
struct Parts {
    #[serde(deserialize_with = "lenient::object")]
    metadata: Metadata,
    #[serde(deserialize_with = "spec")]
    spec: PoolSpec,
    #[serde(deserialize_with = "lenient::object")]
    status: PoolStatus,
}

impl TryFrom<Value> for Pool {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        shape::pool(&value)?;
        let parts = Parts::deserialize(value).map_err(|error| error.to_string())?;
        Ok(Self { metadata: parts.metadata, spec: parts.spec, status: parts.status })
    }
}

/// One edition of the API spells `containerNetwork` without its capital.
fn spec<'de, D: Deserializer<'de>>(d: D) -> Result<PoolSpec, D::Error> {
    let mut value = Value::deserialize(d)?;
    lenient::respell(&mut value, "containernetwork", "containerNetwork");
    Ok(serde_json::from_value(value).unwrap_or_default())
}

impl Pool {
    /// Gives the identity under which the pool is read, patched and deleted.
    pub fn id(&self) -> PoolId {
        PoolId::new(&*self.metadata.name)
    }

    /// Gives the value of a label, if the service sent it.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.metadata.labels.get(key).map(String::as_str)
    }

    /// Gives the value of an annotation, if the service sent it.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.metadata.annotations.get(key).map(String::as_str)
    }

    /// Gives the name the user chose.
    pub fn display_name(&self) -> Option<&str> {
        self.label(labels::NAME)
    }

    /// Gives the workspace; `0` is the default one.
    pub fn workspace_id(&self) -> Option<&str> {
        self.label(labels::WORKSPACE_ID)
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

/// Identity, labels and annotations of an object of the API.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Metadata {
    /// Identity given by the service.
    #[serde(deserialize_with = "lenient::string")]
    pub name: String,
    /// RFC 3339, UTC.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub creation_timestamp: Option<String>,
    /// RFC 3339, UTC; only while the object goes away, and not always then.
    #[serde(deserialize_with = "lenient::opt_string")]
    pub deletion_timestamp: Option<String>,
    /// Labels; numbers and booleans are read as text.
    #[serde(deserialize_with = "lenient::string_map")]
    pub labels: BTreeMap<String, String>,
    /// Annotations; numbers and booleans are read as text.
    #[serde(deserialize_with = "lenient::string_map")]
    pub annotations: BTreeMap<String, String>,
}

/// What is wanted of a pool, in requests and in answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PoolSpec {
    /// `Dedicate` or `Logical`; the key is `type` on the wire.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "lenient::opt_string")]
    pub kind: Option<String>,
    /// Job types: `Train`, `Infer`, `Notebook`; an unordered set.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_strings")]
    pub scope: Option<Vec<String>>,
    /// The nodes wanted, one entry per flavour and node pool, in no sure order.
    #[serde(deserialize_with = "lenient::list")]
    pub resources: Vec<ResourceEntry>,
    /// The network; not for logical pools.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_object")]
    pub network: Option<NetworkRef>,
    /// The pool a logical pool is carved from.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub parent: Option<String>,
    /// The container network.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_object")]
    pub container_network: Option<ContainerNetwork>,
    /// CIDR of the service network.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub kubernetes_svc_ip_range: Option<String>,
    /// Zones of the control plane.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_list")]
    pub masters: Option<Vec<Master>>,
    /// Size of the management cluster, such as `cce.s2.small`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub cluster_flavor: Option<String>,
    /// Accelerator drivers.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_object")]
    pub driver: Option<Driver>,
    /// Names of job flavours.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_strings")]
    pub job_flavors: Option<Vec<String>>,
    /// Node log-in of privileged pools; never answered in clear.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_object")]
    pub user_login: Option<UserLogin>,
    /// Clusters of privileged pools.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_list")]
    pub clusters: Option<Vec<Cluster>>,
    /// IPv6; the key is `ipv6enable` on the wire.
    #[serde(rename = "ipv6enable", skip_serializing_if = "Option::is_none")]
    #[serde(deserialize_with = "lenient::opt_bool")]
    pub ipv6_enable: Option<bool>,
    /// Bit set of restrictions; only in answers.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_i64")]
    pub control_mode: Option<i64>,
    /// Fields this client does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The network of a pool: a ModelArts network, or a VPC with a subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NetworkRef {
    /// ID of a ModelArts network.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub name: Option<String>,
    /// VPC of a privileged pool.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub vpc_id: Option<String>,
    /// Subnet of a privileged pool.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub subnet_id: Option<String>,
}

/// The container network of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ContainerNetwork {
    /// One block.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub cidr: Option<String>,
    /// `overlay_l2`, `vpc-router` or `eni`; only in answers.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub mode: Option<String>,
}

/// A zone of the control plane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Master {
    /// Availability zone.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub az: Option<String>,
}

/// Accelerator drivers of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Driver {
    /// GPU driver, such as `440.33`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub gpu_version: Option<String>,
    /// NPU driver, such as `C78`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub npu_version: Option<String>,
    /// `force` or `idle`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub update_strategy: Option<String>,
}

/// Node log-in of a privileged pool.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct UserLogin {
    /// Name of a key pair.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
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
    Ok(lenient::opt_string(d)?.map(SecretString::from))
}

impl PartialEq for UserLogin {
    fn eq(&self, other: &Self) -> bool {
        let password = |login: &Self| login.password.as_ref().map(|p| p.expose_secret().to_owned());
        self.key_pair_name == other.key_pair_name && password(self) == password(other)
    }
}

/// A cluster of a privileged pool, in requests, answers and status.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Cluster {
    /// Name; usually only in answers.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub name: Option<String>,
    /// ID of a CCE cluster.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::opt_string")]
    pub provider_id: Option<String>,
    /// Fields this client does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
