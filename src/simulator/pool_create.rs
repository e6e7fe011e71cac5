//! Creates pools.

use serde_json::{Value, json};

use super::{
    access::{DOMAIN_ID, DOMAIN_NAME, PROJECT_ID},
    answer::{Answer, Check},
    call::Call,
    digest::tag,
    flavor,
    layout::{Timing, fill_entry, rebuild, sold_out},
    order::{self, Work},
    pool_rules::{BILLING, NAME, SHARING, WORKSPACE, check_create},
    pool_view::{order_counts, view},
    world::{Driver, Leaving, Moment, Pool, Scope, World, entry, set_entry, timestamp},
};

pub(super) fn create(world: &mut World, call: &Call<'_>) -> Check<Answer> {
    let body = call.json()?;
    check_create(&body, world, call.scenario(), call.now)?;
    let name = entry(&body, "labels", NAME).to_owned();
    if world.pools.iter().any(|pool| pool.label(NAME) == name) {
        return Err(Answer::error(409, "50015000", "Pool already exists."));
    }
    if call.scenario().rules.pool_quota.is_some_and(|quota| world.pools.len() >= quota) {
        return Err(Answer::error(
            400,
            "0118",
            "QuotaInsufficient: the quota of pools is used up.",
        ));
    }
    let mut pool = accept(world, call, body, &name);
    let order = Work {
        operation: "apply",
        begins: pool.picked_up,
        ends: None,
        failure: None,
        partial: false,
        init: json!([]),
        wanted: order_counts(&pool.resources()),
    };
    order::open(world, call, &mut pool, order);
    if let Some(from) = pool.released {
        begin(world, call, &mut pool, from);
    }
    let answer = Answer::ok(view(world, &pool, call.now));
    world.pools.push(pool.into());
    Ok(answer)
}

fn accept(world: &mut World, call: &Call<'_>, body: Value, name: &str) -> Pool {
    let durations = &call.scenario().durations;
    let number = world.next();
    let picked_up = call.after(durations.pickup);
    let mut pool = Pool {
        id: format!("{name}-{PROJECT_ID}"),
        object: body,
        created: call.now,
        picked_up,
        ..Pool::default()
    };
    fill_metadata(&mut pool, number);
    fill_spec(&mut pool, call);
    pool.released = match waits_for(&pool, call) {
        Some(span) => call.later(picked_up, span),
        None => picked_up,
    };
    pool
}

/// Returns how long the pool waits for a person, if it does.
fn waits_for(pool: &Pool, call: &Call<'_>) -> Option<super::span::Span> {
    let durations = &call.scenario().durations;
    let paid = matches!(pool.annotation("os.modelarts/auto.pay"), "true" | "1")
        || !pool.annotation("os.modelarts/order.id").is_empty();
    if pool.is_prepaid() && !paid {
        return Some(durations.payment);
    }
    (pool.is_logical() && call.scenario().rules.approval).then_some(durations.approval)
}

fn fill_metadata(pool: &mut Pool, number: u64) {
    let id = pool.id.clone();
    let name = pool.label(NAME).to_owned();
    let resource = format!("maos-{name}-{}", tag(&format!("resource {id} {number}")));
    let flavors: serde_json::Map<String, Value> = pool
        .resources()
        .iter()
        .filter_map(|entry| entry.get("flavor")?.as_str())
        .map(|flavor| {
            let short = flavor.trim_start_matches("modelarts.");
            (flavor.to_owned(), json!(format!("maos.{short}.1976103046")))
        })
        .collect();
    let flavors = Value::Object(flavors).to_string();
    let privileged = pool.spec().pointer("/network/vpcId").is_some();
    let object = &mut pool.object;
    let mut default = |map: &str, key: &str, value: &str, server: bool| {
        if server || entry(object, map, key).is_empty() {
            set_entry(object, map, key, Some(value));
        }
    };
    default("labels", WORKSPACE, "0", false);
    default("labels", "os.modelarts/node.prefix", "", false);
    default("labels", SHARING, "unshared", false);
    default("labels", "os.modelarts/resource.id", &resource, true);
    default("labels", "os.modelarts/tenant.domain.id", DOMAIN_ID, true);
    default("labels", "os.modelarts/tenant.project.id", PROJECT_ID, true);
    default("labels", "os.modelarts.pool/biz", "private", false);
    default("labels", "os.modelarts/create-from", "console", false);
    if privileged {
        default("labels", "os.modelarts/privileged", "true", true);
    }
    default("annotations", BILLING, "0", false);
    default("annotations", "os.modelarts/flavor.resource.ids", &flavors, true);
    default("annotations", "os.modelarts/tenant.domain.name", DOMAIN_NAME, true);
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("name".to_owned(), json!(id));
        metadata.insert("creationTimestamp".to_owned(), json!(timestamp(pool.created)));
    }
}

fn fill_spec(pool: &mut Pool, call: &Call<'_>) {
    let volumes = call.scenario().answers.fill_volumes;
    let entries: Vec<Value> =
        pool.resources().iter().map(|entry| fill_entry(entry, None, volumes)).collect();
    let cards = cards_of(&entries);
    let logical = pool.is_logical();
    let privileged = pool.spec().pointer("/network/vpcId").is_some();
    pool.set_spec("resources", Value::Array(entries));
    let Some(spec) = pool.object.get_mut("spec").and_then(Value::as_object_mut) else { return };
    spec.insert("controlMode".to_owned(), json!(0));
    // The password never comes back.
    let login = spec.get_mut("userLogin").and_then(Value::as_object_mut);
    if login.is_some_and(|login| login.remove("password").is_some()) {
        spec.remove("userLogin");
    }
    for driver in spec.get_mut("driver").and_then(Value::as_object_mut).into_iter() {
        for card in &cards {
            driver.entry(format!("{}Version", card.kind)).or_insert_with(|| json!(card.driver));
        }
    }
    for cluster in spec.get_mut("clusters").and_then(Value::as_array_mut).into_iter().flatten() {
        let id = cluster.get("providerId").and_then(Value::as_str).unwrap_or("").to_owned();
        if let Some(cluster) = cluster.as_object_mut() {
            cluster.entry("name").or_insert_with(|| json!(format!("cluster-{}", tag(&id))));
        }
    }
    if logical {
        return;
    }
    let network = spec.entry("containerNetwork").or_insert_with(|| json!({}));
    if let Some(network) = network.as_object_mut() {
        network.entry("cidr").or_insert_with(|| json!("172.16.0.0/16"));
        network.insert("mode".to_owned(), json!("vpc-router"));
    }
    spec.entry("kubernetesSvcIpRange").or_insert_with(|| json!("10.247.0.0/16"));
    spec.entry("ipv6enable").or_insert_with(|| json!(false));
    if !privileged {
        spec.entry("clusterFlavor").or_insert_with(|| json!("cce.s2.small"));
    }
}

fn cards_of(entries: &[Value]) -> Vec<&'static flavor::Card> {
    let mut cards: Vec<&flavor::Card> = entries
        .iter()
        .filter_map(|entry| flavor::find(entry.get("flavor")?.as_str()?)?.card.as_ref())
        .collect();
    cards.sort_by_key(|card| card.kind);
    cards.dedup_by_key(|card| card.kind);
    cards
}

/// Plans the creation itself, from the moment at which nobody is waited for any more.
pub(super) fn begin(world: &mut World, call: &Call<'_>, pool: &mut Pool, from: i64) {
    let durations = &call.scenario().durations;
    let failure = call.live.failure("creation", &call.scenario().outcomes.creation_failed);
    pool.failure = failure.map(|failure| failure.message.clone());
    pool.failure =
        pool.failure.take().or_else(|| sold_out(&pool.resources(), &call.scenario().offer));
    pool.released = Some(from);
    pool.running = call.later(Some(from), durations.create);
    let running = pool.running;
    let nodes_end = call.later(running, durations.nodes);
    if !pool.is_logical() {
        let abnormal = abnormal(call, running);
        let failed = pool.failure.is_some();
        rebuild(
            pool,
            &Timing {
                arrive: &|index, total| {
                    let at = between(running, nodes_end, index, total);
                    (Some(from), if failed { None } else { at })
                },
                leave: Leaving { from: None, gone: None },
                abnormal,
                failing: None,
            },
        );
        plan_scopes(pool, call, running);
        plan_drivers(pool, call, running);
    }
    let ends = if pool.is_logical() || pool.failure.is_some() { running } else { nodes_end };
    let ends = call.later(ends, durations.order);
    let id = pool.id.clone();
    if let Some(order) = world.orders.iter_mut().rfind(|order| order.pool == id) {
        order.begins = Some(from);
        order.ends = ends;
        order.failure = pool.failure.clone();
    }
    order::list_nodes(world, pool);
}

/// Returns the moment at which one of several nodes arrives: the first at the start, the last at
/// the end.
pub(super) fn between(start: Moment, end: Moment, index: usize, total: usize) -> Moment {
    let (start, end) = (start?, end?);
    let steps = i64::try_from(total.saturating_sub(1).max(1)).unwrap_or(1);
    let step = i64::try_from(if total == 1 { 1 } else { index }).unwrap_or(0);
    Some(start + (end - start) * step / steps)
}

/// Returns how many new nodes turn out abnormal, and until when.
pub(super) fn abnormal(call: &Call<'_>, from: Moment) -> (u32, Moment) {
    match &call.scenario().outcomes.abnormal_nodes {
        Some(nodes) if call.live.take("abnormal", nodes.times) => {
            (nodes.count, call.later(from, nodes.recover))
        }
        _ => (0, None),
    }
}

fn plan_scopes(pool: &mut Pool, call: &Call<'_>, from: Moment) {
    let until = call.later(from, call.scenario().durations.scope);
    let names = super::world::list(pool.spec().get("scope"));
    let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
    let failure = call.live.failure("enable", &call.scenario().outcomes.enable_failed);
    pool.scopes = names
        .iter()
        .enumerate()
        .map(|(index, name)| Scope {
            name: (*name).to_owned(),
            enabling: true,
            until,
            // The last job type is the one that fails.
            failure: failure.filter(|_| index + 1 == names.len()).map(|f| f.message.clone()),
        })
        .collect();
}

fn plan_drivers(pool: &mut Pool, call: &Call<'_>, from: Moment) {
    let until = call.later(from, call.scenario().durations.driver);
    let driver = |card: &&flavor::Card| {
        let asked = pool.spec().pointer(&format!("/driver/{}Version", card.kind));
        let version = asked.and_then(Value::as_str).unwrap_or(card.driver);
        Driver { card: card.kind.to_owned(), version: version.to_owned(), upgrading: false, until }
    };
    pool.drivers = cards_of(&pool.resources()).iter().map(driver).collect();
}
