//! How a pool is paid for, as annotations (API reference, create request).

use std::collections::BTreeMap;

use crate::modelarts::Pool;
use crate::modelarts::labels;
use crate::tf::value::Value;

/// The word of `charging_mode` for a pool that is paid for in advance.
pub const PREPAID: &str = "prePaid";
const POSTPAID: &str = "postPaid";
const MONTH: &str = "month";
const YEAR: &str = "year";

/// How a pool is paid for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Billing {
    /// Whether it is paid for in advance.
    pub prepaid: bool,
    /// Whether the user has written that down: otherwise it is not sent.
    pub is_written: bool,
    /// `month` or `year`.
    pub period_unit: Option<String>,
    /// Number of periods.
    pub period: Option<i64>,
    /// Whether it is renewed.
    pub auto_renew: Option<bool>,
    /// Whether orders are paid automatically.
    pub auto_pay: Option<bool>,
    /// Discount.
    pub promotion_info: Option<String>,
    /// Page to land on after payment.
    pub console_url: Option<String>,
}

impl Billing {
    /// Takes a plan or a state as what is wanted.
    pub fn from_value(value: &Value) -> Self {
        let text = |name: &str| value.get(name).as_str().map(str::to_owned);
        Self {
            prepaid: text("charging_mode").as_deref() == Some(PREPAID),
            is_written: true,
            period_unit: text("period_unit"),
            period: value.get("period").as_i64(),
            auto_renew: value.get("auto_renew").as_bool(),
            auto_pay: value.get("auto_pay").as_bool(),
            promotion_info: text("promotion_info"),
            console_url: text("console_url"),
        }
    }

    /// The annotations of a create request.
    pub fn annotations(&self) -> BTreeMap<String, String> {
        let mut all = self.of_new_nodes();
        if self.is_written {
            all.insert(labels::BILLING_MODE.to_owned(), flag(self.prepaid));
        } else {
            all.remove(labels::BILLING_MODE);
        }
        if let Some(url) = &self.console_url {
            all.insert(labels::CONSOLE_URL.to_owned(), url.clone());
        }
        all
    }

    /// The annotations of a request that adds nodes: they say how the new
    /// nodes are paid for, and are refused where nothing is added.
    pub fn of_new_nodes(&self) -> BTreeMap<String, String> {
        let unit = self.period_unit.as_deref().map(|unit| if unit == YEAR { "3" } else { "2" });
        [
            (labels::BILLING_MODE, Some(flag(self.prepaid))),
            (labels::PERIOD_TYPE, unit.map(str::to_owned)),
            (labels::PERIOD_NUM, self.period.map(|period| period.to_string())),
            (labels::AUTO_RENEW, self.auto_renew.map(flag)),
            (labels::AUTO_PAY, self.auto_pay.map(|pays| pays.to_string())),
            (labels::PROMOTION_INFO, self.promotion_info.clone()),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect()
    }

    /// Whether nobody has to do anything for an order of this pool to be paid.
    pub fn pays_itself(&self, order_id: Option<&str>) -> bool {
        !self.prepaid || self.auto_pay == Some(true) || order_id.is_some_and(|id| !id.is_empty())
    }
}

fn flag(on: bool) -> String {
    if on { "1" } else { "0" }.to_owned()
}

/// Says whether the service bills a pool in advance.
pub fn is_prepaid(pool: &Pool) -> bool {
    pool.annotation(labels::BILLING_MODE) == Some("1")
}

/// What the service says about how a pool is paid for. What was ordered
/// changes with every renewal and is no reason for a new pool, so it keeps its
/// prior value; an import takes what it finds.
pub fn show(pool: &Pool, prior: &Value, state: &mut Value) {
    let mode = match pool.annotation(labels::BILLING_MODE) {
        Some("1") => Value::from(PREPAID),
        Some("0") => Value::from(POSTPAID),
        _ if prior.get("charging_mode").as_str().is_some() => prior.get("charging_mode").clone(),
        _ => Value::from(POSTPAID),
    };
    state.set_entry("charging_mode", mode);
    for name in ["period_unit", "period", "auto_renew", "auto_pay", "promotion_info", "console_url"]
    {
        let prior = prior.get(name);
        state.set_entry(name, if prior.is_unknown() { Value::Null } else { prior.clone() });
    }
    let order = match (prior.get("order_id"), pool.annotation(labels::ORDER_ID)) {
        (Value::String(_), Some(order)) if !order.is_empty() => Value::from(order),
        (Value::String(order), _) => Value::from(order.clone()),
        _ => Value::Null,
    };
    state.set_entry("order_id", order);
}

/// What an import finds about how a pool is paid for.
pub fn found(pool: &Pool, state: &mut Value) {
    if !is_prepaid(pool) {
        return;
    }
    let annotation = |key: &str| pool.annotation(key).filter(|text| !text.is_empty());
    let unit = match annotation(labels::PERIOD_TYPE) {
        Some("2") => Value::from(MONTH),
        Some("3") => Value::from(YEAR),
        _ => Value::Null,
    };
    state.set_entry("period_unit", unit);
    let period = annotation(labels::PERIOD_NUM).and_then(|text| text.parse::<i64>().ok());
    state.set_entry("period", period.into());
    let renew = annotation(labels::AUTO_RENEW).map(|text| text == "1" || text == "true");
    state.set_entry("auto_renew", renew.map_or(Value::Null, Value::from));
    for (name, key) in
        [("promotion_info", labels::PROMOTION_INFO), ("console_url", labels::CONSOLE_URL)]
    {
        state.set_entry(name, annotation(key).map(str::to_owned).into());
    }
}
