//! How a pool is paid for (API reference, create request, annotations).

use std::ops::RangeInclusive;

use crate::resources::rules::{Place, one_of, whole};
use crate::tf::diagnostics::Diagnostics;
use crate::tf::model::Tf;

use super::super::schema::{POSTPAID, PREPAID, PoolModel};

/// Periods of a pool that is paid for in months.
const MONTHS: RangeInclusive<i64> = 1..=9;
/// Periods of a pool that is paid for in years.
const YEARS: RangeInclusive<i64> = 1..=3;

/// Finds billing that contradicts itself.
pub fn check(pool: &PoolModel, found: &mut Diagnostics) {
    let mode = &pool.charging_mode;
    let allowed = [POSTPAID, PREPAID];
    one_of(mode, &Place::of(PoolModel::CHARGING_MODE), &allowed, found);
    match mode {
        Tf::Known(mode) if mode == PREPAID => period(pool, found),
        Tf::Known(mode) if mode != POSTPAID => {}
        Tf::Unknown => period(pool, found),
        Tf::Null | Tf::Known(_) => by_use(pool, found),
    }
}

/// Finds what is missing in an order that is still to be made.
pub fn check_order(pool: &PoolModel, found: &mut Diagnostics) {
    if pool.charging_mode.text() == Some(PREPAID) {
        mandatory(pool, found);
        unpaid(pool, found);
    }
}

fn period(pool: &PoolModel, found: &mut Diagnostics) {
    one_of(&pool.period_unit, &Place::of(PoolModel::PERIOD_UNIT), &["month", "year"], found);
    let range = match pool.period_unit.text() {
        Some("year") => YEARS,
        // Whatever the unit turns out to be, it does not allow more.
        _ => MONTHS,
    };
    whole(&pool.period, &Place::of(PoolModel::PERIOD), range, found);
}

fn mandatory(pool: &PoolModel, found: &mut Diagnostics) {
    let terms = [
        (PoolModel::PERIOD_UNIT, pool.period_unit.is_null(), "\"month\" or \"year\""),
        (PoolModel::PERIOD, pool.period.is_null(), "1 to 9 months or 1 to 3 years"),
    ];
    for (name, missing, accepted) in terms {
        if missing {
            let detail = format!("A {PREPAID:?} pool needs {name}: set it to {accepted}.");
            Place::of(name).error("Billing period missing", detail, found);
        }
    }
}

/// Without payment the service takes the order and makes nothing.
fn unpaid(pool: &PoolModel, found: &mut Diagnostics) {
    let pays = pool.auto_pay.is_unknown() || pool.auto_pay.get() == Some(true);
    let ordered = match &pool.order_id {
        Tf::Null => false,
        Tf::Unknown => true,
        Tf::Known(id) => !id.is_empty(),
    };
    if !pays && !ordered {
        let detail = "The pool is ordered, but it waits unpaid in phase Waiting until somebody \
                      pays the order in the billing console. Set auto_pay = true to let the \
                      account be charged, or order_id to the ID of an order.";
        Place::of(PoolModel::AUTO_PAY).warn("Nobody pays the order", detail, found);
    }
}

fn by_use(pool: &PoolModel, found: &mut Diagnostics) {
    let terms = [
        (PoolModel::PERIOD_UNIT, pool.period_unit.known().is_some()),
        (PoolModel::PERIOD, pool.period.known().is_some()),
        (PoolModel::AUTO_RENEW, pool.auto_renew.get() == Some(true)),
        (PoolModel::AUTO_PAY, pool.auto_pay.get() == Some(true)),
    ];
    for (name, set) in terms {
        if set {
            let detail = format!(
                "Only a pool that is paid for in advance has {name}. Take {name} out, or set \
                 charging_mode = {PREPAID:?}."
            );
            Place::of(name).error("Attribute not allowed", detail, found);
        }
    }
}
