//! Whether a pool is there yet: pure functions of what the service says.
//!
//! The rules combine what the API's documents say about phases, job types,
//! node counts and drivers (API reference, state machine, "ready").

use crate::modelarts::Object;
use crate::modelarts::pool::{CountEntry, Phase, Pool, ResourceEntry};
use crate::resources::lifecycle::{self, OLD_VERDICT, Readiness};
use crate::wait::Deadline;

use super::identity::{self, EntryId, Wanted};
use super::spec::{PoolKind, WaitFor};

/// What is waited for.
#[derive(Debug, Clone)]
pub struct Goal {
    /// How far.
    pub level: WaitFor,
    /// Node counts that the pool must have taken over before its status means
    /// anything: the old status may still show for a while after a change.
    pub counts: Vec<(Wanted, i64)>,
    /// Entries that must be gone from the pool's specification.
    pub removed: Vec<EntryId>,
    /// The workspace that the pool must be in.
    pub workspace_id: Option<String>,
    /// Until then, a `ScalingFailed` is what the pool showed before the change
    /// and not yet the verdict on it.
    pub old_verdict_until: Option<Deadline>,
}

impl Goal {
    /// A goal about the pool as it is, without a change to look for.
    pub fn of_level(level: WaitFor) -> Self {
        Self {
            level,
            counts: Vec::new(),
            removed: Vec::new(),
            workspace_id: None,
            old_verdict_until: None,
        }
    }

    /// Says how far a pool is.
    fn readiness(&self, pool: &Pool) -> Readiness {
        if self.level == WaitFor::Accepted {
            return Readiness::Ready;
        }
        match self.phase(pool) {
            Readiness::Ready => {}
            other => return other,
        }
        if let Some(pending) = self.taken_over(pool) {
            return Readiness::Pending(pending);
        }
        if self.level == WaitFor::Running { Readiness::Ready } else { parts(pool) }
    }

    fn phase(&self, pool: &Pool) -> Readiness {
        let phase = pool.phase();
        let reason = pool.status.message.as_deref().filter(|text| !text.is_empty());
        let because = reason.map(|text| format!(": {text}")).unwrap_or_default();
        match phase {
            Phase::Running => Readiness::Ready,
            Phase::Waiting => Readiness::NeedsPerson(format!("phase is Waiting{because}")),
            Phase::ScalingFailed if self.is_old_verdict() => {
                Readiness::Pending(format!("phase is still ScalingFailed{because}"))
            }
            Phase::Error | Phase::CreationFailed | Phase::ScalingFailed | Phase::Deleting => {
                Readiness::Failed(format!("phase is {phase}{because}"))
            }
            Phase::Absent => Readiness::Pending("no phase yet".to_owned()),
            Phase::Creating | Phase::Abnormal | Phase::Unknown(_) => {
                Readiness::Pending(format!("phase is {phase}{because}{}", nodes(pool)))
            }
        }
    }

    fn is_old_verdict(&self) -> bool {
        self.old_verdict_until.is_some_and(|until| !until.has_passed())
    }

    fn taken_over(&self, pool: &Pool) -> Option<String> {
        let find = |id: &EntryId| pool.spec.resources.iter().find(|e| EntryId::of(e) == *id);
        let wanted: Vec<_> = self.counts.iter().map(|(wanted, _)| wanted.clone()).collect();
        let found = identity::align(&wanted, &pool.spec.resources);
        for ((wanted, count), at) in self.counts.iter().zip(found) {
            let seen = at.and_then(|at| pool.spec.resources.get(at)).map(|entry| entry.count);
            if seen != Some(*count) {
                let seen = seen.map_or_else(|| "no".to_owned(), |n| n.to_string());
                return Some(format!(
                    "the service still wants {seen} nodes of {} instead of {count}",
                    wanted.id
                ));
            }
        }
        if let Some(id) = self.removed.iter().find(|id| find(id).is_some()) {
            return Some(format!("{id} is still part of the pool"));
        }
        let workspace = self.workspace_id.as_deref()?;
        // An answer without the label does not say where the pool is.
        let elsewhere = pool.workspace_id().is_some_and(|shown| shown != workspace);
        elsewhere.then(|| format!("the pool is not in workspace {workspace} yet"))
    }
}

impl lifecycle::Goal<Pool> for Goal {
    fn check(&self, pool: &Pool) -> Readiness {
        self.readiness(pool)
    }

    fn is_acceptance(&self) -> bool {
        self.level == WaitFor::Accepted
    }

    fn in_between(&self, before: &Pool) -> Self {
        // The verdict on an earlier change may show for a while.
        let failing = before.phase() == Phase::ScalingFailed;
        let old_verdict_until = failing.then(|| Deadline::after(OLD_VERDICT));
        Self { level: WaitFor::Ready, old_verdict_until, ..self.clone() }
    }
}

/// Says whether a pool is ready in full, whatever an apply waits for.
pub fn is_ready(pool: &Pool) -> bool {
    lifecycle::Goal::check(&Goal::of_level(WaitFor::Ready), pool) == Readiness::Ready
}

/// Node counts for a message: ` (3 of 4 nodes ready)`.
pub fn nodes(pool: &Pool) -> String {
    let wanted = node_count(pool);
    if wanted == 0 {
        return String::new();
    }
    format!(" ({} of {wanted} nodes ready)", total(&pool.status.resources.available))
}

/// Number of nodes that a pool should have.
pub fn node_count(pool: &Pool) -> i64 {
    pool.spec.resources.iter().map(|entry| entry.count).fold(0, i64::saturating_add)
}

/// Number of nodes in a status list.
pub fn total(entries: &[CountEntry]) -> i64 {
    entries.iter().map(|entry| entry.count).fold(0, i64::saturating_add)
}

fn parts(pool: &Pool) -> Readiness {
    let logical = PoolKind::read(pool.spec.kind.as_deref()) == PoolKind::Logical;
    if !logical {
        match scopes(pool) {
            Readiness::Ready => {}
            other => return other,
        }
        if let Some(pending) = missing_nodes(pool) {
            return Readiness::Pending(pending);
        }
    }
    drivers(pool).map_or(Readiness::Ready, Readiness::Pending)
}

fn scopes(pool: &Pool) -> Readiness {
    for scope in pool.spec.scope.iter().flatten() {
        let status = pool.status.scope.iter().find(|s| s.scope_type.as_deref() == Some(scope));
        let state = status.and_then(|s| s.state.as_deref()).unwrap_or_default();
        match state {
            "Enabled" => {}
            "EnableFailed" => {
                let message =
                    status.and_then(|s| s.message.as_deref()).unwrap_or("no reason given");
                return Readiness::Failed(format!(
                    "job type {scope} could not be enabled: {message}"
                ));
            }
            "" => return Readiness::Pending(format!("job type {scope} has no state yet")),
            other => return Readiness::Pending(format!("job type {scope} is {other}")),
        }
    }
    Readiness::Ready
}

fn missing_nodes(pool: &Pool) -> Option<String> {
    let counts = &pool.status.resources;
    let (creating, deleting, abnormal) =
        (total(&counts.creating), total(&counts.deleting), total(&counts.abnormal));
    if creating > 0 {
        return Some(format!("{creating} nodes are being created{}", nodes(pool)));
    }
    if deleting > 0 {
        return Some(format!("{deleting} nodes are being deleted{}", nodes(pool)));
    }
    let short = pool.spec.resources.iter().any(|entry| available(pool, entry) < entry.count);
    let missing = total(&counts.available) < node_count(pool) || short;
    match (missing, abnormal) {
        (false, _) => None,
        (true, 0) => Some(format!("nodes are missing{}", nodes(pool))),
        (true, n) => Some(format!("{n} nodes are abnormal{}", nodes(pool))),
    }
}

/// Nodes ready for an entry. A status entry that names no node pool counts for
/// every entry of its flavor that stands alone.
fn available(pool: &Pool, entry: &ResourceEntry) -> i64 {
    let alone =
        pool.spec.resources.iter().filter(|other| other.flavor == entry.flavor).count() == 1;
    let id = EntryId::of(entry);
    let status_id = |status: &CountEntry| {
        let step = status.creating_step.as_ref();
        let id =
            EntryId::new(status.flavor.as_deref().unwrap_or_default(), status.node_pool.as_deref());
        id.stepping(step.and_then(|step| step.step), step.and_then(|step| step.kind.as_deref()))
    };
    pool.status
        .resources
        .available
        .iter()
        .filter(|status| {
            let flavor = status.flavor.as_deref().unwrap_or_default();
            flavor == entry.flavor && (alone || status_id(status) == id)
        })
        .map(|status| status.count)
        .fold(0, i64::saturating_add)
}

fn drivers(pool: &Pool) -> Option<String> {
    let wanted = pool.spec.driver.as_ref()?;
    let status = pool.status.driver.as_ref();
    let all = [
        ("GPU", &wanted.gpu_version, status.and_then(|s| s.gpu.as_ref())),
        ("NPU", &wanted.npu_version, status.and_then(|s| s.npu.as_ref())),
    ];
    for (name, version, state) in all {
        let Some(version) = version.as_deref().filter(|version| !version.is_empty()) else {
            continue;
        };
        let running = state.is_some_and(|driver| {
            driver.state.as_deref() == Some("Running")
                && driver.version.as_deref().is_none_or(|shown| shown == version)
        });
        if !running {
            let state = state.and_then(|driver| driver.state.as_deref()).unwrap_or("not there yet");
            return Some(format!("the {name} driver {version} is {state}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::lifecycle::Goal as _;

    fn pool(json: serde_json::Value) -> Pool {
        serde_json::from_value(json).unwrap()
    }

    fn running() -> serde_json::Value {
        serde_json::json!({
            "metadata": { "name": "p-1", "labels": { "os.modelarts/workspace.id": "0" } },
            "spec": {
                "type": "Dedicate",
                "scope": ["Train"],
                "resources": [{ "flavor": "cpu", "count": 2, "nodePool": "cpu-default" }],
            },
            "status": {
                "phase": "Running",
                "scope": [{ "scopeType": "Train", "state": "Enabled" }],
                "resources": { "available": [{ "flavor": "cpu", "count": 2 }] },
            },
        })
    }

    fn changed(pointer: &str, value: serde_json::Value) -> Pool {
        let mut json = running();
        *json.pointer_mut(pointer).unwrap() = value;
        pool(json)
    }

    fn check(pool: &Pool) -> Readiness {
        Goal::of_level(WaitFor::Ready).check(pool)
    }

    #[test]
    fn a_running_pool_with_all_nodes_and_job_types_is_ready() {
        assert_eq!(check(&pool(running())), Readiness::Ready);
    }

    #[test]
    fn a_running_pool_is_not_ready_while_something_is_missing() {
        let cases = [
            ("/status/phase", serde_json::json!("Creating"), "phase is Creating"),
            ("/status/phase", serde_json::json!(null), "no phase"),
            ("/status/phase", serde_json::json!("Mending"), "phase is Mending"),
            ("/status/scope/0/state", serde_json::json!("Enabling"), "Train is Enabling"),
            ("/status/scope", serde_json::json!([]), "no state yet"),
            ("/status/resources/available/0/count", serde_json::json!(1), "1 of 2 nodes ready"),
            (
                "/status/resources",
                serde_json::json!({ "available": [{ "flavor": "cpu", "count": 2 }],
                    "creating": [{ "flavor": "cpu", "count": 1 }] }),
                "being created",
            ),
            (
                "/status/resources",
                serde_json::json!({ "available": [{ "flavor": "cpu", "count": 2 }],
                    "deleting": [{ "flavor": "cpu", "count": 1 }] }),
                "being deleted",
            ),
            (
                "/status/resources",
                serde_json::json!({ "available": [{ "flavor": "cpu", "count": 1 }],
                    "abnormal": [{ "flavor": "cpu", "count": 1 }] }),
                "abnormal",
            ),
        ];
        for (pointer, value, words) in cases {
            match check(&changed(pointer, value)) {
                Readiness::Pending(text) => assert!(text.contains(words), "{text} lacks {words}"),
                other => panic!("{pointer}: {other:?}"),
            }
        }
    }

    #[test]
    fn terminal_phases_and_failed_job_types_fail_with_the_reason() {
        for phase in ["Error", "CreationFailed", "ScalingFailed", "Deleting"] {
            let seen = changed("/status/phase", serde_json::json!(phase));
            assert!(matches!(check(&seen), Readiness::Failed(_)), "{phase}");
        }
        let failed = serde_json::json!([{ "scopeType": "Train", "state": "EnableFailed", "message": "no quota" }]);
        match check(&changed("/status/scope", failed)) {
            Readiness::Failed(reason) => assert!(reason.contains("no quota")),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_unpaid_or_unapproved_pool_needs_a_person() {
        let seen = changed("/status/phase", serde_json::json!("Waiting"));
        assert!(matches!(check(&seen), Readiness::NeedsPerson(_)));
    }

    #[test]
    fn a_requested_driver_has_to_run_in_its_version() {
        let mut json = running();
        json["spec"]["driver"] = serde_json::json!({ "gpuVersion": "440.33" });
        assert!(matches!(check(&pool(json.clone())), Readiness::Pending(_)));
        json["status"]["driver"] =
            serde_json::json!({ "gpu": { "version": "440.33", "state": "Upgrading" } });
        assert!(matches!(check(&pool(json.clone())), Readiness::Pending(_)));
        json["status"]["driver"]["gpu"]["state"] = "Running".into();
        assert_eq!(check(&pool(json)), Readiness::Ready);
    }

    #[test]
    fn a_logical_pool_is_ready_without_nodes_and_job_types_of_its_own() {
        let logical = pool(serde_json::json!({
            "spec": { "type": "Logical", "resources": [{ "flavor": "cpu", "count": 2 }] },
            "status": { "phase": "Running" },
        }));
        assert_eq!(check(&logical), Readiness::Ready);
    }

    #[test]
    fn the_old_status_after_a_change_is_not_taken_for_the_new_one() {
        let mut goal = Goal::of_level(WaitFor::Ready);
        goal.counts = vec![(
            Wanted { id: EntryId::new("cpu", None), any_node_pool: true, is_known: true },
            3,
        )];
        assert!(matches!(goal.check(&pool(running())), Readiness::Pending(_)));
    }

    #[test]
    fn waiting_for_running_looks_at_the_phase_alone() {
        let seen = changed("/status/scope/0/state", serde_json::json!("Enabling"));
        assert_eq!(Goal::of_level(WaitFor::Running).check(&seen), Readiness::Ready);
        let creating = changed("/status/phase", serde_json::json!("Creating"));
        assert_eq!(Goal::of_level(WaitFor::Accepted).check(&creating), Readiness::Ready);
    }
}
