//! What a request to create a pool must look like (API reference, create request and restrictions).

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    answer::{Answer, Check, bad},
    check::{Object, check_description, cidr, is_name},
    entry_rules::check_entries,
    flavor,
    scenario::{Rules, Scenario},
    workspace,
    world::World,
};

pub(super) const NAME: &str = "os.modelarts/name";
pub(super) const WORKSPACE: &str = "os.modelarts/workspace.id";
pub(super) const SHARING: &str = "os.modelarts/sharing";
pub(super) const DESCRIPTION: &str = "os.modelarts/description";
pub(super) const BILLING: &str = "os.modelarts/billing.mode";

/// Lists the labels of the service that a request may set.
const OWN_LABELS: &[&str] = &[NAME, WORKSPACE, "os.modelarts/node.prefix", SHARING];

/// Lists the labels that the service sets itself.
const SERVER_LABELS: &[&str] = &[
    "os.modelarts/resource.id",
    "os.modelarts/tenant.domain.id",
    "os.modelarts/tenant.project.id",
    "os.modelarts/order.name",
];

/// Lists the annotations that the service sets itself.
pub(super) const SERVER_ANNOTATIONS: &[&str] = &[
    "os.modelarts/flavor.resource.ids",
    "os.modelarts/tenant.domain.name",
    "os.modelarts.pool/subpools.count",
];

const SPEC: &[&str] = &[
    "type",
    "scope",
    "resources",
    "parent",
    "network",
    "containerNetwork",
    "kubernetesSvcIpRange",
    "masters",
    "clusterFlavor",
    "driver",
    "jobFlavors",
    "userLogin",
    "clusters",
    "ipv6enable",
];

/// Checks the body of a create request.
pub(super) fn check_create(body: &Value, world: &World, scenario: &Scenario, now: i64) -> Check {
    let body = Object::new(body, "", &["apiVersion", "kind", "metadata", "spec"])?;
    if body.need_text("apiVersion")? != "v2" || body.need_text("kind")? != "Pool" {
        return Err(bad("apiVersion must be v2 and kind must be Pool"));
    }
    let metadata = body.need_object("metadata", &["labels", "annotations"])?;
    check_labels(&metadata, scenario)?;
    check_annotations(&metadata.text_map("annotations")?)?;
    check_spec(&body.need_object("spec", SPEC)?, world, (&scenario.rules, now))
}

fn check_labels(metadata: &Object<'_>, scenario: &Scenario) -> Check {
    if !metadata.has("labels") {
        return Err(bad("metadata.labels is required"));
    }
    let labels = metadata.text_map("labels")?;
    let Some(name) = labels.get(NAME) else {
        return Err(bad(format!("label {NAME} is required")));
    };
    if !is_name(name, 4..=scenario.rules.max_name_length) {
        return Err(bad(format!("invalid pool name {name}")));
    }
    if let Some(key) = SERVER_LABELS.iter().find(|key| labels.contains_key(**key)) {
        return Err(bad(format!("label {key} is set by the service")));
    }
    let is_foreign = |key: &&&str| key.starts_with("os.modelarts") && !OWN_LABELS.contains(key);
    if let Some(key) = labels.keys().find(is_foreign) {
        return Err(bad(format!("label {key} is not known")));
    }
    labels.get(WORKSPACE).map_or(Ok(()), |id| check_workspace(id))?;
    labels.get(SHARING).map_or(Ok(()), |value| check_sharing(value))
}

pub(super) fn check_workspace(id: &str) -> Check {
    match workspace::exists(id) {
        true => Ok(()),
        false => Err(Answer::error(400, "0102", format!("The workspace {id} does not exist."))),
    }
}

pub(super) fn check_sharing(value: &str) -> Check {
    match value {
        "shared" | "unshared" => Ok(()),
        _ => Err(bad(format!("label {SHARING} must be shared or unshared"))),
    }
}

/// Checks what annotations hold, wherever they come from.
pub(super) fn check_annotations(annotations: &BTreeMap<&str, &str>) -> Check {
    if let Some(key) = SERVER_ANNOTATIONS.iter().find(|key| annotations.contains_key(**key)) {
        return Err(bad(format!("annotation {key} is set by the service")));
    }
    let get = |key: &str| annotations.get(format!("os.modelarts/{key}").as_str()).copied();
    if let Some(text) = get("description") {
        check_description(DESCRIPTION, text)?;
    }
    for (key, allowed) in [
        ("billing.mode", &["0", "1"][..]),
        ("auto.renew", &["0", "1"]),
        ("auto.pay", &["true", "false", "0", "1"]),
        ("period.type", &["2", "3"]),
    ] {
        if let Some(value) = get(key).filter(|value| !allowed.contains(value)) {
            return Err(bad(format!("annotation os.modelarts/{key} must not be {value:?}")));
        }
    }
    if get("billing.mode") == Some("1") {
        check_period(get("period.type"), get("period.num"))?;
    }
    Ok(())
}

fn check_period(kind: Option<&str>, number: Option<&str>) -> Check {
    let longest = match kind {
        Some("2") => 9,
        Some("3") => 3,
        _ => return Err(bad("os.modelarts/period.type is required for yearly/monthly billing")),
    };
    let number: Option<u32> = number.and_then(|number| number.parse().ok());
    match number {
        Some(number) if (1..=longest).contains(&number) => Ok(()),
        _ => Err(bad(format!("os.modelarts/period.num must be 1 to {longest}"))),
    }
}

fn check_spec(spec: &Object<'_>, world: &World, (rules, now): (&Rules, i64)) -> Check {
    let kind = spec.choice("type", &["Dedicate", "Logical"])?;
    let Some(kind) = kind else { return Err(bad("spec.type is required")) };
    match kind {
        "Logical" => check_logical(spec, world)?,
        _ => check_dedicate(spec, world, now)?,
    }
    check_entries(spec, kind == "Logical", rules)?;
    if let Some(driver) = spec.object("driver", DRIVER)? {
        check_driver(&driver, &flavors_of(spec)?)?;
    }
    spec.texts("jobFlavors")?;
    for master in spec.objects("masters", &["az"])? {
        master.need_text("az")?;
    }
    spec.text("clusterFlavor")?;
    spec.boolean("ipv6enable")?;
    if let Some(network) = spec.object("containerNetwork", &["cidr"])? {
        check_cidr(&network, "cidr")?;
    }
    check_cidr(spec, "kubernetesSvcIpRange")
}

fn check_cidr(object: &Object<'_>, key: &str) -> Check {
    match object.text(key)? {
        Some(text) if cidr(text).is_none() => {
            Err(bad(format!("{} is not an IPv4 block", object.at(key))))
        }
        _ => Ok(()),
    }
}

fn check_logical(spec: &Object<'_>, world: &World) -> Check {
    let forbidden = [
        "network",
        "scope",
        "masters",
        "driver",
        "containerNetwork",
        "kubernetesSvcIpRange",
        "clusterFlavor",
        "clusters",
        "userLogin",
        "ipv6enable",
    ];
    spec.without(&forbidden, "is not allowed for a logical pool")?;
    match spec.text("parent")? {
        Some(id) if !world.pools.iter().any(|pool| pool.id == id && pool.deleting.is_none()) => {
            Err(bad(format!("parent pool {id} not found")))
        }
        _ => Ok(()),
    }
}

fn check_dedicate(spec: &Object<'_>, world: &World, now: i64) -> Check {
    spec.without(&["parent"], "is only allowed for a logical pool")?;
    if !spec.has("network") {
        return Err(bad("spec.network is required"));
    }
    let network = spec.need_object("network", &["name", "vpcId", "subnetId"])?;
    check_user_login(spec)?;
    match (network.has("name"), network.has("vpcId") || network.has("subnetId")) {
        (true, false) => {
            spec.without(&["clusters"], "is only allowed for a privileged pool")?;
            check_network(network.need_text("name")?, world, now)?;
            check_scope(spec)
        }
        (false, true) => check_privileged(spec, &network),
        _ => Err(bad("spec.network needs either name, or vpcId and subnetId")),
    }
}

fn check_network(name: &str, world: &World, now: i64) -> Check {
    let network = world.networks.iter().find(|network| network.id == name);
    match network {
        None => Err(bad(format!("network {name} does not exist"))),
        Some(network) if network.deleting.is_some() || network.phase(now) != "Active" => {
            Err(bad(format!("network {name} is not Active")))
        }
        Some(_) => Ok(()),
    }
}

/// Checks the job types of a pool that must have some.
pub(super) fn check_scope(spec: &Object<'_>) -> Check {
    let scope = spec.texts("scope")?.unwrap_or_default();
    if scope.is_empty() {
        return Err(bad("spec.scope needs at least one of Train, Infer, Notebook"));
    }
    match scope.iter().find(|name| !["Train", "Infer", "Notebook"].contains(name)) {
        Some(name) => Err(bad(format!("spec.scope does not know {name}"))),
        None => Ok(()),
    }
}

fn check_privileged(spec: &Object<'_>, network: &Object<'_>) -> Check {
    network.need_text("vpcId")?;
    network.need_text("subnetId")?;
    spec.without(&["scope"], "is not allowed for a privileged pool")?;
    for key in ["clusters", "userLogin"] {
        if !spec.has(key) {
            return Err(bad(format!("spec.{key} is required for a privileged pool")));
        }
    }
    let clusters = spec.objects("clusters", &["name", "providerId"])?;
    if clusters.is_empty() {
        return Err(bad("spec.clusters must not be empty"));
    }
    for cluster in clusters {
        cluster.need_text("providerId")?;
        cluster.text("name")?;
    }
    Ok(())
}

fn check_user_login(spec: &Object<'_>) -> Check {
    let Some(login) = spec.object("userLogin", &["keyPairName", "password"])? else {
        return Ok(());
    };
    if login.has("keyPairName") == login.has("password") {
        return Err(bad("spec.userLogin needs exactly one of keyPairName and password"));
    }
    let key = if login.has("password") { "password" } else { "keyPairName" };
    login.need_text(key).map(drop)
}

pub(super) const DRIVER: &[&str] = &["gpuVersion", "npuVersion", "updateStrategy"];

/// Checks a driver against the cards of the flavors.
pub(super) fn check_driver(driver: &Object<'_>, flavors: &[&str]) -> Check {
    driver.choice("updateStrategy", &["force", "idle"])?;
    for (key, card) in [("gpuVersion", "gpu"), ("npuVersion", "npu")] {
        if !driver.has(key) {
            continue;
        }
        driver.need_text(key)?;
        let cards = flavors.iter().filter_map(|name| flavor::find(name)?.card.as_ref());
        if !cards.into_iter().any(|found| found.kind == card) {
            return Err(bad(format!("{} needs a flavor with a {card}", driver.at(key))));
        }
    }
    Ok(())
}

/// Lists the flavors that `spec.resources` names.
pub(super) fn flavors_of<'a>(spec: &Object<'a>) -> Check<Vec<&'a str>> {
    let entries = spec.need_list("resources")?;
    Ok(entries.iter().filter_map(|entry| entry.get("flavor")?.as_str()).collect())
}
