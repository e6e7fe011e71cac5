//! The nodes of a pool (API reference, nodes).

use serde_json::{Value, json};

use super::{
    access::{DOMAIN_ID, PROJECT_ID},
    answer::{Answer, Check, bad},
    call::{Call, all, page},
    check::Object,
    digest::id32,
    entry_rules::identity,
    flavor, job,
    pool_find::{find, look},
    pool_resize::remove_nodes,
    span::Span,
    world::{Illness, Node, Pool, World, reached, timestamp},
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
    // The reference names the annotation, but none of its values: these two are a reading.
    if let Some(draining) = node.draining {
        let word = if reached(draining.until, now) { "drained" } else { "draining" };
        annotations["os.modelarts.node/drain"] = json!(word);
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
fn shows(node: &Node, now: i64) -> bool {
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

/// Carries out `batch-delete`, `batch-reboot`, `batch-reset`, `batch-lock`, `batch-unlock` or
/// `batch-drain`.
pub(super) fn batch(world: &mut World, call: &Call<'_>, id: &str, action: &str) -> Check<Answer> {
    let index = find(world, id)?;
    let body = call.json()?;
    let (key, known): (&str, &[&str]) = match action {
        "batch-delete" => ("deleteNodeNames", &["deleteNodeNames"]),
        "batch-reboot" | "batch-drain" => ("nodeNames", &["nodeNames"]),
        "batch-reset" => ("nodeNames", &["nodeNames", "rollingConfig", "nodeConfig"]),
        _ => ("nodeNames", &["nodeNames", "actions"]),
    };
    let body = Object::new(&body, "", known)?;
    let names = body.texts(key)?.unwrap_or_default();
    if names.is_empty() {
        return Err(bad(format!("{key} must not be empty")));
    }
    check_nodes(world, call, index, &names)?;
    match action {
        "batch-delete" => {
            check_unlocked(world, index, &names)?;
            remove_nodes(world, call, index, &names)?;
            Ok(Answer::ok(json!({})))
        }
        "batch-reboot" => {
            let job = begin(world, call, (id, action), index, &names);
            match call.scenario().answers.reboot_without_job {
                true => Ok(Answer::ok(json!({ "nodeNames": names }))),
                false => Ok(Answer::ok(json!({ "nodeNames": names, "job_id": job }))),
            }
        }
        "batch-reset" => {
            check_reset(&body)?;
            let job = begin(world, call, (id, action), index, &names);
            Ok(Answer::ok(json!({ "job_id": job })))
        }
        "batch-drain" => drain(world, call, index, &names),
        _ => lock(world, &body, index, &names, action == "batch-lock"),
    }
}

/// Begins a job on nodes. Those for which it is to fail are Abnormal from now on.
fn begin(
    world: &mut World,
    call: &Call<'_>,
    what: (&str, &str),
    index: usize,
    names: &[&str],
) -> String {
    let failure = call.live.failure("node_job", &call.scenario().outcomes.node_job_failed);
    let message = failure.map(|failure| failure.message.clone());
    if let Some(failure) = failure {
        let well = usize::try_from(failure.nodes).unwrap_or(usize::MAX);
        for node in world.pools.get_mut(index).into_iter().flat_map(|pool| &mut pool.nodes) {
            if names.iter().skip(well).any(|name| *name == node.name) {
                node.abnormal = Some(Illness { until: call.after(Span::Never) });
            }
        }
    }
    job::begin(world, call, what, names, message)
}

/// Moves what runs on nodes elsewhere, ten nodes at the most.
fn drain(world: &mut World, call: &Call<'_>, index: usize, names: &[&str]) -> Check<Answer> {
    if names.len() > 10 {
        return Err(bad("nodeNames must have 10 items at most"));
    }
    let until = call.after(call.scenario().durations.node_drain);
    for node in world.pools.get_mut(index).into_iter().flat_map(|pool| &mut pool.nodes) {
        if names.contains(&node.name.as_str()) {
            node.draining = Some(Illness { until });
        }
    }
    Ok(Answer::ok(json!({})))
}

fn check_nodes(world: &World, call: &Call<'_>, index: usize, names: &[&str]) -> Check {
    let there = |name: &str| {
        let mut nodes = world.pools.get(index).into_iter().flat_map(|pool| &pool.nodes);
        nodes.any(|node| node.name == name && node.stays() && shows(node, call.now))
    };
    match names.iter().find(|name| !there(name)) {
        Some(name) => Err(Answer::error(404, "50015001", format!("Node {name} not found."))),
        None => Ok(()),
    }
}

/// Checks how nodes are to be set up anew.
fn check_reset(body: &Object<'_>) -> Check {
    let rolling = body.need_object("rollingConfig", &["strategy", "maxUnavailable"])?;
    rolling.need_text("strategy")?;
    rolling.choice("strategy", &["RollingByNumber", "RollingByPercent"])?;
    if rolling.need_integer("maxUnavailable")? < 1 {
        return Err(bad(format!("{} must be at least 1", rolling.at("maxUnavailable"))));
    }
    let fields = ["os", "name", "imageId", "imageType", "runtime"];
    let Some(config) = body.object("nodeConfig", &fields)? else { return Ok(()) };
    for key in ["name", "imageId", "imageType", "runtime"] {
        config.text(key)?;
    }
    Ok(())
}

fn check_unlocked(world: &World, index: usize, names: &[&str]) -> Check {
    let mut nodes = world.pools.get(index).into_iter().flat_map(|pool| &pool.nodes);
    match nodes.find(|node| node.locked && names.contains(&node.name.as_str())) {
        Some(node) => Err(bad(format!("node {} is locked", node.name))),
        None => Ok(()),
    }
}

fn lock(
    world: &mut World,
    body: &Object<'_>,
    index: usize,
    names: &[&str],
    locked: bool,
) -> Check<Answer> {
    if body.texts("actions")?.unwrap_or_default() != ["delete"] {
        return Err(bad("actions must be [\"delete\"]"));
    }
    for node in world.pools.get_mut(index).into_iter().flat_map(|pool| &mut pool.nodes) {
        if names.contains(&node.name.as_str()) {
            node.locked = locked;
        }
    }
    let done = |name: &&str| json!({ "name": name, "status": "success" });
    Ok(Answer::ok(json!({ "nodes": names.iter().map(done).collect::<Vec<_>>() })))
}
