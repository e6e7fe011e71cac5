//! Connections of a network to other networks and to file systems: how they come and go.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    answer::{Check, bad},
    check::Object,
    moment::{Leaving, Moment, reached},
};

/// Says what a network is connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Peer {
    /// Another VPC.
    Vpc,
    /// An SFS Turbo file system.
    FileSystem,
}

impl Peer {
    const ALL: [Self; 2] = [Self::Vpc, Self::FileSystem];

    /// The list of what is wanted.
    fn list(self) -> &'static str {
        match self {
            Self::Vpc => "peerConnectionList",
            Self::FileSystem => "sfsTurboConnectionList",
        }
    }

    /// The list of what is.
    fn status(self) -> &'static str {
        match self {
            Self::Vpc => "peerConnectionStatus",
            Self::FileSystem => "sfsTurboStatus",
        }
    }

    fn identity(self, item: &Value) -> (String, String) {
        match self {
            Self::Vpc => (text(item, "peerVpcId"), text(item, "peerSubnetId")),
            Self::FileSystem => (text(item, "sfsId"), String::new()),
        }
    }

    /// Tells whether both are one connection with the same settings.
    fn is_same(self, one: &Value, other: &Value) -> bool {
        let settings = match self {
            Self::Vpc => is_gateway(one) == is_gateway(other),
            Self::FileSystem => text(one, "name") == text(other, "name"),
        };
        settings && self.identity(one) == self.identity(other)
    }
}

fn text(item: &Value, key: &str) -> String {
    item.get(key).and_then(Value::as_str).unwrap_or("").to_owned()
}

fn is_gateway(item: &Value) -> bool {
    item.get("defaultGateWay").and_then(Value::as_bool).unwrap_or(false)
}

/// Is a connection that there is, or that is coming or going.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Connection {
    to: Peer,
    item: Value,
    /// When it is there, or found not to work.
    settled: Moment,
    /// Why it does not work.
    failure: Option<String>,
    leaving: Option<Leaving>,
}

/// Says when connections come and go.
pub(super) struct Timing<'a> {
    pub(super) now: i64,
    /// When a new one is settled.
    pub(super) made: Moment,
    /// When one that is no longer wanted is gone.
    pub(super) gone: Moment,
    /// Says of each new one why it will not work.
    pub(super) fails: &'a dyn Fn() -> Option<String>,
}

/// Checks `spec.connection` of a request.
pub(super) fn check(spec: &Object<'_>) -> Check {
    let Some(connection) = spec.object("connection", &Peer::ALL.map(Peer::list))? else {
        return Ok(());
    };
    let peers = ["peerVpcId", "peerSubnetId", "defaultGateWay"];
    for peer in connection.objects(Peer::Vpc.list(), &peers)? {
        peer.need_text("peerVpcId")?;
        peer.need_text("peerSubnetId")?;
        peer.boolean("defaultGateWay")?;
    }
    for system in connection.objects(Peer::FileSystem.list(), &["name", "sfsId", "subnetId"])? {
        system.need_text("name")?;
        system.need_text("sfsId")?;
        system.text("subnetId")?;
    }
    for to in Peer::ALL {
        let mut seen = Vec::new();
        for item in connection.get(to.list()).and_then(Value::as_array).into_iter().flatten() {
            let identity = to.identity(item);
            if seen.contains(&identity) {
                return Err(bad(format!(
                    "{} names {} twice",
                    connection.at(to.list()),
                    identity.0
                )));
            }
            seen.push(identity);
        }
    }
    Ok(())
}

/// Replaces the lists of connections as a whole, each by itself; null takes one away.
pub(super) fn replace(object: &mut Value, change: &Value) {
    let before = object.pointer("/spec/connection").and_then(Value::as_object);
    let mut connection = before.cloned().unwrap_or_default();
    match change.as_object() {
        None => connection.clear(),
        Some(lists) => connection.extend(lists.clone()),
    }
    connection.retain(|_, list| !list.is_null());
    object["spec"]["connection"] = Value::Object(connection);
}

/// Writes into what is wanted the settings that a request may leave out.
pub(super) fn fill(object: &mut Value, subnet: &str) {
    for to in Peer::ALL {
        let items = object.pointer_mut(&format!("/spec/connection/{}", to.list()));
        for item in items.and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(item) = item.as_object_mut() else { continue };
            match to {
                Peer::Vpc => item.entry("defaultGateWay").or_insert(json!(false)),
                Peer::FileSystem => item.entry("subnetId").or_insert(json!(subnet)),
            };
        }
    }
}

/// Begins to connect what is newly wanted and to disconnect what no longer is. One that does not
/// work, and is asked for again, is tried again.
pub(super) fn follow(there: &mut Vec<Connection>, object: &Value, timing: &Timing<'_>) {
    let before = std::mem::take(there);
    let wanted: Vec<(Peer, Value)> = Peer::ALL
        .into_iter()
        .flat_map(|to| {
            let items = object.pointer(&format!("/spec/connection/{}", to.list()));
            let items = items.and_then(Value::as_array).into_iter().flatten();
            items.map(move |item| (to, item.clone()))
        })
        .collect();
    for (to, item) in &wanted {
        let stays = before.iter().find(|old| old.serves(*to, item, timing.now));
        there.push(stays.cloned().unwrap_or_else(|| Connection {
            to: *to,
            item: item.clone(),
            settled: timing.made,
            failure: (timing.fails)(),
            leaving: None,
        }));
    }
    let is_wanted = |old: &Connection| {
        let same = |(to, item): &(Peer, Value)| {
            *to == old.to && to.identity(item) == to.identity(&old.item)
        };
        wanted.iter().any(same)
    };
    for mut old in before.into_iter().filter(|old| !is_wanted(old)) {
        old.leaving.get_or_insert(Leaving { from: Some(timing.now), gone: timing.gone });
        there.push(old);
    }
}

/// Writes the states of the connections down, as the service does.
pub(super) fn states(there: &[Connection], now: i64) -> Value {
    let mut states = json!({});
    for to in Peer::ALL {
        let some = there.iter().filter(|one| one.to == to && !one.is_gone(now));
        let some: Vec<Value> = some.map(|one| one.state(now)).collect();
        if !some.is_empty() {
            states[to.status()] = Value::Array(some);
        }
    }
    states
}

/// Returns why one of the connections does not work.
pub(super) fn trouble(there: &[Connection], now: i64) -> Option<&str> {
    there.iter().filter(|one| one.leaving.is_none()).find_map(|one| one.broken(now))
}

impl Connection {
    pub(super) fn is_gone(&self, now: i64) -> bool {
        self.leaving.is_some_and(|leaving| reached(leaving.gone, now))
    }

    fn broken(&self, now: i64) -> Option<&str> {
        self.failure.as_deref().filter(|_| reached(self.settled, now))
    }

    /// Tells whether it is what is wanted, or becomes that.
    fn serves(&self, to: Peer, item: &Value, now: i64) -> bool {
        self.to == to
            && to.is_same(&self.item, item)
            && self.leaving.is_none()
            && self.broken(now).is_none()
    }

    fn state(&self, now: i64) -> Value {
        // The reference has no word for a VPC that is being disconnected.
        let state = match self.to {
            Peer::FileSystem if self.leaving.is_some() => "Deleting",
            _ if self.broken(now).is_some() => "Abnormal",
            _ if reached(self.settled, now) => "Active",
            Peer::Vpc => "Connecting",
            Peer::FileSystem => "Creating",
        };
        let item = &self.item;
        match self.to {
            Peer::Vpc => json!({
                "peerVpcId": item["peerVpcId"],
                "peerSubnetId": item["peerSubnetId"],
                "defaultGateWay": is_gateway(item),
                "phase": state,
            }),
            Peer::FileSystem => json!({
                "name": item["name"],
                "sfsId": item["sfsId"],
                "connectionType": "VpcPort",
                "ipAddr": "192.168.128.10",
                "status": state,
            }),
        }
    }
}
