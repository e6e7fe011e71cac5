//! Networks (API reference, networks).

use serde_json::{Value, json};

use super::{
    access::PROJECT_ID,
    answer::{Answer, Check, bad},
    call::{Call, page},
    check::{Object, check_description, cidr, drop_nulls, inside, is_name},
    digest::id32,
    kept::Kept,
    pool_rules::{DESCRIPTION, NAME, WORKSPACE, check_workspace},
    pool_view::display_name,
    selector::Selector,
    world::{Leaving, Network, Pool, World, entry, list as items, reached, set_entry, timestamp},
};

const BLOCKS: &[([u8; 4], u32, u32)] =
    &[([172, 16, 0, 0], 12, 24), ([192, 168, 0, 0], 16, 24), ([10, 0, 0, 0], 8, 24)];

pub(super) fn create(world: &mut World, call: &Call<'_>) -> Check<Answer> {
    let mut object = call.json()?;
    let name = check_create(&object)?;
    let id = format!("{name}-{PROJECT_ID}");
    if world.networks.iter().any(|network| network.id == id) {
        return Err(Answer::error(409, "50025000", "Network already exists."));
    }
    if entry(&object, "labels", WORKSPACE).is_empty() {
        set_entry(&mut object, "labels", WORKSPACE, Some("0"));
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("name".to_owned(), json!(id));
        metadata.insert("creationTimestamp".to_owned(), json!(timestamp(call.now)));
        metadata.entry("annotations").or_insert_with(|| json!({}));
    }
    if let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut) {
        spec.entry("connection").or_insert_with(|| json!({}));
        spec.entry("ipv6enable").or_insert_with(|| json!(false));
    }
    let durations = &call.scenario().durations;
    let picked_up = call.after(durations.pickup);
    let active = call.later(picked_up, durations.network);
    let failure = call.live.failure("network", &call.scenario().outcomes.network_failed);
    let network = Network {
        id,
        object,
        picked_up,
        active,
        failure: failure.map(|failure| failure.message.clone()),
        connected: call.later(active, durations.connection),
        deleting: None,
    };
    let answer = Answer::ok(view(&network, call.now));
    world.networks.push(network);
    Ok(answer)
}

fn check_create(body: &Value) -> Check<String> {
    let body = Object::new(body, "", &["apiVersion", "kind", "metadata", "spec"])?;
    if body.need_text("apiVersion")? != "v1" || body.need_text("kind")? != "Network" {
        return Err(bad("apiVersion must be v1 and kind must be Network"));
    }
    let metadata = body.need_object("metadata", &["labels", "annotations"])?;
    let labels = metadata.text_map("labels")?;
    let Some(name) = labels.get(NAME) else {
        return Err(bad(format!("label {NAME} is required")));
    };
    if !is_name(name, 4..=32) {
        return Err(bad(format!("invalid network name {name}")));
    }
    labels.get(WORKSPACE).map_or(Ok(()), |id| check_workspace(id))?;
    if let Some(text) = metadata.text_map("annotations")?.get(DESCRIPTION) {
        check_description(DESCRIPTION, text)?;
    }
    let spec = body.need_object("spec", &["cidr", "ipv6enable", "connection"])?;
    if !inside(spec.need_text("cidr")?, BLOCKS) {
        return Err(bad("spec.cidr is not an allowed block"));
    }
    spec.boolean("ipv6enable")?;
    check_connection(&spec)?;
    Ok((*name).to_owned())
}

fn check_connection(spec: &Object<'_>) -> Check {
    let lists = ["peerConnectionList", "sfsTurboConnectionList"];
    let Some(connection) = spec.object("connection", &lists)? else { return Ok(()) };
    let mut seen = Vec::new();
    let fields = ["peerVpcId", "peerSubnetId", "defaultGateWay"];
    for peer in connection.objects("peerConnectionList", &fields)? {
        seen.push(peer.need_text("peerVpcId")?);
        peer.need_text("peerSubnetId")?;
        peer.boolean("defaultGateWay")?;
    }
    for sfs in connection.objects("sfsTurboConnectionList", &["name", "sfsId", "subnetId"])? {
        sfs.need_text("name")?;
        seen.push(sfs.need_text("sfsId")?);
        sfs.text("subnetId")?;
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    match seen.len() == count {
        true => Ok(()),
        false => Err(bad("spec.connection names something twice")),
    }
}

fn view(network: &Network, now: i64) -> Value {
    let mut object = network.object.clone();
    let phase = network.phase(now);
    let deleting = network.deleting.is_some();
    let mut status = json!({ "phase": phase });
    if let Some(message) = network.failure.as_ref().filter(|_| phase == "Abnormal") {
        status["message"] = json!(message);
    }
    if phase == "Active" {
        status["subnets"] = json!([{ "networkId": id32(&network.id) }]);
        status["connectionStatus"] = connections(network, now);
    }
    if deleting && let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("deletionTimestamp".to_owned(), json!(timestamp(now)));
    }
    object["status"] = status;
    object
}

fn connections(network: &Network, now: i64) -> Value {
    let done = reached(network.connected, now);
    let connection = network.object.pointer("/spec/connection").cloned().unwrap_or_default();
    let mut status = json!({});
    let peers = items(connection.get("peerConnectionList"));
    if !peers.is_empty() {
        let phase = if done { "Active" } else { "Connecting" };
        let peer = |peer: Value| {
            let gateway = peer.get("defaultGateWay").and_then(Value::as_bool).unwrap_or(false);
            json!({ "peerVpcId": peer["peerVpcId"], "peerSubnetId": peer["peerSubnetId"],
                "defaultGateWay": gateway, "phase": phase })
        };
        status["peerConnectionStatus"] = peers.into_iter().map(peer).collect();
    }
    let turbos = items(connection.get("sfsTurboConnectionList"));
    if !turbos.is_empty() {
        let phase = if done { "Active" } else { "Creating" };
        let turbo = |turbo: Value| {
            json!({ "name": turbo["name"], "sfsId": turbo["sfsId"], "connectionType": "VpcPort",
                "ipAddr": "192.168.128.10", "status": phase })
        };
        status["sfsTurboStatus"] = turbos.into_iter().map(turbo).collect();
    }
    status
}

fn missing() -> Answer {
    Answer::error(404, "50025001", "Network not exist.")
}

fn find<'a>(world: &'a mut World, id: &str) -> Check<&'a mut Network> {
    world.networks.iter_mut().find(|network| network.id == id).ok_or_else(missing)
}

pub(super) fn show(world: &World, call: &Call<'_>, id: &str) -> Check<Answer> {
    call.query.only(&[])?;
    let network = world.networks.iter().find(|n| n.id == id && !n.is_gone(call.now));
    network.map(|network| Answer::ok(view(network, call.now))).ok_or_else(missing)
}

/// Counts the free addresses of a network: nobody takes any here.
pub(super) fn free_addresses(world: &World, call: &Call<'_>, id: &str) -> Check<Answer> {
    call.query.only(&["network_id"])?;
    let network = world.networks.iter().find(|n| n.id == id && !n.is_gone(call.now));
    let network = network.ok_or_else(missing)?;
    let block = network.object.pointer("/spec/cidr").and_then(Value::as_str).unwrap_or("");
    let bits = cidr(block).map_or(32, |(_, bits)| bits);
    let subnet = json!({ "cidr": block, "ipVersion": 4, "usedIps": 0,
        "totalIps": 2_u64.pow(32_u32.saturating_sub(bits)) });
    Ok(Answer::ok(json!({
        "name": display_name(&network.object),
        "networkId": id32(&network.id),
        "subnetIpAvailability": [subnet],
    })))
}

pub(super) fn list(world: &World, call: &Call<'_>) -> Check<Answer> {
    call.query.only(&["workspaceId", "labelSelector", "limit", "continue"])?;
    let workspace = call.query.get("workspaceId").unwrap_or("0");
    check_workspace(workspace)?;
    let selector = Selector::parse(call.query.get("labelSelector").unwrap_or(""))?;
    let here = world.networks.iter().filter(|network| {
        !network.is_gone(call.now)
            && entry(&network.object, "labels", WORKSPACE) == workspace
            && selector.matches(&network.object)
    });
    page(call, "v1", "NetworkList", here.map(|network| view(network, call.now)).collect())
}

pub(super) fn patch(world: &mut World, call: &Call<'_>, id: &str) -> Check<Answer> {
    let body = call.json()?;
    let network = find(world, id)?;
    let body = Object::new(&body, "", &["metadata", "spec"])?;
    if let Some(metadata) = body.object("metadata", &["labels", "annotations"])? {
        patch_metadata(network, &metadata)?;
    }
    if let Some(spec) = body.get("spec") {
        patch_spec(network, call, spec)?;
    }
    Ok(Answer::ok(view(network, call.now)))
}

fn patch_metadata(network: &mut Network, metadata: &Object<'_>) -> Check {
    if let Some(labels) = metadata.get("labels") {
        let labels = Object::any(labels, "metadata.labels")?;
        if let Some(key) = labels.keys().find(|key| *key != WORKSPACE) {
            return Err(bad(format!("label {key} cannot be changed")));
        }
        if let Some(value) = labels.get(WORKSPACE) {
            // Whoever takes the label away is back in the default workspace.
            let value = if value.is_null() { "0" } else { labels.need_text(WORKSPACE)? };
            check_workspace(value)?;
            set_entry(&mut network.object, "labels", WORKSPACE, Some(value));
        }
    }
    match metadata.get("annotations") {
        None => {}
        Some(Value::Null) => network.object["metadata"]["annotations"] = json!({}),
        Some(annotations) => {
            let annotations = Object::any(annotations, "metadata.annotations")?;
            for key in annotations.keys() {
                let value = match annotations.get(key) {
                    Some(Value::Null) => None,
                    _ => annotations.text(key)?,
                };
                if key == DESCRIPTION {
                    check_description(DESCRIPTION, value.unwrap_or(""))?;
                }
                set_entry(&mut network.object, "annotations", key, value);
            }
        }
    }
    Ok(())
}

fn patch_spec(network: &mut Network, call: &Call<'_>, changes: &Value) -> Check {
    let mut there = changes.clone();
    drop_nulls(&mut there);
    let spec = Object::new(&there, "spec", &["ipv6enable", "connection"])?;
    check_connection(&spec)?;
    let was = network.object.pointer("/spec/ipv6enable").and_then(Value::as_bool).unwrap_or(false);
    if let Some(change) = changes.get("ipv6enable") {
        let wanted =
            if change.is_null() { false } else { spec.boolean("ipv6enable")? == Some(true) };
        if was && !wanted {
            return Err(bad("spec.ipv6enable cannot be switched off"));
        }
        network.object["spec"]["ipv6enable"] = json!(wanted);
    }
    if let Some(change) = changes.get("connection") {
        if network.phase(call.now) != "Active" {
            return Err(bad("the network is not Active"));
        }
        connect(network, change);
        network.connected = call.after(call.scenario().durations.connection);
    }
    Ok(())
}

/// Replaces the lists of connections as a whole, each by itself; null takes one away.
fn connect(network: &mut Network, change: &Value) {
    let before = network.object.pointer("/spec/connection").and_then(Value::as_object);
    let mut connection = before.cloned().unwrap_or_default();
    match change.as_object() {
        None => connection.clear(),
        Some(lists) => connection.extend(lists.clone()),
    }
    connection.retain(|_, list| !list.is_null());
    network.object["spec"]["connection"] = Value::Object(connection);
}

pub(super) fn delete(world: &mut World, call: &Call<'_>, id: &str) -> Check<Answer> {
    let used = |pool: &Kept<Pool>| {
        pool.spec().pointer("/network/name").and_then(Value::as_str) == Some(id)
    };
    let in_use = world.pools.iter().any(used);
    let network = find(world, id)?;
    if in_use {
        return Err(Answer::error(409, "50025002", "The network is in use by a pool."));
    }
    if network.deleting.is_none() {
        let gone = call.after(call.scenario().durations.network_delete);
        network.deleting = Some(Leaving { from: Some(call.now), gone });
    }
    Ok(Answer::ok(view(network, call.now)))
}
