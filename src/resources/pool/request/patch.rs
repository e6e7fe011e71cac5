//! The requests that change a pool in place.

use serde_json::Value as Json;

use crate::modelarts::pool::{PatchPool, Pool};
use crate::modelarts::{Object, labels};

use super::super::identity::{EntryId, Wanted};
use super::super::spec::{Billing, DriverSpec, PatchableSpec, PoolKind};
use super::entries::resources;
use super::{driver, typed_annotations};

/// One request of an update.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchStep {
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
    pub before: &'a PatchableSpec,
    /// What is wanted.
    pub after: &'a PatchableSpec,
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
pub fn patches(change: Change<'_>, live: &Pool) -> Result<Vec<PatchStep>, Conflict> {
    let Change { before, after, .. } = change;
    let mut steps = Vec::new();
    steps.extend(workspace(before, after, live));
    let mut main = PatchStep::new("change the pool");
    metadata(before, after, live, &mut main.patch);
    scope(before, after, live, &mut main);
    job_flavors(before, after, live, &mut main);
    drivers(before, after, live, &mut main);
    let shrink = resources(change, live, &mut main)?;
    if !main.patch.is_empty() {
        steps.push(main);
    }
    steps.extend(shrink);
    Ok(steps)
}

fn scope(before: &PatchableSpec, after: &PatchableSpec, live: &Pool, step: &mut PatchStep) {
    if let Some(scope) = &after.scope
        && before.scope.as_ref() != Some(scope)
        && sorted(live.spec.scope.as_deref()) != *scope
    {
        step.patch.spec.scope = Some(scope.clone());
        (step.lasting, step.needs_running) = (true, true);
    }
}

fn job_flavors(before: &PatchableSpec, after: &PatchableSpec, live: &Pool, step: &mut PatchStep) {
    let wanted = after.job_flavors.clone().unwrap_or_default();
    if before.job_flavors != after.job_flavors && sorted(live.spec.job_flavors.as_deref()) != wanted
    {
        step.patch.spec.job_flavors = Some(wanted);
    }
}

/// Drivers that are taken out are removed with null, as everything is by a
/// merge patch.
fn drivers(before: &PatchableSpec, after: &PatchableSpec, live: &Pool, step: &mut PatchStep) {
    if before.driver == after.driver {
        return;
    }
    match &after.driver {
        None if live.spec.driver.is_some() => step.patch.spec.driver = Some(None),
        Some(wanted) if *wanted != DriverSpec::default() && driver_differs(wanted, live) => {
            step.patch.spec.driver = Some(Some(driver(wanted)));
        }
        _ => return,
    }
    (step.lasting, step.needs_running) = (true, true);
}

impl PatchStep {
    pub(super) fn new(what: &'static str) -> Self {
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

    pub(super) fn lasting(mut self) -> Self {
        (self.lasting, self.needs_running) = (true, true);
        self
    }
}

fn sorted(names: Option<&[String]>) -> Vec<String> {
    let mut names = names.unwrap_or_default().to_vec();
    names.sort();
    names
}

fn workspace(before: &PatchableSpec, after: &PatchableSpec, live: &Pool) -> Option<PatchStep> {
    let wanted = after.workspace_id.as_ref()?;
    if before.workspace_id.as_ref() == Some(wanted) || live.workspace_id() == Some(wanted) {
        return None;
    }
    let mut step = PatchStep::new("move the pool to another workspace").lasting();
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
fn metadata(before: &PatchableSpec, after: &PatchableSpec, live: &Pool, patch: &mut PatchPool) {
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

/// Says whether two states of a pool ask the service for the same: the order of
/// entries means nothing to it, nor does an empty text in place of none.
pub fn asks_the_same(before: &PatchableSpec, after: &PatchableSpec) -> bool {
    let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let sorted = |spec: &PatchableSpec| {
        let mut spec = PatchableSpec {
            description: text(&spec.description),
            scheduler_extension: text(&spec.scheduler_extension),
            order_id: text(&spec.order_id),
            ..spec.clone()
        };
        spec.resources.sort_by_cached_key(EntryId::of);
        spec
    };
    sorted(before) == sorted(after)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modelarts::pool::ResourceEntry;
    use crate::resources::pool::spec::Billing;
    use serde_json::json;

    fn spec(entries: &[(&str, Option<&str>, i64)]) -> PatchableSpec {
        PatchableSpec {
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
            ..PatchableSpec::default()
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

    fn steps(
        before: &PatchableSpec,
        after: &PatchableSpec,
        live: &Pool,
    ) -> Result<Vec<PatchStep>, Conflict> {
        let billing = Billing::default();
        patches(Change { before, after, kind: PoolKind::Dedicate, billing: &billing }, live)
    }

    fn bodies(
        prior: &PatchableSpec,
        planned: &PatchableSpec,
        live: &Pool,
    ) -> Vec<serde_json::Value> {
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
        let annotations = pool.metadata.annotations.get_or_insert_default();
        annotations.insert(labels::DESCRIPTION.to_owned(), "old".to_owned());
        annotations.insert("team".to_owned(), "a".to_owned());
        assert_eq!(
            bodies(&prior, &planned, &pool),
            vec![json!({ "metadata": { "annotations": {
                "os.modelarts/description": "", "team": null } } })]
        );
    }
}
