//! What the cloud remembers. Every phase follows from these records and the time alone.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(super) use super::moment::{Leaving, Moment, reached};
use super::{
    access::{NETWORK_NAME, PROJECT_ID, network_id},
    connection::Connection,
    job::Job,
    kept::Kept,
    node_state::{Drain, Work},
    order::Order,
};

/// Is the format of the state file.
pub(super) const VERSION: u32 = 2;

/// Is the whole cloud.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct World {
    pub(super) version: u32,
    /// How far the cloud's time is ahead of the machine's, in milliseconds.
    pub(super) ahead: i64,
    /// Makes names unique.
    pub(super) sequence: u64,
    pub(super) pools: Vec<Kept<Pool>>,
    pub(super) networks: Vec<Network>,
    pub(super) orders: Vec<Kept<Order>>,
    #[serde(default)]
    pub(super) jobs: Vec<Kept<Job>>,
}

/// Is a resource pool.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Pool {
    pub(super) id: String,
    /// apiVersion, kind, metadata and spec, as they are answered.
    pub(super) object: Value,
    pub(super) created: i64,
    /// When the phase appears.
    pub(super) picked_up: Moment,
    /// When the pool stops waiting for payment or approval.
    pub(super) released: Moment,
    /// When phase Creating ends.
    pub(super) running: Moment,
    /// Why phase Creating ends badly.
    pub(super) failure: Option<String>,
    pub(super) nodes: Vec<Node>,
    pub(super) next_node: u64,
    pub(super) scopes: Vec<Scope>,
    pub(super) drivers: Vec<Driver>,
    pub(super) scaling: Option<Scaling>,
    /// Why the last growing failed.
    pub(super) scaling_failed: Option<String>,
    pub(super) moving: Option<Move>,
    pub(super) deleting: Option<Leaving>,
    /// Parts of the status that somebody set by hand.
    pub(super) overrides: Map<String, Value>,
}

/// Is a node of a pool.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) flavor: String,
    pub(super) node_pool: String,
    pub(super) step: Value,
    pub(super) az: String,
    pub(super) address: u64,
    pub(super) created: Moment,
    pub(super) available: Moment,
    /// The node is not well until this moment.
    pub(super) abnormal: Option<Illness>,
    pub(super) leaving: Option<Leaving>,
    pub(super) locked: bool,
    /// The last reboot or reset.
    #[serde(default)]
    pub(super) work: Option<Work>,
    /// The last draining.
    #[serde(default)]
    pub(super) drain: Option<Drain>,
    /// The node goes when the growing that it belongs to fails.
    pub(super) doomed: bool,
}

/// Says how long a node is abnormal.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Illness {
    pub(super) until: Moment,
}

/// Is a job type of a pool that is, or is being, enabled or disabled.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Scope {
    pub(super) name: String,
    pub(super) enabling: bool,
    pub(super) until: Moment,
    pub(super) failure: Option<String>,
}

/// Is the driver of one kind of card.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Driver {
    /// `gpu` or `npu`.
    pub(super) card: String,
    pub(super) version: String,
    pub(super) upgrading: bool,
    pub(super) until: Moment,
}

/// Is a change of size under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Scaling {
    pub(super) ends: Moment,
    pub(super) failure: Option<String>,
    /// The resources to go back to when it fails.
    pub(super) before: Value,
}

/// Is a move to another workspace under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Move {
    pub(super) workspace: String,
    pub(super) ends: Moment,
}

/// Is a network.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Network {
    pub(super) id: String,
    /// apiVersion, kind, metadata and spec, as they are answered.
    pub(super) object: Value,
    /// When the phase appears.
    pub(super) picked_up: Moment,
    /// When phase Creating ends.
    pub(super) active: Moment,
    /// Why phase Creating ends badly.
    pub(super) failure: Option<String>,
    pub(super) connections: Vec<Connection>,
    /// What a pool that is going has left behind, which keeps the network in use.
    pub(super) remains: Option<Leaving>,
    pub(super) deleting: Option<Leaving>,
    /// Parts of the status that somebody set by hand.
    pub(super) overrides: Map<String, Value>,
}

impl World {
    /// Makes the world as it is before anybody did anything: one network.
    pub(super) fn new() -> Self {
        Self {
            version: VERSION,
            ahead: 0,
            sequence: 0,
            pools: Vec::new(),
            networks: vec![first_network()],
            orders: Vec::new(),
            jobs: Vec::new(),
        }
    }

    pub(super) fn next(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// Keeps the network of a pool that is going in use until its remains are gone.
    pub(super) fn hold_network(&mut self, pool: &Pool, remains: Leaving) {
        let own = self.networks.iter_mut().find(|network| pool.network() == Some(&*network.id));
        if let Some(network) = own
            && network.remains.is_none_or(|before| remains.ends_after(before))
        {
            network.remains = Some(remains);
        }
    }

    /// Applies everything that has happened by now and drops what is gone.
    pub(super) fn settle(&mut self, now: i64) {
        self.pools.retain(|pool| !pool.is_gone(now));
        for pool in self.pools.iter_mut().filter(|pool| pool.is_unsettled(now)) {
            pool.settle(now);
        }
        self.networks.retain(|network| !network.is_gone(now));
        for network in &mut self.networks {
            network.connections.retain(|connection| !connection.is_gone(now));
        }
        // Old orders drop out of the service's lists too.
        let surplus = self.orders.len().saturating_sub(5000);
        self.orders.drain(..surplus);
    }
}

fn first_network() -> Network {
    let object = json!({
        "apiVersion": "v1",
        "kind": "Network",
        "metadata": {
            "name": network_id(),
            "creationTimestamp": "2024-01-02T03:04:05Z",
            "labels": { "os.modelarts/name": NETWORK_NAME, "os.modelarts/workspace.id": "0" },
            "annotations": {},
        },
        "spec": { "cidr": "192.168.128.0/17", "connection": {} },
    });
    Network {
        id: format!("{NETWORK_NAME}-{PROJECT_ID}"),
        object,
        picked_up: Some(0),
        active: Some(0),
        ..Network::default()
    }
}

impl Network {
    pub(super) fn is_gone(&self, now: i64) -> bool {
        self.deleting.is_some_and(|leaving| reached(leaving.gone, now))
    }

    pub(super) fn phase(&self, now: i64) -> &str {
        if let Some(phase) = self.overrides.get("phase") {
            return phase.as_str().unwrap_or("");
        }
        match self {
            Self { active, failure: Some(_), .. } if reached(*active, now) => "Abnormal",
            Self { active, .. } if reached(*active, now) => "Active",
            Self { picked_up, .. } if reached(*picked_up, now) => "Creating",
            _ => "",
        }
    }
}

impl Node {
    /// Returns the billing resource.
    pub(super) fn resource(&self) -> String {
        format!("maos-{}", self.name)
    }

    /// Tells whether the node counts: it is not going and has not been sent away.
    pub(super) fn stays(&self) -> bool {
        self.leaving.is_none()
    }

    pub(super) fn phase(&self, now: i64) -> Option<&'static str> {
        match self {
            Self { leaving: Some(leaving), .. } if reached(leaving.from, now) => Some("Deleting"),
            Self { created, .. } if !reached(*created, now) => None,
            Self { available, .. } if !reached(*available, now) => Some("Creating"),
            Self { work: Some(work), .. } if work.phase(now).is_some() => work.phase(now),
            Self { abnormal: Some(illness), .. } if !reached(illness.until, now) => {
                Some("Abnormal")
            }
            _ => Some("Available"),
        }
    }
}

impl Pool {
    pub(super) fn is_gone(&self, now: i64) -> bool {
        self.deleting.is_some_and(|leaving| reached(leaving.gone, now))
    }

    /// Returns the phase; `None` while the service has not picked the pool up.
    pub(super) fn phase(&self, now: i64) -> Option<&str> {
        if self.deleting.is_some_and(|leaving| reached(leaving.from, now)) {
            return Some("Deleting");
        }
        if let Some(phase) = self.overrides.get("phase") {
            return phase.as_str();
        }
        match self {
            Self { picked_up, .. } if !reached(*picked_up, now) => None,
            Self { released, .. } if !reached(*released, now) => Some("Waiting"),
            Self { running, .. } if !reached(*running, now) => Some("Creating"),
            Self { failure: Some(_), .. } => Some("CreationFailed"),
            Self { scaling_failed: Some(_), .. } => Some("ScalingFailed"),
            _ => Some("Running"),
        }
    }

    /// Tells whether something has happened that the record does not show yet.
    fn is_unsettled(&self, now: i64) -> bool {
        let gone = |node: &Node| node.leaving.is_some_and(|leaving| reached(leaving.gone, now));
        self.nodes.iter().any(gone)
            || self.scaling.as_ref().is_some_and(|scaling| reached(scaling.ends, now))
            || self.moving.as_ref().is_some_and(|moving| reached(moving.ends, now))
    }

    /// Returns the pool as it is now.
    pub(super) fn settled(&self, now: i64) -> Cow<'_, Self> {
        if !self.is_unsettled(now) {
            return Cow::Borrowed(self);
        }
        let mut pool = self.clone();
        pool.settle(now);
        Cow::Owned(pool)
    }

    /// Applies what has happened by now.
    pub(super) fn settle(&mut self, now: i64) {
        self.nodes.retain(|node| !node.leaving.is_some_and(|leaving| reached(leaving.gone, now)));
        if let Some(scaling) = self.scaling.take_if(|scaling| reached(scaling.ends, now))
            && let Some(message) = scaling.failure
        {
            self.nodes.retain(|node| !node.doomed);
            self.scaling_failed = Some(message);
            self.set_spec("resources", scaling.before);
        }
        if let Some(done) = self.moving.take_if(|moving| reached(moving.ends, now)) {
            self.set_label("os.modelarts/workspace.id", &done.workspace);
        }
    }

    /// Tells whether nodes are coming or going, or the pool is moving.
    pub(super) fn is_changing(&self, now: i64) -> bool {
        self.scaling.as_ref().is_some_and(|scaling| !reached(scaling.ends, now))
            || self.moving.is_some()
            || self.nodes.iter().any(|node| !node.stays() || !reached(node.available, now))
    }

    pub(super) fn spec(&self) -> &Value {
        self.object.get("spec").unwrap_or(&Value::Null)
    }

    pub(super) fn set_spec(&mut self, key: &str, value: Value) {
        if let Some(spec) = self.object.get_mut("spec").and_then(Value::as_object_mut) {
            match value {
                Value::Null => spec.remove(key),
                value => spec.insert(key.to_owned(), value),
            };
        }
    }

    pub(super) fn resources(&self) -> Vec<Value> {
        list(self.spec().get("resources"))
    }

    /// Returns the network that it stands on.
    pub(super) fn network(&self) -> Option<&str> {
        self.spec().pointer("/network/name").and_then(Value::as_str)
    }

    pub(super) fn is_logical(&self) -> bool {
        self.spec().get("type").and_then(Value::as_str) == Some("Logical")
    }

    pub(super) fn label(&self, key: &str) -> &str {
        entry(&self.object, "labels", key)
    }

    pub(super) fn annotation(&self, key: &str) -> &str {
        entry(&self.object, "annotations", key)
    }

    pub(super) fn set_label(&mut self, key: &str, value: &str) {
        set_entry(&mut self.object, "labels", key, Some(value));
    }

    pub(super) fn is_prepaid(&self) -> bool {
        self.annotation("os.modelarts/billing.mode") == "1"
    }
}

/// Returns a label or annotation; the empty string when it is not there.
pub(super) fn entry<'a>(object: &'a Value, map: &str, key: &str) -> &'a str {
    let value = object.get("metadata").and_then(|m| m.get(map)).and_then(|m| m.get(key));
    value.and_then(Value::as_str).unwrap_or("")
}

/// Sets or removes a label or annotation.
pub(super) fn set_entry(object: &mut Value, map: &str, key: &str, value: Option<&str>) {
    let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    let entries = metadata.entry(map).or_insert_with(|| json!({}));
    if let Some(entries) = entries.as_object_mut() {
        match value {
            Some(value) => entries.insert(key.to_owned(), Value::from(value)),
            None => entries.remove(key),
        };
    }
}

/// Returns the items of a list, or nothing.
pub(super) fn list(value: Option<&Value>) -> Vec<Value> {
    value.and_then(Value::as_array).cloned().unwrap_or_default()
}

/// Writes a moment as RFC 3339 in whole seconds.
pub(super) fn timestamp(moment: i64) -> String {
    let second = jiff::Timestamp::from_second(moment.div_euclid(1000));
    second.map(|time| time.to_string()).unwrap_or_default()
}
