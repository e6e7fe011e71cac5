//! Warnings of a plan: what its apply may cost, or what may be refused.

use crate::modelarts::pool::ResourceEntry;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::path::Path;
use crate::tf::resource::{PlanRequest, Planned};
use crate::tf::value::Value;

use super::super::billing;
use super::super::control_mode;
use super::super::identity::EntryId;
use super::super::spec::Changeable;
use super::super::validate::SAFE_GROWTH;

pub(super) fn is_prepaid(object: &Value) -> bool {
    object.get("charging_mode").as_str() == Some(billing::PREPAID)
}

pub(super) fn unsubscribing(prior: &Value) -> Diagnostic {
    let name = prior.get("name").as_str().unwrap_or_default();
    Diagnostic::warning(
        "Destroying a prepaid pool unsubscribes it",
        format!(
            "Pool {name} is paid for in advance. Destroying it ends its subscription through the \
             billing service; what is refunded of the time that is left follows the rules of the \
             cloud, and it can be little. It cannot be undone."
        ),
    )
    .at(Path::of("charging_mode"))
}

/// A new pool in the place of a prepaid one costs money twice.
pub(super) fn replacement(request: &PlanRequest, planned: &mut Planned) {
    if !is_prepaid(&request.prior) {
        return;
    }
    planned.diagnostics.push(unsubscribing(&request.prior));
    if request.config.get("charging_mode").is_null() {
        planned.diagnostics.push(
            Diagnostic::warning(
                "Pool is prepaid, but the configuration does not say so",
                "The pool is paid for in advance, and charging_mode is postPaid when it is left \
                 out: that is why this plan replaces the pool. To keep the pool, set \
                 charging_mode = \"prePaid\" with the period_unit and period that were ordered.",
            )
            .at(Path::of("charging_mode")),
        );
    }
}

/// The service refuses to take prepaid nodes away by a smaller count.
pub(super) fn prepaid_shrinkage(prior: &Value, planned: &Value, found: &mut Diagnostics) {
    if !is_prepaid(prior) {
        return;
    }
    let (before, after) = (Changeable::from_value(prior), Changeable::from_value(planned));
    let shrinks = before.resources.iter().any(|entry| count_in(&after, entry) < entry.count);
    if shrinks {
        found.push(
            Diagnostic::warning(
                "Prepaid nodes cannot be removed here",
                "This plan takes nodes out of a pool that is paid for in advance. The service \
                 refuses that for prepaid nodes: unsubscribe them in the billing console \
                 instead, the count of the pool follows by itself; then make the configuration \
                 agree.",
            )
            .at(Path::of("resources")),
        );
    }
}

pub(super) fn restrictions(prior: &Value, found: &mut Diagnostics) {
    let reason = prior.get("control_mode").as_i64().and_then(control_mode::refuses_changes);
    if let Some(reason) = reason {
        found.push(
            Diagnostic::warning(
                "Pool may refuse changes",
                format!("The service restricts this pool: {reason}. It will likely refuse."),
            )
            .at(Path::of("control_mode")),
        );
    }
}

pub(super) fn growth(prior: &Value, planned: &Value, found: &mut Diagnostics) {
    let (before, after) = (Changeable::from_value(prior), Changeable::from_value(planned));
    let new: i64 = after
        .resources
        .iter()
        .map(|entry| entry.count - count_in(&before, entry))
        .filter(|new| *new > 0)
        .fold(0, i64::saturating_add);
    if new > SAFE_GROWTH {
        found.push(
            Diagnostic::warning(
                "Many new nodes at once",
                format!(
                    "This plan adds {new} nodes. The service advises to add no more than \
                     {SAFE_GROWTH} at a time; growing in steps is safer."
                ),
            )
            .at(Path::of("resources")),
        );
    }
}

/// One edition of the API demands a driver version for Ascend flavors, the
/// others allow it.
pub(super) fn npu_without_driver(planned: &Value, found: &mut Diagnostics) {
    let driver = planned.get("driver");
    let pool = Changeable::from_value(planned);
    let npu = pool.resources.iter().find(|entry| is_npu(&entry.flavor));
    let Some(npu) = npu.filter(|_| !driver.is_unknown()) else { return };
    if pool.driver.is_none_or(|driver| driver.npu_version.is_none()) {
        found.push(
            Diagnostic::warning(
                "NPU flavor without driver version",
                format!(
                    "{} looks like an Ascend flavor. Some clouds refuse such a pool without \
                     driver = {{ npu_version = \"…\" }}.",
                    npu.flavor
                ),
            )
            .at(Path::of("driver")),
        );
    }
}

/// Number of nodes that an entry has in a state or plan.
fn count_in(before: &Changeable, entry: &ResourceEntry) -> i64 {
    let id = EntryId::of(entry);
    before.resources.iter().find(|entry| EntryId::of(entry) == id).map_or(0, |entry| entry.count)
}

fn is_npu(flavor: &str) -> bool {
    let flavor = flavor.to_ascii_lowercase();
    ["npu", "ascend", "snt9"].iter().any(|mark| flavor.contains(mark))
}
