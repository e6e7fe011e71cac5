//! What we ask the service for.

use crate::modelarts::keys;
use crate::modelarts::pool::{
    AzCount, CreatePool, Driver, NetworkRef, PatchPool, Pool, PoolSpec as WireSpec, ResourceEntry,
};

use super::identity::{self, EntryId};
use super::spec::{DriverSpec, EntrySpec, PoolKind, PoolSpec};

/// The create request: labels, annotations and fields are sent only where the
/// user set them.
pub fn create(spec: &PoolSpec) -> CreatePool {
    let mut labels = spec.labels.clone();
    let mut label = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            labels.insert(key.to_owned(), value.clone());
        }
    };
    label(keys::NAME, &Some(spec.name.clone()));
    label(keys::WORKSPACE_ID, &spec.workspace_id);
    label(keys::NODE_PREFIX, &spec.node_prefix);
    label(keys::SHARING, &spec.sharing);
    let mut annotations = spec.annotations.clone();
    for (key, value) in [
        (keys::DESCRIPTION, &spec.description),
        (keys::SCHEDULER_EXTENSION, &spec.scheduler_extension),
    ] {
        if let Some(value) = value {
            annotations.insert(key.to_owned(), value.clone());
        }
    }
    CreatePool {
        labels,
        annotations,
        spec: WireSpec {
            kind: Some(spec.kind.as_str().to_owned()),
            scope: spec.scope.clone(),
            resources: spec.resources.iter().map(entry).collect(),
            parent: spec.parent.clone(),
            network: spec
                .network
                .clone()
                .map(|name| NetworkRef { name: Some(name), ..NetworkRef::default() }),
            driver: spec.driver.as_ref().map(driver),
            ..WireSpec::default()
        },
    }
}

fn entry(spec: &EntrySpec) -> ResourceEntry {
    ResourceEntry {
        flavor: spec.flavor.clone(),
        count: spec.count,
        max_count: spec.max_count,
        azs: spec.azs.clone(),
        node_pool: spec.node_pool.clone(),
        ..ResourceEntry::default()
    }
}

fn driver(spec: &DriverSpec) -> Driver {
    Driver {
        gpu_version: spec.gpu_version.clone(),
        npu_version: spec.npu_version.clone(),
        update_strategy: spec.update_strategy.clone(),
    }
}

/// One request of an update.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it does, for messages.
    pub what: &'static str,
    /// The request.
    pub patch: PatchPool,
    /// Node counts that the pool must show afterwards.
    pub counts: Vec<(EntryId, i64)>,
    /// Entries that must be gone afterwards.
    pub removed: Vec<EntryId>,
    /// Workspace that the pool must be in afterwards.
    pub workspace_id: Option<String>,
    /// Whether it is in effect only some time after it was accepted.
    pub lasting: bool,
    /// Whether the service takes it only while the pool runs undisturbed.
    pub needs_running: bool,
}

/// Why an update cannot be asked for: the pool changed since the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict(pub EntryId);

/// The requests that turn a pool from `prior` into `planned`.
///
/// They are computed from the live pool: what the user did not touch is sent
/// as it is, so that a request never undoes what the plan did not show. The
/// workspace moves in a request of its own; growing and shrinking are two
/// requests (API reference, patch pool).
///
/// # Errors
/// [`Conflict`] when an entry that the user changed no longer exists.
pub fn update(prior: &PoolSpec, planned: &PoolSpec, live: &Pool) -> Result<Vec<Step>, Conflict> {
    let mut steps = Vec::new();
    steps.extend(workspace(prior, planned, live));
    let mut main = Step {
        what: "change the pool",
        patch: PatchPool::default(),
        counts: Vec::new(),
        removed: Vec::new(),
        workspace_id: None,
        lasting: false,
        needs_running: false,
    };
    metadata(prior, planned, live, &mut main.patch);
    if planned.scope.is_some() && prior.scope != planned.scope && scope_differs(planned, live) {
        main.patch.spec.scope.clone_from(&planned.scope);
        (main.lasting, main.needs_running) = (true, true);
    }
    if let Some(wanted) = &planned.driver
        && prior.driver.as_ref() != Some(wanted)
        && *wanted != DriverSpec::default()
        && driver_differs(wanted, live)
    {
        main.patch.spec.driver = Some(driver(wanted));
        (main.lasting, main.needs_running) = (true, true);
    }
    let shrink = resources(prior, planned, live, &mut main)?;
    if !main.patch.is_empty() {
        steps.push(main);
    }
    steps.extend(shrink);
    Ok(steps)
}

fn workspace(prior: &PoolSpec, planned: &PoolSpec, live: &Pool) -> Option<Step> {
    let wanted = planned.workspace_id.as_ref()?;
    if prior.workspace_id.as_ref() == Some(wanted) || live.workspace_id() == Some(wanted) {
        return None;
    }
    let mut patch = PatchPool::default();
    patch.labels.insert(keys::WORKSPACE_ID.to_owned(), Some(wanted.clone()));
    Some(Step {
        what: "move the pool to another workspace",
        patch,
        counts: Vec::new(),
        removed: Vec::new(),
        workspace_id: Some(wanted.clone()),
        lasting: true,
        needs_running: true,
    })
}

/// The update strategy is never read back, and says nothing without a version.
fn driver_differs(wanted: &DriverSpec, live: &Pool) -> bool {
    let shown = live.spec.driver.clone().unwrap_or_default();
    let differs =
        |wanted: &Option<String>, shown: &Option<String>| wanted.is_some() && wanted != shown;
    differs(&wanted.gpu_version, &shown.gpu_version)
        || differs(&wanted.npu_version, &shown.npu_version)
}

fn scope_differs(planned: &PoolSpec, live: &Pool) -> bool {
    let mut shown = live.spec.scope.clone().unwrap_or_default();
    shown.sort();
    planned.scope.as_ref() != Some(&shown)
}

/// What the pool shows already is not sent again.
fn metadata(prior: &PoolSpec, planned: &PoolSpec, live: &Pool, patch: &mut PatchPool) {
    if planned.sharing.is_some()
        && prior.sharing != planned.sharing
        && live.label(keys::SHARING) != planned.sharing.as_deref()
    {
        patch.labels.insert(keys::SHARING.to_owned(), planned.sharing.clone());
    }
    // A typed annotation is cleared with an empty text, a free one with null.
    for (key, before, after) in [
        (keys::DESCRIPTION, &prior.description, &planned.description),
        (keys::SCHEDULER_EXTENSION, &prior.scheduler_extension, &planned.scheduler_extension),
    ] {
        let shown = live.annotation(key).unwrap_or_default();
        if before != after && shown != after.as_deref().unwrap_or_default() {
            patch.annotations.insert(key.to_owned(), Some(after.clone().unwrap_or_default()));
        }
    }
    for (key, value) in &planned.annotations {
        if prior.annotations.get(key) != Some(value) && live.annotation(key) != Some(value) {
            patch.annotations.insert(key.clone(), Some(value.clone()));
        }
    }
    for key in prior.annotations.keys() {
        if !planned.annotations.contains_key(key) && live.annotation(key).is_some() {
            patch.annotations.insert(key.clone(), None);
        }
    }
}

/// Puts the entries into `main`; the shrinking half comes back as a step of
/// its own when there is a growing half too.
fn resources(
    prior: &PoolSpec,
    planned: &PoolSpec,
    live: &Pool,
    main: &mut Step,
) -> Result<Option<Step>, Conflict> {
    let mut grown = Vec::new();
    let mut last = Vec::new();
    let (mut growing, mut shrinking) = (false, false);
    let (mut counts, mut removed) = (Vec::new(), Vec::new());
    let wanted = align(&planned.resources, &live.spec.resources);
    let known = align(&prior.resources, &live.spec.resources);
    for (index, entry) in live.spec.resources.iter().enumerate() {
        let id = EntryId::of(entry);
        let before = at(&known, &prior.resources, index);
        let Some(after) = at(&wanted, &planned.resources, index) else {
            grown.push(entry.clone());
            if before.is_some() {
                shrinking = true;
                removed.push(id);
            } else {
                last.push(entry.clone());
            }
            continue;
        };
        let changed = change(entry, before, after, planned.kind);
        counts.push((id, changed.count));
        shrinking |= changed.count < entry.count;
        growing |= changed.count > entry.count;
        grown.push(if changed.count < entry.count { entry.clone() } else { changed.clone() });
        last.push(changed);
    }
    for (missing, _) in planned.resources.iter().zip(&wanted).filter(|(_, at)| at.is_none()) {
        let id = missing.id();
        match prior.entry(&id) {
            // Somebody took it out since the plan; the next plan shows that.
            Some(before) if before == missing => {}
            Some(_) => return Err(Conflict(id)),
            None => {
                growing = true;
                grown.push(entry(missing));
                last.push(entry(missing));
                counts.push((id, missing.count));
            }
        }
    }
    if last == live.spec.resources {
        return Ok(None);
    }
    (main.lasting, main.needs_running) = (true, true);
    if growing && shrinking {
        main.counts = grown.iter().map(|entry| (EntryId::of(entry), entry.count)).collect();
        main.what = "grow the pool";
        main.patch.spec.resources = Some(grown);
        let mut patch = PatchPool::default();
        patch.spec.resources = Some(last);
        return Ok(Some(Step {
            what: "shrink the pool",
            patch,
            counts,
            removed,
            workspace_id: None,
            lasting: true,
            needs_running: true,
        }));
    }
    main.counts = counts;
    main.removed = removed;
    main.patch.spec.resources = Some(last);
    Ok(None)
}

/// Where each of `specs` is among the live entries.
fn align(specs: &[EntrySpec], live: &[ResourceEntry]) -> Vec<Option<usize>> {
    let wanted: Vec<_> = specs.iter().map(|spec| (spec.id(), spec.node_pool.is_none())).collect();
    identity::align(&wanted, live)
}

/// The one of `specs` that is aligned with a live entry.
fn at<'a>(
    aligned: &[Option<usize>],
    specs: &'a [EntrySpec],
    index: usize,
) -> Option<&'a EntrySpec> {
    aligned.iter().position(|at| *at == Some(index)).and_then(|position| specs.get(position))
}

/// The live entry with what the user changed.
fn change(
    live: &ResourceEntry,
    before: Option<&EntrySpec>,
    after: &EntrySpec,
    kind: PoolKind,
) -> ResourceEntry {
    let mut entry = live.clone();
    if before.map(|spec| spec.count) != Some(after.count) {
        entry.count = after.count;
    }
    let user_max = after.max_count.filter(|max| before.and_then(|b| b.max_count) != Some(*max));
    if let Some(max) = user_max {
        entry.max_count = Some(max);
    } else if entry.count != live.count {
        // The service fills it in; it has to move along with the count.
        entry.max_count = live.max_count.map(|max| match kind {
            PoolKind::Dedicate => entry.count,
            PoolKind::Logical => max.max(entry.count),
        });
    }
    match &after.azs {
        Some(azs) if before.and_then(|spec| spec.azs.as_ref()) != Some(azs) => {
            entry.azs = Some(azs.clone());
        }
        // Zones that the service chose for another number of nodes: it chooses anew.
        _ if entry.count != live.count && !adds_up(entry.azs.as_deref(), entry.count) => {
            entry.azs = None;
        }
        _ => {}
    }
    entry
}

fn adds_up(azs: Option<&[AzCount]>, count: i64) -> bool {
    azs.is_none_or(|azs| azs.iter().map(|az| az.count).fold(0, i64::saturating_add) == count)
}

/// Says whether two requests ask for the same; the order of entries follows
/// the answers of the service and means nothing.
pub fn is_same(one: &PatchPool, other: &PatchPool) -> bool {
    let sorted = |patch: &PatchPool| {
        let mut patch = patch.clone();
        if let Some(entries) = &mut patch.spec.resources {
            entries.sort_by_key(EntryId::of);
        }
        patch
    };
    sorted(one) == sorted(other)
}

/// Says whether a pool carries everything that a create request asked for.
pub fn carries(pool: &Pool, request: &CreatePool) -> bool {
    let labels = request.labels.iter().all(|(key, value)| pool.label(key) == Some(value));
    let annotations = request
        .annotations
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .all(|(key, value)| pool.annotation(key) == Some(value));
    let (spec, wanted) = (&pool.spec, &request.spec);
    let entries = wanted.resources.iter().all(|entry| {
        spec.resources
            .iter()
            .any(|e| EntryId::of(e) == EntryId::of(entry) && e.count == entry.count)
    });
    labels
        && annotations
        && spec.kind == wanted.kind
        && wanted
            .network
            .as_ref()
            .is_none_or(|n| spec.network.as_ref().is_some_and(|shown| shown.name == n.name))
        && spec.resources.len() == wanted.resources.len()
        && entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn spec(entries: &[(&str, Option<&str>, i64)]) -> PoolSpec {
        PoolSpec {
            name: "pool-1".to_owned(),
            workspace_id: Some("0".to_owned()),
            node_prefix: None,
            sharing: None,
            labels: Default::default(),
            description: None,
            scheduler_extension: None,
            annotations: Default::default(),
            kind: PoolKind::Dedicate,
            scope: Some(vec!["Train".to_owned()]),
            parent: None,
            network: Some("net-1".to_owned()),
            driver: None,
            resources: entries
                .iter()
                .map(|(flavor, node_pool, count)| EntrySpec {
                    flavor: (*flavor).to_owned(),
                    count: *count,
                    max_count: None,
                    azs: None,
                    node_pool: node_pool.map(str::to_owned),
                })
                .collect(),
        }
    }

    fn live(entries: serde_json::Value) -> Pool {
        serde_json::from_value(json!({
            "metadata": { "name": "p", "labels": { "os.modelarts/workspace.id": "0" } },
            "spec": { "type": "Dedicate", "scope": ["Train"], "resources": entries },
        }))
        .unwrap()
    }

    fn two() -> Pool {
        live(json!([
            { "flavor": "cpu", "count": 2, "maxCount": 2, "nodePool": "cpu-default",
              "azs": [{ "az": "a", "count": 2 }], "extendParams": { "runtime": "containerd" },
              "surprise": 1 },
            { "flavor": "gpu", "count": 3, "maxCount": 3, "nodePool": "gpu-default" },
        ]))
    }

    fn bodies(prior: &PoolSpec, planned: &PoolSpec, live: &Pool) -> Vec<serde_json::Value> {
        let steps = update(prior, planned, live).unwrap();
        steps.iter().map(|step| step.patch.body().unwrap()).collect()
    }

    #[test]
    fn entries_that_nobody_touched_are_sent_as_they_are() {
        let prior = spec(&[("cpu", None, 2), ("gpu", None, 3)]);
        let planned = spec(&[("cpu", None, 2), ("gpu", None, 4)]);
        let sent = bodies(&prior, &planned, &two());
        assert_eq!(
            sent,
            vec![json!({ "spec": { "resources": [
                { "flavor": "cpu", "count": 2, "maxCount": 2, "nodePool": "cpu-default",
                  "azs": [{ "az": "a", "count": 2 }], "extendParams": { "runtime": "containerd" },
                  "surprise": 1 },
                { "flavor": "gpu", "count": 4, "maxCount": 4, "nodePool": "gpu-default" },
            ] } })]
        );
    }

    #[test]
    fn growing_and_shrinking_are_two_requests() {
        let prior = spec(&[("cpu", None, 2), ("gpu", None, 3)]);
        let planned = spec(&[("cpu", None, 1), ("gpu", None, 4)]);
        let sent = bodies(&prior, &planned, &two());
        let counts = |body: &serde_json::Value| {
            body["spec"]["resources"]
                .as_array()
                .unwrap()
                .iter()
                .map(|e| e["count"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(sent.len(), 2);
        assert_eq!(counts(&sent[0]), [json!(2), json!(4)]);
        assert_eq!(counts(&sent[1]), [json!(1), json!(4)]);
    }

    #[test]
    fn zones_that_the_service_chose_are_left_to_it_when_the_count_changes() {
        let prior = spec(&[("cpu", None, 2), ("gpu", None, 3)]);
        let planned = spec(&[("cpu", None, 3), ("gpu", None, 3)]);
        let sent = bodies(&prior, &planned, &two());
        assert!(sent[0]["spec"]["resources"][0].get("azs").is_none());
    }

    #[test]
    fn a_reordering_sends_nothing() {
        let prior = spec(&[("cpu", None, 2), ("gpu", None, 3)]);
        let planned = spec(&[("gpu", None, 3), ("cpu", None, 2)]);
        assert!(bodies(&prior, &planned, &two()).is_empty());
    }

    #[test]
    fn somebody_elses_change_to_another_entry_is_not_undone() {
        let prior = spec(&[("cpu", None, 1), ("gpu", None, 3)]);
        let planned = spec(&[("cpu", None, 1), ("gpu", None, 4)]);
        let sent = bodies(&prior, &planned, &two());
        assert_eq!(sent[0]["spec"]["resources"][0]["count"], 2);
    }

    #[test]
    fn an_entry_that_appeared_since_the_plan_stays() {
        let prior = spec(&[("cpu", None, 2)]);
        let planned = spec(&[("cpu", None, 3)]);
        let sent = bodies(&prior, &planned, &two());
        assert_eq!(sent[0]["spec"]["resources"][1]["flavor"], "gpu");
    }

    #[test]
    fn a_changed_entry_that_is_gone_is_a_conflict() {
        let prior = spec(&[("cpu", None, 2), ("npu", None, 1)]);
        let planned = spec(&[("cpu", None, 2), ("npu", None, 2)]);
        assert_eq!(update(&prior, &planned, &two()), Err(Conflict(EntryId::new("npu", None))));
    }

    #[test]
    fn the_workspace_moves_in_a_request_of_its_own() {
        let prior = spec(&[("cpu", None, 2), ("gpu", None, 3)]);
        let mut planned = prior.clone();
        planned.workspace_id = Some("w".to_owned());
        planned.description = Some("moved".to_owned());
        assert_eq!(
            bodies(&prior, &planned, &two()),
            vec![
                json!({ "metadata": { "labels": { "os.modelarts/workspace.id": "w" } } }),
                json!({ "metadata": { "annotations": { "os.modelarts/description": "moved" } } }),
            ]
        );
    }

    #[test]
    fn a_typed_annotation_is_cleared_with_an_empty_text_and_a_free_one_with_null() {
        let mut prior = spec(&[("cpu", None, 2), ("gpu", None, 3)]);
        prior.description = Some("old".to_owned());
        prior.annotations.insert("team".to_owned(), "a".to_owned());
        let planned = spec(&[("cpu", None, 2), ("gpu", None, 3)]);
        let mut pool = two();
        pool.metadata.annotations.insert(keys::DESCRIPTION.to_owned(), "old".to_owned());
        pool.metadata.annotations.insert("team".to_owned(), "a".to_owned());
        assert_eq!(
            bodies(&prior, &planned, &pool),
            vec![json!({ "metadata": { "annotations": {
                "os.modelarts/description": "", "team": null } } })]
        );
    }

    #[test]
    fn a_create_request_holds_what_the_user_set_and_nothing_else() {
        let wanted = spec(&[("cpu", None, 2)]);
        assert_eq!(
            create(&wanted).body().unwrap(),
            json!({
                "apiVersion": "v2", "kind": "Pool",
                "metadata": { "labels": {
                    "os.modelarts/name": "pool-1", "os.modelarts/workspace.id": "0" } },
                "spec": {
                    "type": "Dedicate", "scope": ["Train"], "network": { "name": "net-1" },
                    "resources": [{ "flavor": "cpu", "count": 2 }],
                },
            })
        );
    }
}
