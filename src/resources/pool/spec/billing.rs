//! How a pool is paid for, as annotations (API reference, create request).

use std::collections::BTreeMap;

use super::super::schema::{PREPAID, PoolModel};
use crate::modelarts::Pool;
use crate::modelarts::labels;

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
    /// Takes a plan or a state as what is asked for.
    pub fn of(model: &PoolModel, is_written: bool) -> Self {
        Self {
            prepaid: model.charging_mode.text() == Some(PREPAID),
            is_written,
            period_unit: model.period_unit.cloned(),
            period: model.period.get(),
            auto_renew: model.auto_renew.get(),
            auto_pay: model.auto_pay.get(),
            promotion_info: model.promotion_info.cloned(),
            console_url: model.console_url.cloned(),
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
