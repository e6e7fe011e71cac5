//! Which nodes a pool has: filling in entries, spreading nodes over zones, adding and removing.

use serde_json::{Value, json};

use super::{
    digest::{id32, tag},
    entry_rules::{default_node_pool, identity},
    flavor,
    scenario::Offer,
    world::{Illness, Leaving, Moment, Node, Pool, list},
};

/// Fills an entry of `spec.resources` in, as the service does. On a patch, `previous` is the
/// entry that the pool had.
pub(super) fn fill_entry(entry: &Value, previous: Option<&Value>, volumes: bool) -> Value {
    let mut entry = entry.clone();
    let Some(map) = entry.as_object_mut() else { return entry };
    let flavor = map.get("flavor").and_then(Value::as_str).unwrap_or("").to_owned();
    let count = map.get("count").and_then(Value::as_u64).unwrap_or(0);
    map.entry("maxCount").or_insert_with(|| json!(count));
    map.entry("nodePool").or_insert_with(|| json!(default_node_pool(&flavor)));
    if list(map.get("azs")).is_empty() {
        map.insert("azs".to_owned(), spread(&flavor, count, previous));
    }
    let params = map.entry("extendParams").or_insert_with(|| json!({}));
    if let Some(params) = params.as_object_mut() {
        params.entry("dockerBaseSize").or_insert_with(|| json!("50"));
        params.entry("runtime").or_insert_with(|| json!("containerd"));
    }
    let os = map.entry("os").or_insert_with(|| json!({}));
    if let Some(os) = os.as_object_mut() {
        let wanted = os.remove("autoMatch").unwrap_or_else(|| json!("EulerOS 2.10"));
        os.entry("name").or_insert(wanted);
        os.entry("imageId").or_insert_with(|| json!(id32(&flavor)));
        os.entry("imageType").or_insert_with(|| json!(""));
    }
    for volume in map.get_mut("dataVolumes").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(volume) = volume.as_object_mut() {
            volume.entry("count").or_insert_with(|| json!(1));
        }
    }
    if volumes {
        let root = || json!({ "volumeType": "SSD", "size": "50Gi" });
        map.entry("rootVolume").or_insert_with(root);
    }
    entry
}

/// Puts nodes into zones, beginning with those that the entry had.
fn spread(flavor: &str, count: u64, previous: Option<&Value>) -> Value {
    let mut zones: Vec<(String, u64)> = list(previous.and_then(|entry| entry.get("azs")))
        .iter()
        .filter_map(|zone| {
            Some((zone.get("az")?.as_str()?.to_owned(), zone.get("count")?.as_u64()?))
        })
        .collect();
    for zone in flavor::find(flavor).map(flavor::Flavor::automatic_zones).unwrap_or_default() {
        if !zones.iter().any(|(name, _)| name == zone) {
            zones.push((zone.to_owned(), 0));
        }
    }
    let mut sum: u64 = zones.iter().map(|(_, count)| *count).sum();
    while sum < count {
        let Some((_, least)) = zones.iter_mut().min_by_key(|(_, count)| *count) else { break };
        *least += 1;
        sum += 1;
    }
    while sum > count {
        let Some((_, most)) = zones.iter_mut().rev().max_by_key(|(_, count)| *count) else { break };
        *most = most.saturating_sub(1);
        sum -= 1;
    }
    let used = zones.iter().filter(|(_, count)| *count > 0);
    used.map(|(az, count)| json!({ "az": az, "count": count })).collect()
}

/// Makes an entry whose count was changed by hand consistent: zones and `maxCount` follow.
pub(super) fn adjust_entry(entry: &Value) -> Value {
    let count = entry.get("count").and_then(Value::as_u64).unwrap_or(0).min(10_000);
    let zones = list(entry.get("azs"));
    let sum: u64 = zones.iter().filter_map(|zone| zone.get("count")?.as_u64()).sum();
    let mut entry = entry.clone();
    if sum != count
        && let Some(map) = entry.as_object_mut()
    {
        let flavor = map.get("flavor").and_then(Value::as_str).unwrap_or("").to_owned();
        let previous = Value::Object(map.clone());
        map.insert("azs".to_owned(), spread(&flavor, count, Some(&previous)));
        map.insert("maxCount".to_owned(), json!(count));
    }
    entry
}

/// Returns the zones of an entry that have no nodes to give.
pub(super) fn sold_out(entries: &[Value], offer: &Offer) -> Option<String> {
    entries.iter().find_map(|entry| {
        let name = entry.get("flavor")?.as_str()?;
        let flavor = flavor::find(name)?;
        let zones = list(entry.get("azs"));
        let zone = zones
            .iter()
            .filter_map(|zone| zone.get("az")?.as_str())
            .find(|zone| !flavor.can_be_had(zone, offer))?;
        Some(format!("insufficient resources: flavor {name} is sold out in {zone}"))
    })
}

/// Says when nodes come and go.
pub(super) struct Timing<'a> {
    /// Gives the moments at which the node with an index out of a number of new nodes is created
    /// and available.
    pub(super) arrive: &'a dyn Fn(usize, usize) -> (Moment, Moment),
    pub(super) leave: Leaving,
    /// How many of the last new nodes are abnormal, and until when.
    pub(super) abnormal: (u32, Moment),
    /// How many of the new nodes stay when the work fails; `None` when it does not fail.
    pub(super) failing: Option<u32>,
}

/// Adds and removes nodes until the pool has what `spec.resources` says.
pub(super) fn rebuild(pool: &mut Pool, timing: &Timing<'_>) {
    let wanted = wanted_places(&pool.resources());
    let mut free: Vec<usize> =
        (0..pool.nodes.len()).filter(|i| pool.nodes.get(*i).is_some_and(Node::stays)).collect();
    let mut missing = Vec::new();
    for place in wanted {
        // Old and locked nodes are kept first.
        let here = |i: &usize| pool.nodes.get(*i).is_some_and(|node| place.holds(node));
        let locked = |i: &usize| pool.nodes.get(*i).is_some_and(|node| node.locked);
        let position = free.iter().position(|i| here(i) && locked(i));
        match position.or_else(|| free.iter().position(here)) {
            Some(position) => drop(free.remove(position)),
            None => missing.push(place),
        }
    }
    for index in free {
        if let Some(node) = pool.nodes.get_mut(index) {
            node.leaving = Some(timing.leave);
        }
    }
    let total = missing.len();
    for (index, place) in missing.into_iter().enumerate() {
        let node = new_node(pool, place, timing, index, total);
        pool.nodes.push(node);
    }
}

/// Returns the zones of an entry with counts that add up, also where those of the entry do not.
fn fitting_zones(entry: &Value) -> Vec<Value> {
    let zones = list(entry.get("azs"));
    let sum: u64 = zones.iter().filter_map(|zone| zone.get("count")?.as_u64()).sum();
    match entry.get("count").and_then(Value::as_u64) {
        Some(count) if count != sum => {
            let flavor = entry.get("flavor").and_then(Value::as_str).unwrap_or("");
            list(Some(&spread(flavor, count, Some(entry))))
        }
        _ => zones,
    }
}

/// Is the place of one node.
#[derive(Clone)]
struct Place {
    flavor: String,
    node_pool: String,
    step: Value,
    az: String,
}

impl Place {
    fn holds(&self, node: &Node) -> bool {
        node.flavor == self.flavor
            && node.node_pool == self.node_pool
            && node.step == self.step
            && node.az == self.az
    }
}

fn wanted_places(entries: &[Value]) -> Vec<Place> {
    let mut places = Vec::new();
    for entry in entries {
        let (flavor, node_pool, _) = identity(entry);
        let step = entry.get("creatingStep").cloned().unwrap_or_default();
        for zone in fitting_zones(entry) {
            let az = zone.get("az").and_then(Value::as_str).unwrap_or("").to_owned();
            let count = zone.get("count").and_then(Value::as_u64).unwrap_or(0);
            let place = Place {
                flavor: flavor.clone(),
                node_pool: node_pool.clone(),
                step: step.clone(),
                az,
            };
            places.extend((0..count).map(|_| place.clone()));
        }
    }
    places
}

fn new_node(
    pool: &mut Pool,
    place: Place,
    timing: &Timing<'_>,
    index: usize,
    total: usize,
) -> Node {
    pool.next_node += 1;
    let (created, available) = (timing.arrive)(index, total);
    let (sick, until) = timing.abnormal;
    let is_sick = total - index <= sick as usize;
    Node {
        name: format!("os-node-created-{}", tag(&format!("{} {}", pool.id, pool.next_node))),
        flavor: place.flavor,
        node_pool: place.node_pool,
        step: place.step,
        az: place.az,
        address: pool.next_node,
        created,
        available,
        abnormal: is_sick.then_some(Illness { until }),
        leaving: None,
        locked: false,
        work: None,
        drain: None,
        doomed: timing.failing.is_some_and(|stays| index >= stays as usize),
    }
}

/// Writes `spec.resources` down again from the nodes that stay, where nodes went by themselves.
pub(super) fn shrink_entries(entries: &[Value], nodes: &[&Node]) -> Vec<Value> {
    let mut left = Vec::new();
    for entry in entries {
        let (flavor, node_pool, _) = identity(entry);
        let step = entry.get("creatingStep").cloned().unwrap_or_default();
        let mut zones: Vec<(String, u64)> = Vec::new();
        for node in nodes {
            if node.flavor != flavor || node.node_pool != node_pool || node.step != step {
                continue;
            }
            match zones.iter_mut().find(|(az, _)| *az == node.az) {
                Some((_, count)) => *count += 1,
                None => zones.push((node.az.clone(), 1)),
            }
        }
        let count: u64 = zones.iter().map(|(_, count)| *count).sum();
        if count == 0 {
            continue;
        }
        let mut entry = entry.clone();
        if let Some(map) = entry.as_object_mut() {
            map.insert("count".to_owned(), json!(count));
            map.insert("maxCount".to_owned(), json!(count));
            let zone = |(az, count): &(String, u64)| json!({ "az": az, "count": count });
            map.insert("azs".to_owned(), zones.iter().map(zone).collect());
        }
        left.push(entry);
    }
    left
}
