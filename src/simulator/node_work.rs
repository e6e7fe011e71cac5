//! Work on the nodes of a pool: `batch-...` (API reference, nodes).

use serde_json::{Value, json};

use super::{
    answer::{Answer, Check, bad},
    call::Call,
    check::Object,
    job,
    node::shows,
    node_state::{Drain, Meanwhile, Work},
    pool_find::find,
    pool_resize::remove_nodes,
    scenario::{FailingNodes, RollingConfig},
    world::{Illness, Node, World},
};

/// The most nodes that one request drains.
const MOST_DRAINED: usize = 10;

/// Carries out one of the batches.
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
    if action == "batch-drain" && names.len() > MOST_DRAINED {
        return Err(bad(format!("{key} must not have more than {MOST_DRAINED} names")));
    }
    check_nodes(world, call, index, &names)?;
    match action {
        "batch-delete" => {
            check_unlocked(world, index, &names)?;
            remove_nodes(world, call, index, &names)?;
            Ok(Answer::ok(json!({})))
        }
        "batch-reboot" => {
            let job = begin(world, call, (id, index, action), &names, names.len());
            match call.scenario().answers.reboot_without_job {
                true => Ok(Answer::ok(json!({ "nodeNames": names }))),
                false => Ok(Answer::ok(json!({ "nodeNames": names, "job_id": job }))),
            }
        }
        "batch-reset" => {
            let at_once = check_reset(&body, call.scenario().rules.rolling_config, names.len())?;
            let job = begin(world, call, (id, index, action), &names, at_once);
            Ok(Answer::ok(json!({ "job_id": job })))
        }
        "batch-drain" => {
            drain(world, call, index, &names);
            Ok(Answer::ok(Value::Null))
        }
        _ => lock(world, call, &body, index, &names, action == "batch-lock"),
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

/// Checks how nodes are to be set up anew. Returns how many of them at a time.
fn check_reset(body: &Object<'_>, rule: RollingConfig, total: usize) -> Check<usize> {
    let fields = ["os", "name", "imageId", "imageType", "runtime"];
    if let Some(config) = body.object("nodeConfig", &fields)? {
        for key in ["name", "imageId", "imageType", "runtime"] {
            config.text(key)?;
        }
    }
    match rule {
        RollingConfig::Refused => body.without(&["rollingConfig"], "is not supported here")?,
        RollingConfig::Optional if !body.has("rollingConfig") => {}
        RollingConfig::Optional | RollingConfig::Required => {
            let rolling = body.need_object("rollingConfig", &["strategy", "maxUnavailable"])?;
            let strategy = rolling.need_text("strategy")?;
            rolling.choice("strategy", &["RollingByNumber", "RollingByPercent"])?;
            let most = rolling.need_integer("maxUnavailable")?;
            let Ok(most @ 1..) = usize::try_from(most) else {
                return Err(bad(format!("{} must be at least 1", rolling.at("maxUnavailable"))));
            };
            let by_percent = strategy == "RollingByPercent";
            return Ok(if by_percent { total.saturating_mul(most) / 100 } else { most });
        }
    }
    Ok(total)
}

fn check_unlocked(world: &World, index: usize, names: &[&str]) -> Check {
    let mut nodes = world.pools.get(index).into_iter().flat_map(|pool| &pool.nodes);
    match nodes.find(|node| node.locked && names.contains(&node.name.as_str())) {
        Some(node) => Err(bad(format!("node {} is locked", node.name))),
        None => Ok(()),
    }
}

/// Returns the names among those of a request whose work fails, and how.
fn failing<'a, 'b>(
    call: &'a Call<'_>,
    what: &'static str,
    outcome: &'a Option<FailingNodes>,
    names: &[&'b str],
) -> Option<(&'a FailingNodes, Vec<&'b str>)> {
    let outcome = outcome.as_ref()?;
    let hit: Vec<&str> = outcome.among(names);
    (!hit.is_empty() && call.live.take(what, outcome.times)).then_some((outcome, hit))
}

/// Gives every named node something, by its place in the request.
fn each(world: &mut World, index: usize, names: &[&str], give: impl Fn(&mut Node, usize)) {
    for node in world.pools.get_mut(index).into_iter().flat_map(|pool| &mut pool.nodes) {
        if let Some(place) = names.iter().position(|name| *name == node.name) {
            give(node, place);
        }
    }
}

/// Begins a reboot or reset, so many nodes at a time, and returns the ID of its job.
fn begin(
    world: &mut World,
    call: &Call<'_>,
    (id, index, action): (&str, usize, &str),
    names: &[&str],
    at_once: usize,
) -> String {
    let durations = &call.scenario().durations;
    // The moments between the rounds.
    let mut moments = vec![call.after(durations.pickup)];
    for _ in names.chunks(at_once.max(1)) {
        let last = moments.last().copied().flatten();
        moments.push(call.later(last, durations.node_job));
    }
    let failure = failing(call, "node job", &call.scenario().outcomes.node_job_failed, names);
    let fails = |name: &str| failure.as_ref().is_some_and(|(_, hit)| hit.contains(&name));
    let phase = match action {
        "batch-reset" => Meanwhile::Creating,
        _ => Meanwhile::Checking,
    };
    each(world, index, names, |node, place| {
        let round = place / at_once.max(1);
        let moment = |round: usize| moments.get(round).copied().flatten();
        let from = moment(round);
        if node.phase(call.now) == Some("Abnormal") {
            node.abnormal = Some(Illness { until: from });
        }
        let fails = fails(&node.name);
        node.work = Some(Work { phase, from, until: moment(round + 1), fails });
    });
    let message = failure.as_ref().map(|(outcome, hit)| outcome.told(hit));
    let ends = moments.last().copied().flatten();
    job::begin(world, call, (id, action), names, (ends, message))
}

fn drain(world: &mut World, call: &Call<'_>, index: usize, names: &[&str]) {
    let durations = &call.scenario().durations;
    let from = call.after(durations.pickup);
    let until = call.later(from, durations.node_drain);
    let failure = failing(call, "drain", &call.scenario().outcomes.drain_failed, names);
    each(world, index, names, |node, _| {
        let failure = failure.as_ref().filter(|(_, hit)| hit.contains(&node.name.as_str()));
        let stuck = failure.is_some_and(|(outcome, _)| outcome.stuck);
        let until = until.filter(|_| !stuck);
        let before = node.drain.as_ref().and_then(|drain| drain.state(call.now));
        let before = before.map(str::to_owned);
        node.drain = Some(Drain { before, from, until, fails: failure.is_some() });
    });
}

fn lock(
    world: &mut World,
    call: &Call<'_>,
    body: &Object<'_>,
    index: usize,
    names: &[&str],
    locked: bool,
) -> Check<Answer> {
    if body.texts("actions")?.unwrap_or_default() != ["delete"] {
        return Err(bad("actions must be [\"delete\"]"));
    }
    let failure = failing(call, "lock", &call.scenario().outcomes.lock_failed, names);
    let fails = |name: &str| failure.as_ref().is_some_and(|(_, hit)| hit.contains(&name));
    each(world, index, names, |node, _| {
        if !fails(&node.name) {
            node.locked = locked;
        }
    });
    let nodes: Vec<Value> = match call.scenario().answers.lock_names {
        true => names.iter().filter(|name| !fails(name)).map(|name| json!(name)).collect(),
        false => {
            let status = |name: &str| if fails(name) { "failed" } else { "success" };
            names.iter().map(|name| json!({ "name": name, "status": status(name) })).collect()
        }
    };
    Ok(Answer::ok(json!({ "nodes": nodes })))
}
