//! What is particular about pools in the life of an object.

use crate::modelarts::pool::{Phase, Pool};
use crate::modelarts::{NetworkId, PoolId};
use crate::resources::lifecycle::{Kind, PatchOf, Readiness, RequestOf, Run, SpecOf};
use crate::tf::diagnostics::Diagnostic;
use crate::tf::resource::Outcome;

use super::ready::{self, Goal, node_count, total};
use super::schema::{DEFAULT_WORKSPACE, PoolModel};
use super::spec::is_prepaid;
use super::{PoolResource, control_mode, of_user, reasons, request, state};

impl Kind for PoolResource {
    type Object = Pool;
    type Model = PoolModel;
    type Goal = Goal;

    const TYPE_NAME: &'static str = "modelarts_pool";
    const TITLE: &'static str = "Pool";
    const NOUN: &'static str = "pool";
    const STABLE_PHASE: &'static str = "Running";
    const AFTER_A_FAILED_CHANGE: &'static str = "The state shows what the pool has now. Remove the cause and apply again; the pool goes \
         on working with the nodes that it has.";

    fn picture(pool: &Pool) -> PoolModel {
        state::picture(pool)
    }

    fn id(model: &PoolModel) -> PoolId {
        PoolId::new(model.id.text().unwrap_or_default())
    }

    fn workspace(model: &PoolModel) -> &str {
        model.workspace_id.text().unwrap_or(DEFAULT_WORKSPACE)
    }

    fn of_user(found: PoolModel) -> PoolModel {
        of_user::of_user(found)
    }

    fn carries(pool: &Pool, request: &RequestOf<Self>) -> bool {
        request::carries(pool, request)
    }

    fn phase(pool: &Pool) -> String {
        pool.phase().to_string()
    }

    fn standing(pool: &Pool) -> String {
        let ready = total(&pool.status.resources.available);
        format!("in phase {}, {ready} of {} nodes are ready", pool.phase(), node_count(pool))
    }

    fn counts(pool: &Pool) -> String {
        ready::nodes(pool)
    }

    fn takes_changes(pool: &Pool) -> Readiness {
        match pool.phase() {
            Phase::Running | Phase::ScalingFailed | Phase::Abnormal => Readiness::Ready,
            phase @ (Phase::Error | Phase::CreationFailed | Phase::Deleting) => {
                Readiness::Failed(format!("phase is {phase}, in which the service takes no change"))
            }
            phase => Readiness::Pending(format!("phase is {phase}; changes have to wait")),
        }
    }

    fn shows_failure(pool: &Pool) -> bool {
        pool.phase() == Phase::ScalingFailed
    }

    fn is_going(pool: &Pool) -> bool {
        pool.phase() == Phase::Deleting
    }

    fn going(pool: &Pool) -> String {
        let count = total(&pool.status.resources.deleting);
        let nodes = if count > 0 { format!(", {count} nodes are going") } else { String::new() };
        format!("phase is {}{nodes}", pool.phase())
    }

    fn order(pool: &Pool) -> Option<&str> {
        pool.order_name()
    }

    fn person(pool: &Pool, what: &str) -> String {
        let todo = if is_prepaid(pool) {
            "Somebody has to pay its order in the billing console of the cloud."
        } else {
            "Somebody has to approve the request (or pay the order) in the console of the cloud."
        };
        let order = pool.order_name().map(|order| format!(" The order is {order}."));
        format!("{what}. {todo}{}", order.unwrap_or_default())
    }

    fn stands_on(spec: &SpecOf<Self>) -> Option<NetworkId> {
        let name = spec.network.as_ref()?.name.as_deref()?;
        Some(NetworkId::new(name))
    }

    fn may_go(pool: &Pool) -> Outcome {
        let reason = control_mode::refuses_delete(pool.spec.control_mode.unwrap_or(0));
        reason.map_or(Ok(()), |reason| {
            let detail = format!(
                "The service does not let this pool go: {reason}. The pool stays in the state. \
                 Have the restriction lifted by the support of the cloud, then run again."
            );
            Err(Diagnostic::error("Pool cannot be deleted", detail).into())
        })
    }

    async fn explained(
        text: String,
        run: Run<'_>,
        whose: (&str, &PoolId),
        pool: Option<&Pool>,
    ) -> String {
        reasons::with_reasons(text, run, whose, pool).await
    }

    fn is_same(one: &PatchOf<Self>, other: &PatchOf<Self>) -> bool {
        request::is_same(one, other)
    }
}
