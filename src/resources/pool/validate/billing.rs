//! How a pool is paid for (API reference, create request, annotations).

use std::ops::RangeInclusive;

use crate::tf::diagnostics::Diagnostics;
use crate::tf::field::Field;

use super::super::billing::PREPAID;
use super::super::config::PoolConfig;
use super::super::defaults;
use super::report::{Place, one_of, whole};

/// Periods of a pool that is paid for in months.
const MONTHS: RangeInclusive<i64> = 1..=9;
/// Periods of a pool that is paid for in years.
const YEARS: RangeInclusive<i64> = 1..=3;

/// Finds billing that contradicts itself.
pub fn check(pool: &PoolConfig, found: &mut Diagnostics) {
    let mode = &pool.charging_mode;
    let allowed = [defaults::CHARGING_MODE, PREPAID];
    one_of(mode, &Place::of("charging_mode"), &allowed, found);
    let mode = match mode {
        Field::Null => defaults::CHARGING_MODE,
        Field::Unknown => return period(pool, found),
        Field::Known(mode) => mode,
    };
    if mode == PREPAID {
        period(pool, found);
        mandatory(pool, found);
        unpaid(pool, found);
    } else if mode == defaults::CHARGING_MODE {
        by_use(pool, found);
    }
}

fn period(pool: &PoolConfig, found: &mut Diagnostics) {
    one_of(&pool.period_unit, &Place::of("period_unit"), &["month", "year"], found);
    let range = match pool.period_unit.known().map(String::as_str) {
        Some("year") => YEARS,
        // Whatever the unit turns out to be, it does not allow more.
        _ => MONTHS,
    };
    whole(&pool.period, &Place::of("period"), range, found);
}

fn mandatory(pool: &PoolConfig, found: &mut Diagnostics) {
    let terms = [
        ("period_unit", pool.period_unit.is_null(), "\"month\" or \"year\""),
        ("period", pool.period.is_null(), "1 to 9 months or 1 to 3 years"),
    ];
    for (name, missing, accepted) in terms {
        if missing {
            let detail = format!("A {PREPAID:?} pool needs {name}: set it to {accepted}.");
            Place::of(name).error("Billing period missing", detail, found);
        }
    }
}

/// Without payment the service takes the order and makes nothing.
fn unpaid(pool: &PoolConfig, found: &mut Diagnostics) {
    let pays = pool.auto_pay.is_unknown() || pool.auto_pay.known() == Some(&true);
    let ordered = match &pool.order_id {
        Field::Null => false,
        Field::Unknown => true,
        Field::Known(id) => !id.is_empty(),
    };
    if !pays && !ordered {
        let detail = "The pool is ordered, but it waits unpaid in phase Waiting until somebody \
                      pays the order in the billing console. Set auto_pay = true to let the \
                      account be charged, or order_id to the ID of an order.";
        Place::of("auto_pay").warn("Nobody pays the order", detail, found);
    }
}

fn by_use(pool: &PoolConfig, found: &mut Diagnostics) {
    let terms = [
        ("period_unit", pool.period_unit.known().is_some()),
        ("period", pool.period.known().is_some()),
        ("auto_renew", pool.auto_renew.known() == Some(&true)),
        ("auto_pay", pool.auto_pay.known() == Some(&true)),
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
