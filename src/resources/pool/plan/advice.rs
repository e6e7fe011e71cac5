//! Warnings of a plan: what its apply may cost, or what may be refused.

use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::path::Path;

use super::super::control_mode;
use super::super::schema::{PREPAID, PoolModel};
use super::super::validate::SAFE_GROWTH;
use super::entries;
use super::pairs::Pairs;

/// Says whether a pool is paid for in advance.
pub fn is_prepaid(pool: &PoolModel) -> bool {
    pool.charging_mode.text() == Some(PREPAID)
}

/// What destroying a prepaid pool means.
pub fn unsubscribing(prior: &PoolModel) -> Diagnostic {
    let name = prior.name.text().unwrap_or_default();
    let detail = format!(
        "Pool {name} is paid for in advance. Destroying it ends its subscription through the \
         billing service; what is refunded of the time that is left follows the rules of the \
         cloud, and it can be little. It cannot be undone."
    );
    Diagnostic::warning("Destroying a prepaid pool unsubscribes it", detail)
        .at(Path::of(PoolModel::CHARGING_MODE))
}

/// A new pool in the place of a prepaid one costs money twice.
pub fn replacement(prior: &PoolModel, config: &PoolModel) -> Diagnostics {
    let mut found = Diagnostics::new();
    if !is_prepaid(prior) {
        return found;
    }
    found.push(unsubscribing(prior));
    if config.charging_mode.is_null() {
        let detail = "The pool is paid for in advance, and charging_mode is postPaid when it is \
                      left out: that is why this plan replaces the pool. To keep the pool, set \
                      charging_mode = \"prePaid\".";
        found.push(
            Diagnostic::warning("Pool is prepaid, but the configuration does not say so", detail)
                .at(Path::of(PoolModel::CHARGING_MODE)),
        );
    }
    found
}

/// The service refuses to take prepaid nodes away by a smaller count.
pub fn prepaid_shrinkage(prior: &PoolModel, pairs: &Pairs<'_>) -> Diagnostics {
    if !is_prepaid(prior) || pairs.losses().is_empty() {
        return Diagnostics::new();
    }
    let detail = "This plan takes nodes out of a pool that is paid for in advance. The service \
                  refuses that for prepaid nodes: unsubscribe them in the billing console \
                  instead, the count of the pool follows by itself; then make the configuration \
                  agree.";
    Diagnostic::warning("Prepaid nodes cannot be removed here", detail)
        .at(Path::of(PoolModel::RESOURCES))
        .into()
}

/// What the service may refuse to a restricted pool.
pub fn restrictions(prior: &PoolModel) -> Diagnostics {
    let Some(reason) = prior.control_mode.get().and_then(control_mode::refuses_changes) else {
        return Diagnostics::new();
    };
    let detail = format!("The service restricts this pool: {reason}. It will likely refuse.");
    Diagnostic::warning("Pool may refuse changes", detail)
        .at(Path::of(PoolModel::CONTROL_MODE))
        .into()
}

/// Many new nodes at once.
pub fn growth(pairs: &Pairs<'_>) -> Diagnostics {
    let new = pairs.added();
    if new <= SAFE_GROWTH {
        return Diagnostics::new();
    }
    let detail = format!(
        "This plan adds {new} nodes. The service advises to add no more than {SAFE_GROWTH} at a \
         time; growing in steps is safer."
    );
    Diagnostic::warning("Many new nodes at once", detail).at(Path::of(PoolModel::RESOURCES)).into()
}

/// One edition of the API demands a driver version for Ascend flavors, the
/// others allow it.
pub fn npu_without_driver(planned: &PoolModel) -> Diagnostics {
    let npu = entries(planned).filter_map(|entry| entry.flavor.text()).find(|f| is_npu(f));
    let driver = planned.driver.known();
    let open = planned.driver.is_unknown() || driver.is_some_and(|d| d.npu_version.is_unknown());
    let named = driver.is_some_and(|driver| driver.npu_version.is_known());
    let Some(flavor) = npu.filter(|_| !open && !named) else { return Diagnostics::new() };
    let detail = format!(
        "{flavor} looks like an Ascend flavor. Some clouds refuse such a pool without driver = {{ \
         npu_version = \"…\" }}."
    );
    Diagnostic::warning("NPU flavor without driver version", detail)
        .at(Path::of(PoolModel::DRIVER))
        .into()
}

fn is_npu(flavor: &str) -> bool {
    let flavor = flavor.to_ascii_lowercase();
    ["npu", "ascend", "snt9"].iter().any(|mark| flavor.contains(mark))
}
