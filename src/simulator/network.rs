//! Creates, finds, lists and deletes networks (API reference, networks).

use serde_json::{Value, json};

use super::{
    access::PROJECT_ID,
    answer::{Answer, Check, bad},
    call::{Call, page},
    check::{Object, check_description, cidr, inside, is_name},
    connection::{self, Timing},
    network_view::{subnet, view},
    pool_rules::{DESCRIPTION, NAME, WORKSPACE, check_workspace},
    pool_view::display_name,
    selector::Selector,
    world::{Leaving, Moment, Network, World, entry, reached, set_entry, timestamp},
};

const BLOCKS: &[([u8; 4], u32, u32)] =
    &[([172, 16, 0, 0], 12, 24), ([192, 168, 0, 0], 16, 24), ([10, 0, 0, 0], 8, 24)];

pub(super) fn create(world: &mut World, call: &Call<'_>) -> Check<Answer> {
    let mut object = call.json()?;
    let name = check_create(&object)?;
    let quota = call.scenario().rules.network_quota;
    let id = format!("{name}-{PROJECT_ID}");
    if world.networks.iter().any(|network| network.id == id) {
        return Err(Answer::error(409, "50025000", "Network already exists."));
    }
    if quota.is_some_and(|quota| world.networks.len() >= quota) {
        let message = "QuotaInsufficient: the quota of networks is used up.";
        return Err(Answer::error(400, "0118", message));
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
    let failure = failure.map(|failure| failure.message.clone());
    let mut network = Network { id, object, picked_up, active, failure, ..Network::default() };
    connect(&mut network, call, active);
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
    connection::check(&spec)?;
    Ok((*name).to_owned())
}

fn missing() -> Answer {
    Answer::error(404, "50025001", "Network not exist.")
}

pub(super) fn find<'a>(world: &'a mut World, id: &str) -> Check<&'a mut Network> {
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
    let addresses = json!({ "cidr": block, "ipVersion": 4, "usedIps": 0,
        "totalIps": 2_u64.pow(32_u32.saturating_sub(bits)) });
    Ok(Answer::ok(json!({
        "name": display_name(&network.object),
        "networkId": subnet(network),
        "subnetIpAvailability": [addresses],
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

pub(super) fn delete(world: &mut World, call: &Call<'_>, id: &str) -> Check<Answer> {
    call.query.only(&[])?;
    if !call.signed.body.trim_ascii().is_empty() && call.json()? != json!({}) {
        return Err(bad("a DELETE of a network has no body"));
    }
    let stands = world.pools.iter().any(|pool| pool.network() == Some(id));
    let network = find(world, id)?;
    let remains = network.remains.is_some_and(|remains| !reached(remains.gone, call.now));
    if stands || remains {
        return Err(Answer::error(409, "50025002", "The network is in use by a pool."));
    }
    leave(network, call);
    Ok(Answer::ok(view(network, call.now)))
}

/// Begins to delete a network.
pub(super) fn leave(network: &mut Network, call: &Call<'_>) {
    let gone = call.after(call.scenario().durations.network_delete);
    network.deleting.get_or_insert(Leaving { from: Some(call.now), gone });
}

/// Begins to make the connections that are wanted; they are there at `made` and the time that
/// connecting takes.
pub(super) fn connect(network: &mut Network, call: &Call<'_>, made: Moment) {
    let scenario = call.scenario();
    if scenario.answers.fill_connections {
        let own = subnet(network);
        connection::fill(&mut network.object, &own);
    }
    let fails = || {
        let failure = call.live.failure("connection", &scenario.outcomes.connection_failed)?;
        Some(failure.message.clone())
    };
    let timing = Timing {
        now: call.now,
        made: call.later(made, scenario.durations.connection),
        gone: call.after(scenario.durations.disconnection),
        fails: &fails,
    };
    connection::follow(&mut network.connections, &network.object, &timing);
    network.overrides.remove("connectionStatus");
}
