//! What the service offers and how much of it is in use: quotas, configuration, drivers,
//! statistics and workloads (API reference, neighbouring APIs).

use serde_json::{Value, json};

use super::{
    answer::{Answer, Check},
    call::{Call, page},
    flavor,
    pool_find::look,
    pool_rules::{WORKSPACE, check_workspace},
    selector::Selector,
    world::World,
};

const NETWORK_QUOTA: usize = 15;

pub(super) fn flavors(call: &Call<'_>) -> Check<Answer> {
    call.query.only(&["labelSelector", "limit", "continue"])?;
    let selector = Selector::parse(call.query.get("labelSelector").unwrap_or(""))?;
    let offer = &call.scenario().offer;
    let all = flavor::FLAVORS.iter().map(|flavor| flavor.view(offer));
    page(call, "v1", "ResourceFlavorList", all.filter(|f| selector.matches(f)).collect())
}

pub(super) fn show_flavor(call: &Call<'_>, name: &str) -> Check<Answer> {
    let missing = || Answer::error(404, "50005101", "Resourceflavor not found.");
    let offer = &call.scenario().offer;
    flavor::find(name).map(|flavor| Answer::ok(flavor.view(offer))).ok_or_else(missing)
}

fn pool_quota(call: &Call<'_>) -> usize {
    call.scenario().rules.pool_quota.unwrap_or(1000)
}

pub(super) fn quotas(world: &World, call: &Call<'_>) -> Check<Answer> {
    let quota = |kind: &str, quota: usize, used: usize| json!({ "type": kind, "quota": quota, "used": used });
    let resources = [
        quota("pool", pool_quota(call), world.pools.len()),
        quota("network", NETWORK_QUOTA, world.networks.len()),
    ];
    Ok(Answer::ok(json!({ "quotas": { "resources": resources } })))
}

/// Answers how the service is set up for the account.
pub(super) fn configuration(call: &Call<'_>) -> Check<Answer> {
    call.query.only(&[])?;
    let scope = |name: &str| json!({ "scope": name, "plugins": [], "externalDependency": "", "reservedNetworkCidr": [] });
    let scopes = ["Train", "Infer", "Notebook"].map(scope);
    Ok(Answer::ok(json!({
        "networkCidrs": ["172.16.0.0/12", "192.168.0.0/16", "10.0.0.0/8"],
        "networkQuota": NETWORK_QUOTA,
        "poolQuota": pool_quota(call),
        "poolHighAvailable": true,
        "networkSubnetTypes": [],
        "maxPoolFlavors": 10,
        "clusterFlavorSpecs": ["cce.s2.small", "cce.s2.medium", "cce.s2.large"],
        "volumeTypes": ["SSD", "GPSSD", "SAS"],
        "poolScopePlugins": scopes,
    })))
}

/// Answers the driver versions on offer for a kind of card.
pub(super) fn plugin_template(call: &Call<'_>, name: &str) -> Check<Answer> {
    call.query.only(&[])?;
    let kind = name.strip_suffix("-driver").filter(|kind| ["gpu", "npu"].contains(kind));
    let Some(kind) = kind else {
        let message = format!("Plugintemplate {name} not found.");
        return Err(Answer::error(404, "50005101", message));
    };
    let version = |version: &&str| {
        let detail = json!({ "version": version, "creationTimestamp": "2024-01-02T03:04:05Z",
            "inputs": {}, "translate": {} });
        ((*version).to_owned(), detail)
    };
    let versions: serde_json::Map<String, Value> =
        flavor::drivers(kind).iter().map(version).collect();
    let mut template = json!({
        "apiVersion": "v1",
        "kind": "PluginTemplate",
        "metadata": { "name": name, "annotations": {} },
        "spec": { "type": "driver", "description": format!("{kind} driver") },
    });
    match call.scenario().offer.versions_at_top {
        true => template["versions"] = Value::Object(versions),
        false => template["spec"]["versions"] = Value::Object(versions),
    }
    Ok(Answer::ok(template))
}

/// Counts the pools of a workspace by what has become of them.
pub(super) fn pool_statistics(world: &World, call: &Call<'_>) -> Check<Answer> {
    call.query.only(&["workspaceId"])?;
    let workspace = call.query.get("workspaceId").unwrap_or("0");
    check_workspace(workspace)?;
    let mut counts =
        [("creating", 0), ("created", 0), ("failed", 0), ("pending", 0), ("deleting", 0)];
    let here = world.pools.iter().filter(|pool| {
        !pool.is_gone(call.now) && pool.settled(call.now).label(WORKSPACE) == workspace
    });
    for pool in here {
        let word = match pool.phase(call.now) {
            None | Some("Creating") => "creating",
            Some("Waiting") => "pending",
            Some("CreationFailed") => "failed",
            Some("Deleting") => "deleting",
            Some(_) => "created",
        };
        counts.iter_mut().filter(|(name, _)| *name == word).for_each(|(_, count)| *count += 1);
    }
    let status: serde_json::Map<String, Value> =
        counts.iter().map(|(name, count)| ((*name).to_owned(), json!(count))).collect();
    let time = super::world::timestamp(call.now);
    Ok(Answer::ok(json!({ "statistics": { "status": status }, "operationTime": time })))
}

/// Counts the workloads of a pool: nobody runs any here.
pub(super) fn workload_statistics(world: &World, call: &Call<'_>, id: &str) -> Check<Answer> {
    call.query.only(&[])?;
    look(world, call, id)?;
    Ok(Answer::ok(json!({ "statistics": { "total": 0, "items": [] } })))
}

/// Lists the workloads of a pool: nobody runs any here.
pub(super) fn workloads(world: &World, call: &Call<'_>, id: &str) -> Check<Answer> {
    call.query.only(&["type", "status", "sort", "ascend", "offset", "limit", "hostip"])?;
    call.query.number("limit", 1..=500, 500)?;
    look(world, call, id)?;
    Ok(Answer::ok(json!({ "apiVersion": "v2", "kind": "WorkloadList", "items": [] })))
}
