//! The nodes of a pool (API reference, nodes).

use serde_json::{Value, json};

use super::{
    access::{DOMAIN_ID, PROJECT_ID},
    answer::{Answer, Check},
    call::{Call, all, page},
    digest::id32,
    entry_rules::identity,
    flavor,
    pool_find::look,
    world::{Node, Pool, World, reached, timestamp},
};

fn view(pool: &Pool, node: &Node, now: i64) -> Value {
    let phase = match pool.phase(now) {
        Some("Deleting") => "Deleting",
        _ => node.phase(now).unwrap_or("Creating"),
    };
    let mode = if pool.is_prepaid() { "1" } else { "0" };
    let mut annotations = json!({ "os.modelarts/billing.mode": mode });
    if node.locked {
        annotations["os.modelarts.node/lock.action"] = json!("delete");
    }
    if let Some(state) = node.drain.as_ref().and_then(|drain| drain.state(now)) {
        annotations["os.modelarts.node/drain"] = json!(state);
    }
    let entry = entry_of(pool, node);
    let size = size(node);
    let mut status = json!({
        "phase": phase,
        "az": node.az,
        "privateIp": format!("192.168.{}.{}", 128 + node.address / 250 % 128, 1 + node.address % 250),
        "resources": size.clone(),
        "availableResources": size,
        "os": { "name": entry["os"]["name"] },
        "plugins": plugins(pool, node, now),
        "taints": items_of(&entry, "taints"),
    });
    if let Some(driver) = driver(pool, node, now) {
        status["driver"] = driver;
    }
    json!({
        "apiVersion": "v2",
        "kind": "Node",
        "metadata": {
            "name": node.name,
            "creationTimestamp": timestamp(node.created.unwrap_or(now)),
            "labels": {
                "os.modelarts.node/nodepool": node.node_pool,
                "os.modelarts.node/nodepoolname": node.node_pool,
                "os.modelarts.node/underlying.instance.id": instance(node),
                "os.modelarts/resource.id": node.resource(),
                "os.modelarts/billing.status": "0",
                "os.modelarts/tenant.domain.id": DOMAIN_ID,
                "os.modelarts/tenant.project.id": PROJECT_ID,
            },
            "annotations": annotations,
        },
        "spec": spec(pool, node, &entry),
        "status": status,
    })
}

/// Returns the entry of the pool that a node belongs to.
fn entry_of(pool: &Pool, node: &Node) -> Value {
    let is_own = |entry: &Value| {
        let (flavor, node_pool, _) = identity(entry);
        flavor == node.flavor
            && node_pool == node.node_pool
            && entry.get("creatingStep").unwrap_or(&Value::Null) == &node.step
    };
    pool.resources().into_iter().find(is_own).unwrap_or_default()
}

fn items_of(entry: &Value, key: &str) -> Value {
    entry.get(key).filter(|value| value.is_array()).cloned().unwrap_or_else(|| json!([]))
}

/// Returns the ID of the machine that a node is.
fn instance(node: &Node) -> String {
    let id = id32(&format!("machine {}", node.name));
    let part = |from: usize, to: usize| id.get(from..to).unwrap_or_default().to_owned();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

fn spec(pool: &Pool, node: &Node, entry: &Value) -> Value {
    let network = pool.spec().get("network").cloned().unwrap_or_default();
    let id = |kind: &str| id32(&format!("{kind} of {network}"));
    let own = entry.get("network").cloned().unwrap_or_default();
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let mut groups = items_of(&own, "securityGroups");
    if groups == json!([]) {
        groups = json!([id("security group")]);
    }
    let mut spec = json!({
        "flavor": node.flavor,
        "os": entry.get("os").cloned().unwrap_or_else(|| json!({})),
        "hostNetwork": {
            "vpc": text(own.get("vpc").or(network.get("vpcId"))).unwrap_or_else(|| id("vpc")),
            "subnet":
                text(own.get("subnet").or(network.get("subnetId"))).unwrap_or_else(|| id("subnet")),
            "securityGroups": groups,
        },
    });
    for key in ["rootVolume", "dataVolumes", "extendParams"] {
        if let Some(value) = entry.get(key) {
            spec[key] = value.clone();
        }
    }
    spec
}

/// Returns what a node can carry.
fn size(node: &Node) -> Value {
    let Some(flavor) = flavor::find(&node.flavor) else { return json!({}) };
    let spec = flavor.spec();
    let mut size = json!({ "cpu": spec["cpu"], "memory": spec["memory"] });
    if let Some(card) = &flavor.card {
        let key = if card.kind == "gpu" { "nvidia.com/gpu" } else { "huawei.com/ascend-snt9" };
        size[key] = json!(card.size.to_string());
    }
    size
}

/// Returns the driver of a node whose flavor has cards.
fn driver(pool: &Pool, node: &Node, now: i64) -> Option<Value> {
    let card = flavor::find(&node.flavor)?.card.as_ref()?;
    let driver = pool.drivers.iter().find(|driver| driver.card == card.kind)?;
    let phase = match (reached(driver.until, now), driver.upgrading) {
        (true, _) => "Running",
        (false, true) => "Updating",
        (false, false) => "Pending",
    };
    Some(json!({ "version": driver.version, "phase": phase }))
}

fn plugins(pool: &Pool, node: &Node, now: i64) -> Value {
    let ready = if node.phase(now) == Some("Available") { "Running" } else { "Pending" };
    let mut plugins = vec![json!({ "name": "node-agent", "version": "1.0.0", "phase": ready })];
    if let Some(mut driver) = driver(pool, node, now) {
        driver["name"] = json!(format!("{}-driver", card_kind(node)));
        plugins.push(driver);
    }
    Value::Array(plugins)
}

fn card_kind(node: &Node) -> &'static str {
    flavor::find(&node.flavor).and_then(|flavor| flavor.card.as_ref()).map_or("", |card| card.kind)
}

/// Tells whether a node shows at the moment.
pub(super) fn shows(node: &Node, now: i64) -> bool {
    node.phase(now).is_some()
}

/// Returns the pool as it is now.
fn settled(world: &World, call: &Call<'_>, id: &str) -> Check<Pool> {
    let mut pool = look(world, call, id)?.settled(call.now).into_owned();
    if pool.phase(call.now) == Some("CreationFailed") {
        pool.nodes.clear();
    }
    Ok(pool)
}

pub(super) fn list(world: &World, call: &Call<'_>, id: &str) -> Check<Answer> {
    list_of(world, call, id, None)
}

/// Lists the nodes of a pool, or those of one of its node pools.
pub(super) fn list_of(
    world: &World,
    call: &Call<'_>,
    id: &str,
    node_pool: Option<&str>,
) -> Check<Answer> {
    call.query.only(&["limit", "continue"])?;
    let pool = settled(world, call, id)?;
    let nodes = pool.nodes.iter().filter(|node| {
        shows(node, call.now) && node_pool.is_none_or(|name| name == node.node_pool)
    });
    let nodes = nodes.map(|node| view(&pool, node, call.now)).collect();
    match call.scenario().answers.nodes_at_once {
        true => Ok(all("v2", "NodeList", nodes)),
        false => page(call, "v2", "NodeList", nodes),
    }
}

pub(super) fn show(world: &World, call: &Call<'_>, id: &str, name: &str) -> Check<Answer> {
    let pool = settled(world, call, id)?;
    let node = pool.nodes.iter().find(|node| node.name == name && shows(node, call.now));
    match node {
        Some(node) => Ok(Answer::ok(view(&pool, node, call.now))),
        None => Err(Answer::error(404, "50015001", format!("Node {name} not found."))),
    }
}
