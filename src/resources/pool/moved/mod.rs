//! Taking over a pool from the state of the Go provider.

mod entries;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::modelarts::labels;
use crate::resources::takeover::source::{self, blocks, first, number, text, texts};
use crate::resources::takeover::{self, take_over};
use crate::tf::model::{List, Map, Set, Tf};
use crate::tf::resource::{MoveRequest, Outcome, Saved};

use super::PoolResource;
use super::keys;
use super::schema::{
    Cluster, DEDICATE, DEFAULT_WORKSPACE, Network, POSTPAID, PREPAID, PoolModel, Timeouts,
    UserLogin,
};

/// The type of the Go provider.
const SOURCE_TYPE: &str = "huaweicloud_modelarts_resource_pool";
/// The phase of a pool that works.
const RUNNING: &str = "Running";

/// Annotations as the user wrote them.
type Annotations = BTreeMap<String, String>;

/// Takes over a pool; `None` when the source is no pool of the Go provider.
pub fn move_state(from: &MoveRequest, saved: &Saved<'_, PoolModel>) -> Option<Outcome> {
    take_over::<PoolResource>(from, SOURCE_TYPE, pool, saved)
}

/// The pool as an import would show it.
fn pool(id: String, source: &Json) -> PoolModel {
    let annotations = annotations(source);
    let entries: List<_> = blocks(source, "resources").filter_map(entries::entry).collect();
    let mut pool = PoolModel {
        id: id.into(),
        resources: (!entries.is_empty()).then_some(entries).into(),
        timeouts: timeouts(source).into(),
        // The refresh that comes next knows better.
        ready: Tf::Known(text(source, "status").as_deref() == Some(RUNNING)),
        resource_id: text(source, "resource_pool_id").into(),
        ..PoolModel::default()
    };
    metadata(source, &annotations, &mut pool);
    standing(source, &mut pool);
    billing(source, &annotations, &mut pool);
    pool
}

fn metadata(source: &Json, annotations: &Annotations, pool: &mut PoolModel) {
    let or_annotation = |name: &str, key: &str| -> Tf<String> {
        text(source, name).or_else(|| written(annotations, key)).into()
    };
    pool.name = text(source, "name").into();
    pool.workspace_id = text(source, "workspace_id").unwrap_or(DEFAULT_WORKSPACE.to_owned()).into();
    pool.node_prefix = text(source, "prefix").into();
    pool.description = or_annotation("description", labels::DESCRIPTION);
    pool.scheduler_extension = written(annotations, labels::SCHEDULER_EXTENSION).into();
    let is_free = |key: &str| keys::owner(key).is_none() && !keys::is_of_service(key);
    let free = annotations.iter().filter(|(key, _)| is_free(key));
    let free: Map<String> = free.map(|(key, value)| (key.clone(), value.clone())).collect();
    pool.annotations = (!free.is_empty()).then_some(free).into();
}

/// What the user wrote into `metadata`. The old provider never reads it back,
/// so all of it comes from a configuration.
fn annotations(source: &Json) -> Annotations {
    let metadata = first(source, "metadata");
    let all = metadata.and_then(|block| source::object_in_text(block, "annotations"));
    all.into_iter().flatten().map(|(key, value)| (key, source::plain(&value))).collect()
}

fn written(annotations: &Annotations, key: &str) -> Option<String> {
    annotations.get(key).filter(|text| !text.is_empty()).cloned()
}

fn timeouts(source: &Json) -> Option<Timeouts> {
    let [create, update, delete] = takeover::timeouts(source)?;
    Some(Timeouts { create: create.into(), update: update.into(), delete: delete.into() })
}

/// What the pool stands on. Clusters and log-in are the user's own for a
/// privileged pool only; elsewhere they would be a reason for a new pool as
/// soon as the configuration, rightly, does not mention them.
fn standing(source: &Json, pool: &mut PoolModel) {
    pool.r#type = DEDICATE.into();
    pool.scope = texts(source, "scope").map(Set::from_iter).into();
    let name = text(source, "network_id");
    let vpc_id = text(source, "vpc_id").filter(|_| name.is_none());
    let subnet_id = text(source, "subnet_id").filter(|_| vpc_id.is_some());
    let is_privileged = vpc_id.is_some();
    if is_privileged || name.is_some() {
        let network =
            Network { name: name.into(), vpc_id: vpc_id.into(), subnet_id: subnet_id.into() };
        pool.network = Tf::Known(network);
    }
    if is_privileged {
        let clusters: List<Cluster> = blocks(source, "clusters").filter_map(cluster).collect();
        pool.clusters = (!clusters.is_empty()).then_some(clusters).into();
        pool.user_login = first(source, "user_login").and_then(login).into();
    }
}

fn cluster(cluster: &Json) -> Option<Cluster> {
    let provider_id = text(cluster, "provider_id")?.into();
    Some(Cluster { provider_id, name: text(cluster, "name").into() })
}

fn login(login: &Json) -> Option<UserLogin> {
    let login = UserLogin {
        key_pair_name: text(login, "key_pair_name").into(),
        password: text(login, "password").map(|text| text.as_str().into()).into(),
        ..UserLogin::default()
    };
    (login != UserLogin::default()).then_some(login)
}

/// How the pool is paid for. The old provider takes its attributes before the
/// annotations of the same meaning (its documentation), and so does this.
fn billing(source: &Json, annotations: &Annotations, pool: &mut PoolModel) {
    let annotation = |key: &str| written(annotations, key);
    let mode = text(source, "charging_mode").unwrap_or_else(|| {
        let ahead = annotation(labels::BILLING_MODE).as_deref() == Some("1");
        if ahead { PREPAID } else { POSTPAID }.to_owned()
    });
    let is_prepaid = mode == PREPAID;
    pool.charging_mode = mode.into();
    if !is_prepaid {
        return;
    }
    let unit = text(source, "period_unit").or_else(|| unit(&annotation(labels::PERIOD_TYPE)?));
    pool.period_unit = unit.into();
    let period = number(source, "period")
        .or_else(|| annotation(labels::PERIOD_NUM)?.parse().ok().filter(|period| *period > 0));
    pool.period = period.into();
    let renews = text(source, "auto_renew").or_else(|| annotation(labels::AUTO_RENEW));
    pool.auto_renew = renews.as_deref().and_then(truth).into();
    pool.auto_pay = annotation(labels::AUTO_PAY).as_deref().and_then(truth).into();
    pool.promotion_info = annotation(labels::PROMOTION_INFO).into();
    pool.console_url = annotation(labels::CONSOLE_URL).into();
    pool.order_id = annotation(labels::ORDER_ID).into();
}

/// The word for a period type (API reference, create request).
fn unit(kind: &str) -> Option<String> {
    match kind {
        "2" => Some("month".to_owned()),
        "3" => Some("year".to_owned()),
        _ => None,
    }
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}
