//! The nodes of a pool (API reference, nodes).

use serde_json::{Value, json};

use super::{
    access::{DOMAIN_ID, PROJECT_ID},
    answer::{Answer, Check, bad},
    call::{Call, page},
    check::Object,
    flavor,
    pool_find::{find, look},
    pool_patch::remove_nodes,
    world::{Node, Pool, World, timestamp},
};

fn view(pool: &Pool, node: &Node, now: i64) -> Value {
    let phase = match pool.phase(now) {
        Some("Deleting") => "Deleting",
        _ => node.phase(now).unwrap_or("Creating"),
    };
    let flavor = flavor::find(&node.flavor).map(flavor::Flavor::view).unwrap_or_default();
    let size = json!({ "cpu": flavor["spec"]["cpu"], "memory": flavor["spec"]["memory"] });
    let mode = if pool.is_prepaid() { "1" } else { "0" };
    let mut annotations = json!({ "os.modelarts/billing.mode": mode });
    if node.locked {
        annotations["os.modelarts.node/lock.action"] = json!("delete");
    }
    json!({
        "apiVersion": "v2",
        "kind": "Node",
        "metadata": {
            "name": node.name,
            "creationTimestamp": timestamp(node.created.unwrap_or(now)),
            "labels": {
                "os.modelarts.node/nodepool": node.node_pool,
                "os.modelarts/resource.id": node.resource(),
                "os.modelarts/billing.status": "0",
                "os.modelarts/tenant.domain.id": DOMAIN_ID,
                "os.modelarts/tenant.project.id": PROJECT_ID,
            },
            "annotations": annotations,
        },
        "spec": { "flavor": node.flavor },
        "status": {
            "phase": phase,
            "az": node.az,
            "privateIp": format!("192.168.{}.{}", 128 + node.address / 250 % 128, 1 + node.address % 250),
            "resources": size.clone(),
            "availableResources": size,
        },
    })
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
    call.query.only(&["limit", "continue"])?;
    let pool = settled(world, call, id)?;
    let nodes = pool.nodes.iter().filter(|node| shows(node, call.now));
    page(call, "v2", "NodeList", nodes.map(|node| view(&pool, node, call.now)).collect())
}

pub(super) fn show(world: &World, call: &Call<'_>, id: &str, name: &str) -> Check<Answer> {
    let pool = settled(world, call, id)?;
    let node = pool.nodes.iter().find(|node| node.name == name && shows(node, call.now));
    match node {
        Some(node) => Ok(Answer::ok(view(&pool, node, call.now))),
        None => Err(Answer::error(404, "50015001", format!("Node {name} not found."))),
    }
}

/// Carries out `batch-delete`, `batch-reboot`, `batch-lock` or `batch-unlock`.
pub(super) fn batch(world: &mut World, call: &Call<'_>, id: &str, action: &str) -> Check<Answer> {
    let index = find(world, id)?;
    let body = call.json()?;
    let (key, known): (&str, &[&str]) = match action {
        "batch-delete" => ("deleteNodeNames", &["deleteNodeNames"]),
        "batch-reboot" => ("nodeNames", &["nodeNames"]),
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
        "batch-reboot" => Ok(Answer::ok(json!({ "nodeNames": names }))),
        _ => lock(world, &body, index, &names, action == "batch-lock"),
    }
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
