//! What we ask the service for.

use serde_json::Value as Json;

use crate::modelarts::labels;
use crate::modelarts::pool::{
    Cluster, ContainerNetwork, CreatePool, Driver, Master, PatchPool, Pool, PoolSpec as WireSpec,
    ResourceEntry,
};

use super::billing::Billing;
use super::identity::{self, EntryId, Wanted};
use super::merge::{self, merge};
use super::spec::{Changeable, DriverSpec, PoolKind, PoolSpec};

/// The create request: labels, annotations and fields are sent only where the
/// user set them.
pub fn create(spec: &PoolSpec) -> CreatePool {
    let wanted = &spec.changeable;
    let mut labels = spec.labels.clone();
    let mut label = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            labels.insert(key.to_owned(), value.clone());
        }
    };
    label(labels::NAME, &Some(spec.name.clone()));
    label(labels::WORKSPACE_ID, &wanted.workspace_id);
    label(labels::NODE_PREFIX, &spec.node_prefix);
    label(labels::SHARING, &wanted.sharing);
    let mut annotations = wanted.annotations.clone();
    annotations.extend(spec.billing.annotations());
    for (key, value) in typed_annotations(wanted) {
        if let Some(value) = value {
            annotations.insert(key.to_owned(), value.clone());
        }
    }
    let cluster = |id: &String| Cluster { provider_id: Some(id.clone()), ..Cluster::default() };
    CreatePool {
        labels,
        annotations,
        spec: WireSpec {
            kind: Some(spec.kind.as_str().to_owned()),
            scope: wanted.scope.clone(),
            resources: wanted.resources.clone(),
            parent: spec.parent.clone(),
            network: spec.network.clone(),
            container_network: spec
                .container_cidr
                .clone()
                .map(|cidr| ContainerNetwork { cidr: Some(cidr), mode: None }),
            kubernetes_svc_ip_range: spec.kubernetes_svc_ip_range.clone(),
            masters: spec
                .masters
                .as_ref()
                .map(|zones| zones.iter().map(|az| Master { az: Some(az.clone()) }).collect()),
            cluster_flavor: spec.cluster_flavor.clone(),
            driver: wanted.driver.as_ref().map(driver),
            job_flavors: wanted.job_flavors.clone(),
            user_login: spec.user_login.clone(),
            clusters: spec.clusters.as_ref().map(|ids| ids.iter().map(cluster).collect()),
            // A logical pool has no network to say it of.
            ipv6_enable: spec.ipv6_enable.filter(|on| *on || spec.kind != PoolKind::Logical),
            ..WireSpec::default()
        },
    }
}

/// Annotations that an attribute of their own stands for and that can change.
fn typed_annotations(wanted: &Changeable) -> [(&'static str, &Option<String>); 3] {
    [
        (labels::DESCRIPTION, &wanted.description),
        (labels::SCHEDULER_EXTENSION, &wanted.scheduler_extension),
        (labels::ORDER_ID, &wanted.order_id),
    ]
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
    pub counts: Vec<(Wanted, i64)>,
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

/// A change of a pool in place.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// What was, as far as the user knows.
    pub before: &'a Changeable,
    /// What is wanted.
    pub after: &'a Changeable,
    /// Kind of pool.
    pub kind: PoolKind,
    /// How nodes that are added are paid for.
    pub billing: &'a Billing,
}

/// The requests that carry out a change.
///
/// They are computed from the live pool: what the user did not touch is sent
/// as it is, so that a request never undoes what the plan did not show. The
/// workspace moves in a request of its own; growing and shrinking are two
/// requests (API reference, patch pool).
///
/// # Errors
/// [`Conflict`] when an entry that the user changed no longer exists.
pub fn update(change: Change<'_>, live: &Pool) -> Result<Vec<Step>, Conflict> {
    let Change { before, after, .. } = change;
    let mut steps = Vec::new();
    steps.extend(workspace(before, after, live));
    let mut main = Step::new("change the pool");
    metadata(before, after, live, &mut main.patch);
    if let Some(scope) = &after.scope
        && before.scope.as_ref() != Some(scope)
        && sorted(live.spec.scope.as_deref()) != *scope
    {
        main.patch.spec.scope = Some(scope.clone());
        (main.lasting, main.needs_running) = (true, true);
    }
    if before.job_flavors != after.job_flavors {
        let wanted = after.job_flavors.clone().unwrap_or_default();
        if sorted(live.spec.job_flavors.as_deref()) != wanted {
            main.patch.spec.job_flavors = Some(wanted);
        }
    }
    if let Some(wanted) = &after.driver
        && before.driver.as_ref() != Some(wanted)
        && *wanted != DriverSpec::default()
        && driver_differs(wanted, live)
    {
        main.patch.spec.driver = Some(driver(wanted));
        (main.lasting, main.needs_running) = (true, true);
    }
    let shrink = resources(change, live, &mut main)?;
    if !main.patch.is_empty() {
        steps.push(main);
    }
    steps.extend(shrink);
    Ok(steps)
}

impl Step {
    fn new(what: &'static str) -> Self {
        Self {
            what,
            patch: PatchPool::default(),
            counts: Vec::new(),
            removed: Vec::new(),
            workspace_id: None,
            lasting: false,
            needs_running: false,
        }
    }

    fn lasting(mut self) -> Self {
        (self.lasting, self.needs_running) = (true, true);
        self
    }
}

fn sorted(names: Option<&[String]>) -> Vec<String> {
    let mut names = names.unwrap_or_default().to_vec();
    names.sort();
    names
}

fn workspace(before: &Changeable, after: &Changeable, live: &Pool) -> Option<Step> {
    let wanted = after.workspace_id.as_ref()?;
    if before.workspace_id.as_ref() == Some(wanted) || live.workspace_id() == Some(wanted) {
        return None;
    }
    let mut step = Step::new("move the pool to another workspace").lasting();
    step.patch.labels.insert(labels::WORKSPACE_ID.to_owned(), Some(wanted.clone()));
    step.workspace_id = Some(wanted.clone());
    Some(step)
}

/// The update strategy is never read back, and says nothing without a version.
fn driver_differs(wanted: &DriverSpec, live: &Pool) -> bool {
    let shown = live.spec.driver.clone().unwrap_or_default();
    let differs =
        |wanted: &Option<String>, shown: &Option<String>| wanted.is_some() && wanted != shown;
    differs(&wanted.gpu_version, &shown.gpu_version)
        || differs(&wanted.npu_version, &shown.npu_version)
}

/// What the pool shows already is not sent again.
fn metadata(before: &Changeable, after: &Changeable, live: &Pool, patch: &mut PatchPool) {
    if after.sharing.is_some()
        && before.sharing != after.sharing
        && live.label(labels::SHARING) != after.sharing.as_deref()
    {
        patch.labels.insert(labels::SHARING.to_owned(), after.sharing.clone());
    }
    // A typed annotation is cleared with an empty text, a free one with null.
    let both = typed_annotations(before).into_iter().zip(typed_annotations(after));
    for ((key, before), (_, after)) in both {
        let shown = live.annotation(key).unwrap_or_default();
        if before != after && shown != after.as_deref().unwrap_or_default() {
            patch.annotations.insert(key.to_owned(), Some(after.clone().unwrap_or_default()));
        }
    }
    for (key, value) in &after.annotations {
        if before.annotations.get(key) != Some(value) && live.annotation(key) != Some(value) {
            patch.annotations.insert(key.clone(), Some(value.clone()));
        }
    }
    for key in before.annotations.keys() {
        if !after.annotations.contains_key(key) && live.annotation(key).is_some() {
            patch.annotations.insert(key.clone(), None);
        }
    }
}

/// Puts the entries into `main`; the shrinking half comes back as a step of
/// its own when there is a growing half too.
fn resources(change: Change<'_>, live: &Pool, main: &mut Step) -> Result<Option<Step>, Conflict> {
    let (before, after) = (&change.before.resources, &change.after.resources);
    let mut grown = Vec::new();
    let mut last = Vec::new();
    let (mut growing, mut shrinking, mut changing) = (false, false, false);
    let (mut counts, mut removed) = (Vec::new(), Vec::new());
    let had: Vec<EntryId> = before.iter().map(EntryId::of).collect();
    let wanted = align(after, &had, &live.spec.resources);
    let known = align(before, &had, &live.spec.resources);
    for (index, entry) in live.spec.resources.iter().enumerate() {
        let old = at(&known, before, index);
        let Some(new) = at(&wanted, after, index) else {
            grown.push(entry.clone());
            if old.is_some() {
                shrinking = true;
                removed.push(EntryId::of(entry));
            } else {
                last.push(entry.clone());
            }
            continue;
        };
        let merged = merge(entry, old, new, change.kind);
        changing |= merged.changed;
        let merged = merged.entry;
        counts.push((Wanted::of(entry), merged.count));
        shrinking |= merged.count < entry.count;
        growing |= merged.count > entry.count;
        grown.push(if merged.count < entry.count { entry.clone() } else { merged.clone() });
        last.push(merged);
    }
    for (missing, _) in after.iter().zip(&wanted).filter(|(_, at)| at.is_none()) {
        let id = EntryId::of(missing);
        match before.iter().find(|entry| EntryId::of(entry) == id) {
            // Somebody took it out since the plan; the next plan shows that.
            Some(before) if before == missing => {}
            Some(_) => return Err(Conflict(id)),
            None => {
                growing = true;
                grown.push(missing.clone());
                last.push(missing.clone());
                counts.push((Wanted::of(missing), missing.count));
            }
        }
    }
    if !(growing || shrinking || changing) {
        return Ok(None);
    }
    // An entry that nobody touched may still have settings that the service
    // does not return.
    for entries in [&mut grown, &mut last] {
        let found = align(after, &had, entries);
        for (wanted, at) in after.iter().zip(found) {
            if let Some(entry) = at.and_then(|at| entries.get_mut(at)) {
                merge::restore(entry, wanted);
            }
        }
    }
    if growing && change.billing.prepaid {
        let annotations = change.billing.of_new_nodes().into_iter();
        main.patch.annotations.extend(annotations.map(|(key, value)| (key, Some(value))));
    }
    (main.lasting, main.needs_running) = (true, true);
    if growing && shrinking {
        main.counts = grown.iter().map(|entry| (Wanted::of(entry), entry.count)).collect();
        main.what = "grow the pool";
        main.patch.spec.resources = Some(grown);
        let mut shrink = Step::new("shrink the pool").lasting();
        shrink.patch.spec.resources = Some(last);
        (shrink.counts, shrink.removed) = (counts, removed);
        return Ok(Some(shrink));
    }
    main.counts = counts;
    main.removed = removed;
    main.patch.spec.resources = Some(last);
    Ok(None)
}

/// Where each of `wanted` is among the live entries; `had` are those that the
/// service had before.
fn align(wanted: &[ResourceEntry], had: &[EntryId], live: &[ResourceEntry]) -> Vec<Option<usize>> {
    let maybe = |entry| Wanted::maybe(entry, had.contains(&EntryId::of(entry)));
    let wanted: Vec<_> = wanted.iter().map(maybe).collect();
    identity::align(&wanted, live)
}

/// The one of `wanted` that is aligned with a live entry.
fn at<'a>(
    aligned: &[Option<usize>],
    wanted: &'a [ResourceEntry],
    index: usize,
) -> Option<&'a ResourceEntry> {
    aligned.iter().position(|at| *at == Some(index)).and_then(|position| wanted.get(position))
}

/// Says whether two requests ask for the same. The order of lists follows the
/// answers of the service and means nothing.
pub fn is_same(one: &PatchPool, other: &PatchPool) -> bool {
    let unordered = |patch: &PatchPool| {
        patch.body().ok().map(|mut body| {
            unorder(&mut body);
            body
        })
    };
    unordered(one) == unordered(other)
}

fn unorder(value: &mut Json) {
    match value {
        Json::Array(items) => {
            items.iter_mut().for_each(unorder);
            items.sort_by_cached_key(Json::to_string);
        }
        Json::Object(members) => members.values_mut().for_each(unorder),
        _ => {}
    }
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

    fn spec(entries: &[(&str, Option<&str>, i64)]) -> Changeable {
        Changeable {
            workspace_id: Some("0".to_owned()),
            scope: Some(vec!["Train".to_owned()]),
            resources: entries
                .iter()
                .map(|(flavor, node_pool, count)| ResourceEntry {
                    flavor: (*flavor).to_owned(),
                    count: *count,
                    node_pool: node_pool.map(str::to_owned),
                    ..ResourceEntry::default()
                })
                .collect(),
            ..Changeable::default()
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

    fn steps(before: &Changeable, after: &Changeable, live: &Pool) -> Result<Vec<Step>, Conflict> {
        let billing = Billing::default();
        update(Change { before, after, kind: PoolKind::Dedicate, billing: &billing }, live)
    }

    fn bodies(prior: &Changeable, planned: &Changeable, live: &Pool) -> Vec<serde_json::Value> {
        let steps = steps(prior, planned, live).unwrap();
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
        assert_eq!(steps(&prior, &planned, &two()), Err(Conflict(EntryId::new("npu", None))));
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
        pool.metadata.annotations.insert(labels::DESCRIPTION.to_owned(), "old".to_owned());
        pool.metadata.annotations.insert("team".to_owned(), "a".to_owned());
        assert_eq!(
            bodies(&prior, &planned, &pool),
            vec![json!({ "metadata": { "annotations": {
                "os.modelarts/description": "", "team": null } } })]
        );
    }
}
