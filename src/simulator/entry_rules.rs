//! What an entry of `spec.resources` must look like (API reference, resources of a create request).

use serde_json::Value;

use super::{
    answer::{Check, bad},
    check::{Object, is_name},
    flavor::{self, Flavor},
    scenario::{Rules, ZoneSums},
};

/// The most tags of a pool.
pub(super) const MOST_TAGS: usize = 20;

const ENTRY: &[&str] = &[
    "flavor",
    "count",
    "maxCount",
    "azs",
    "nodePool",
    "extendParams",
    "os",
    "tags",
    "labels",
    "taints",
    "network",
    "creatingStep",
    "rootVolume",
    "dataVolumes",
    "volumeGroupConfigs",
    "driver",
];

/// Tells entries apart: flavor, node pool (the default one where none is named), creating step.
pub(super) fn identity(entry: &Value) -> (String, String, String) {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    let flavor = text("flavor");
    let node_pool = match text("nodePool") {
        name if name.is_empty() => default_node_pool(&flavor),
        name => name,
    };
    let step = entry.get("creatingStep").map(Value::to_string).unwrap_or_default();
    (flavor, node_pool, step)
}

pub(super) fn default_node_pool(flavor: &str) -> String {
    format!("{flavor}-default")
}

/// Checks the list of entries.
pub(super) fn check_entries(spec: &Object<'_>, logical: bool, rules: &Rules) -> Check {
    if spec.need_list("resources")?.is_empty() {
        return Err(bad("spec.resources needs at least one entry"));
    }
    let mut seen = Vec::new();
    let mut arch = None;
    let entries = spec.objects("resources", ENTRY)?;
    for (entry, raw) in entries.iter().zip(spec.need_list("resources")?) {
        let flavor = check_entry(entry, logical, rules)?;
        let identity = identity(raw);
        if seen.contains(&identity) {
            return Err(bad(format!("{} is there twice", entry.at("flavor"))));
        }
        seen.push(identity);
        if *arch.get_or_insert(flavor.arch) != flavor.arch {
            return Err(bad("all flavors of a pool must have the same CPU architecture"));
        }
        check_volumes(entry)?;
    }
    Ok(())
}

fn check_entry(entry: &Object<'_>, logical: bool, rules: &Rules) -> Check<&'static Flavor> {
    let name = entry.need_text("flavor")?;
    let Some(flavor) = flavor::find(name) else {
        return Err(bad(format!("flavor {name} not found")));
    };
    let count = entry.need_integer("count")?;
    if count < 1 {
        return Err(bad("count must greater than 1"));
    }
    if count > flavor.most_nodes() {
        return Err(bad(format!("count must not be more than {}", flavor.most_nodes())));
    }
    check_max_count(entry, count, logical)?;
    let sum = check_zones(entry, flavor)?;
    if sum.is_some_and(|sum| sum != count) && rules.zone_sums == ZoneSums::Checked {
        let sum = sum.unwrap_or_default();
        return Err(bad(format!("{} add up to {sum}, count is {count}", entry.at("azs"))));
    }
    check_node_pool(entry, name)?;
    check_step(entry, count, flavor)?;
    check_node_settings(entry)?;
    check_extend_params(entry)?;
    Ok(flavor)
}

fn check_max_count(entry: &Object<'_>, count: i64, logical: bool) -> Check {
    match entry.integer("maxCount")? {
        Some(max) if max < count => Err(bad("maxCount must not be less than count")),
        Some(max) if max > count && !logical => {
            Err(bad("pool does not support maxCount more than count now"))
        }
        _ => Ok(()),
    }
}

/// Checks the zones and returns the sum of their counts; `None` where none is given.
fn check_zones(entry: &Object<'_>, flavor: &Flavor) -> Check<Option<i64>> {
    let zones = entry.objects("azs", &["az", "count"])?;
    let mut sum = 0;
    let mut seen = Vec::new();
    for zone in &zones {
        let name = zone.need_text("az")?;
        if !flavor.has_zone(name) {
            return Err(bad(format!("flavor {} is not in zone {name}", flavor.name)));
        }
        if seen.contains(&name) {
            return Err(bad(format!("zone {name} is there twice")));
        }
        seen.push(name);
        let here = zone.need_integer("count")?;
        if !(1..=2000).contains(&here) {
            return Err(bad(format!("{} must be 1 to 2000", zone.at("count"))));
        }
        sum += here;
    }
    Ok((!zones.is_empty()).then_some(sum))
}

fn check_node_pool(entry: &Object<'_>, flavor: &str) -> Check {
    let Some(name) = entry.text("nodePool")? else { return Ok(()) };
    let own = is_name(name, 1..=50) && !name.ends_with("-default");
    if own || name == default_node_pool(flavor) {
        return Ok(());
    }
    Err(bad("invalid nodepool name"))
}

fn check_step(entry: &Object<'_>, count: i64, flavor: &Flavor) -> Check {
    let Some(creating) = entry.object("creatingStep", &["step", "type"])? else { return Ok(()) };
    let step = creating.need_integer("step")?;
    let kind = creating.need_text("type")?;
    creating.choice("type", &["hyperinstance", "rack"])?;
    let offered = flavor.steps.iter().any(|(offered, name)| (*offered, *name) == (step, kind));
    if !offered {
        return Err(bad(format!("flavor {} does not offer step {step}", flavor.name)));
    }
    match count % step {
        0 => Ok(()),
        _ => Err(bad(format!("{} must be a multiple of {step}", entry.at("count")))),
    }
}

fn check_node_settings(entry: &Object<'_>) -> Check {
    if let Some(os) = entry.object("os", &["name", "imageId", "imageType", "autoMatch"])? {
        for key in ["name", "imageId", "autoMatch"] {
            os.text(key)?;
        }
        os.choice("imageType", &["", "private"])?;
    }
    check_tags(entry)?;
    entry.text_map("labels")?;
    for taint in entry.objects("taints", &["key", "value", "effect"])? {
        taint.need_text("key")?;
        taint.text("value")?;
        taint.need_text("effect")?;
        taint.choice("effect", &["NoSchedule", "PreferNoSchedule", "NoExecute"])?;
    }
    if let Some(network) = entry.object("network", &["vpc", "subnet", "securityGroups"])? {
        network.text("vpc")?;
        network.text("subnet")?;
        network.texts("securityGroups")?;
    }
    if let Some(driver) = entry.object("driver", &["version", "updateStrategy"])? {
        driver.need_text("version")?;
        driver.choice("updateStrategy", &["force", "idle"])?;
    }
    Ok(())
}

/// Checks a list of tags, wherever it stands.
pub(super) fn check_tags(object: &Object<'_>) -> Check {
    let tags = object.objects("tags", &["key", "value"])?;
    if tags.len() > MOST_TAGS {
        return Err(bad(format!("{} has more than {MOST_TAGS} tags", object.at("tags"))));
    }
    for tag in tags {
        let key = tag.need_text("key")?;
        tag.text("value")?;
        if key.starts_with("CCE-") || key.starts_with("__type_baremetal") {
            return Err(bad(format!("{} is reserved", tag.at("key"))));
        }
    }
    Ok(())
}

fn check_extend_params(entry: &Object<'_>) -> Check {
    let params = entry.text_map("extendParams")?;
    let wrong = |key: &str| Err(bad(format!("{} is not valid", entry.at(key))));
    if let Some(size) = params.get("dockerBaseSize")
        && size.parse::<u32>().is_err()
    {
        return wrong("extendParams.dockerBaseSize");
    }
    if let Some(runtime) = params.get("runtime")
        && !["docker", "containerd"].contains(runtime)
    {
        return wrong("extendParams.runtime");
    }
    for key in ["label", "taint", "tag"].map(|kind| format!("{kind}PolicyOnExistingNodes")) {
        if let Some(policy) = params.get(key.as_str())
            && !["refresh", "ignore"].contains(policy)
        {
            return wrong(&format!("extendParams.{key}"));
        }
    }
    Ok(())
}

fn check_volumes(entry: &Object<'_>) -> Check {
    if let Some(root) = entry.object("rootVolume", &["volumeType", "size", "extendParams"])? {
        check_volume(&root)?;
    }
    let mut groups = Vec::new();
    for volume in entry.objects("dataVolumes", &["volumeType", "size", "count", "extendParams"])? {
        check_volume(&volume)?;
        if volume.integer("count")?.is_some_and(|count| count < 1) {
            return Err(bad(format!("{} must be at least 1", volume.at("count"))));
        }
        let params = volume.text_map("extendParams")?;
        let Some(group) = params.get("volumeGroup") else {
            return Err(bad(format!("{} is required", volume.at("extendParams.volumeGroup"))));
        };
        groups.push(*group);
    }
    let configured = check_groups(entry)?;
    match groups.iter().find(|group| !configured.contains(group)) {
        Some(group) => {
            Err(bad(format!("{} has no entry for {group}", entry.at("volumeGroupConfigs"))))
        }
        None => Ok(()),
    }
}

fn check_volume(volume: &Object<'_>) -> Check {
    volume.need_text("volumeType")?;
    volume.choice("volumeType", &["SSD", "GPSSD", "SAS", "SATA"])?;
    let size = volume.need_text("size")?;
    match size.strip_suffix("Gi").unwrap_or(size).parse::<u32>() {
        Ok(gib) if gib > 0 => Ok(()),
        _ => Err(bad(format!("{} is not a size such as 100Gi", volume.at("size")))),
    }
}

fn check_groups<'a>(entry: &Object<'a>) -> Check<Vec<&'a str>> {
    let fields = ["volumeGroup", "dockerThinPool", "lvmConfig", "types"];
    let mut names = Vec::new();
    for group in entry.objects("volumeGroupConfigs", &fields)? {
        let name = group.need_text("volumeGroup")?;
        if let Some(percent) = group.integer("dockerThinPool")?
            && (name != "vgpaas" || !(0..=100).contains(&percent))
        {
            return Err(bad(format!("{} is a percentage of vgpaas", group.at("dockerThinPool"))));
        }
        if let Some(lvm) = group.object("lvmConfig", &["lvType", "path"])? {
            lvm.need_text("lvType")?;
            lvm.choice("lvType", &["linear", "striped"])?;
            if lvm.text("path")?.is_some_and(|path| !path.starts_with('/')) {
                return Err(bad(format!("{} must be absolute", lvm.at("path"))));
            }
        }
        for kind in group.texts("types")?.unwrap_or_default() {
            if !["volume", "local"].contains(&kind) {
                return Err(bad(format!("{} does not know {kind}", group.at("types"))));
            }
        }
        names.push(name);
    }
    Ok(names)
}
