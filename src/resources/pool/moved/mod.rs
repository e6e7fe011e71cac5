//! Taking over a pool from the state of the Go provider.
//!
//! Its `huaweicloud_modelarts_resource_pool` describes the same object of the
//! service, so its state is read as though it were an answer: what an import
//! would show is shown here as well, and the refresh that Terraform does next
//! fills in the rest. Nothing is sent.

mod entries;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::modelarts::labels;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::private::Private;
use crate::tf::resource::{MoveRequest, ReadResult};
use crate::tf::value::Value;

use super::billing::PREPAID;
use super::defaults;
use super::found;
use super::marker;
use super::schema;

use source::{blocks, first, number, text, texts};

/// The address of the other provider after the host of its registry.
const SOURCE_PROVIDER: &str = "/huaweicloud/huaweicloud";
/// Its type.
const SOURCE_TYPE: &str = "huaweicloud_modelarts_resource_pool";
/// The only version of its state so far (its source code has no other).
const SOURCE_VERSION: i64 = 0;
/// The phase of a pool that works.
const RUNNING: &str = "Running";

/// Annotations that an attribute of ours stands for.
const OWNED: &[&str] = &[
    labels::DESCRIPTION,
    labels::SCHEDULER_EXTENSION,
    labels::BILLING_MODE,
    labels::PERIOD_TYPE,
    labels::PERIOD_NUM,
    labels::AUTO_RENEW,
    labels::AUTO_PAY,
    labels::PROMOTION_INFO,
    labels::CONSOLE_URL,
    labels::ORDER_ID,
];
/// Annotations that only the service sets.
const OF_SERVICE: &[&str] = &[
    labels::SUBPOOLS_COUNT,
    labels::FLAVOR_RESOURCE_IDS,
    labels::TENANT_DOMAIN_NAME,
    labels::TMS_TAGS,
];

/// Annotations as the user wrote them.
type Annotations = BTreeMap<String, String>;

/// Takes over a pool; `None` when the source is no pool of the Go provider.
pub fn move_state(request: &MoveRequest) -> Option<Result<ReadResult, Diagnostic>> {
    let known =
        request.source_type == SOURCE_TYPE && request.source_provider.ends_with(SOURCE_PROVIDER);
    known.then(|| taken_over(request))
}

fn taken_over(request: &MoveRequest) -> Result<ReadResult, Diagnostic> {
    if request.source_version != SOURCE_VERSION {
        return Err(newer(request));
    }
    let source = &request.source_state;
    let Some(id) = text(source, "id") else { return Err(unreadable(request)) };
    let mut private = Private::default();
    marker::set_imported(&mut private);
    let state = state(&id, source);
    found::remember(&mut private, &state);
    Ok(ReadResult { state, private, diagnostics: Diagnostics::new() })
}

fn newer(request: &MoveRequest) -> Diagnostic {
    let id = text(&request.source_state, "id").unwrap_or_else(|| "<id of the pool>".to_owned());
    Diagnostic::error(
        "State is of an unknown version",
        format!(
            "The state of this {SOURCE_TYPE} ({id}) has schema version {}; this provider can \
             take over version {SOURCE_VERSION}, which provider huaweicloud writes up to at \
             least 1.75.5. If the state was last written by an older release, go back to that \
             release of huaweicloud until the move has been applied. Otherwise import the pool: \
             replace the moved block by a removed block for the old address with lifecycle {{ \
             destroy = false }}, and an import block for the new one with id = \"{id}\".",
            request.source_version
        ),
    )
}

fn unreadable(request: &MoveRequest) -> Diagnostic {
    Diagnostic::error(
        "State cannot be read",
        format!(
            "The state of this {SOURCE_TYPE} of {} does not say which pool it is: it has no id. \
             Apply the old configuration once with the old provider, so that it writes its state \
             anew. If that does not help, import the pool: replace the moved block by a removed \
             block for the old address with lifecycle {{ destroy = false }}, and an import block \
             for the new one.",
            request.source_provider
        ),
    )
}

fn state(id: &str, source: &Json) -> Value {
    let annotations = annotations(source);
    let mut state = schema::empty_object();
    metadata(id, source, &annotations, &mut state);
    local(source, &mut state);
    standing(source, &mut state);
    billing(source, &annotations, &mut state);
    let resources: Vec<Value> = blocks(source, "resources").filter_map(entries::entry).collect();
    state.set_entry("resources", list_or_null(resources));
    // The refresh that comes next knows better.
    state.set_entry("ready", (text(source, "status").as_deref() == Some(RUNNING)).into());
    state.set_entry("resource_id", text(source, "resource_pool_id").into());
    state
}

fn metadata(id: &str, source: &Json, annotations: &Annotations, state: &mut Value) {
    let or_annotation = |name: &str, key: &str| -> Value {
        text(source, name).or_else(|| written(annotations, key)).into()
    };
    state.set_entry("id", id.into());
    state.set_entry("name", text(source, "name").into());
    let workspace = text(source, "workspace_id").unwrap_or_else(|| defaults::WORKSPACE.to_owned());
    state.set_entry("workspace_id", workspace.into());
    state.set_entry("node_prefix", text(source, "prefix").into());
    state.set_entry("description", or_annotation("description", labels::DESCRIPTION));
    let extension = written(annotations, labels::SCHEDULER_EXTENSION);
    state.set_entry("scheduler_extension", extension.into());
    let free: Vec<_> = annotations
        .iter()
        .filter(|(key, _)| !OWNED.contains(&key.as_str()) && !OF_SERVICE.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), Value::from(value.clone())))
        .collect();
    state.set_entry("annotations", if free.is_empty() { Value::Null } else { Value::map(free) });
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

fn local(source: &Json, state: &mut Value) {
    state.set_entry("wait_for", defaults::WAIT_FOR.into());
    state.set_entry("on_timeout", defaults::ON_TIMEOUT.into());
    state.set_entry("deletion_protection", false.into());
    let timeouts = source.get("timeouts").unwrap_or(&Json::Null);
    let times = ["create", "update", "delete"].map(|name| (name, text(timeouts, name)));
    if times.iter().any(|(_, time)| time.is_some()) {
        let times = times.map(|(name, time)| (name, Value::from(time)));
        state.set_entry("timeouts", Value::object(times));
    }
}

/// What the pool stands on. Clusters and log-in are the user's own for a
/// privileged pool only; elsewhere they would be a reason for a new pool as
/// soon as the configuration, rightly, does not mention them.
fn standing(source: &Json, state: &mut Value) {
    state.set_entry("type", defaults::TYPE.into());
    let scope = texts(source, "scope");
    let scope = scope.map_or(Value::Null, |all| Value::set(all.into_iter().map(Value::from)));
    state.set_entry("scope", scope);
    let name = text(source, "network_id");
    let vpc = text(source, "vpc_id").filter(|_| name.is_none());
    let subnet = text(source, "subnet_id").filter(|_| vpc.is_some());
    let is_privileged = vpc.is_some();
    if is_privileged || name.is_some() {
        state.set_entry(
            "network",
            Value::object([
                ("name", Value::from(name)),
                ("vpc_id", vpc.into()),
                ("subnet_id", subnet.into()),
            ]),
        );
    }
    if is_privileged {
        let clusters: Vec<Value> = blocks(source, "clusters").filter_map(cluster).collect();
        state.set_entry("clusters", list_or_null(clusters));
        state.set_entry("user_login", first(source, "user_login").map_or(Value::Null, login));
    }
}

fn cluster(cluster: &Json) -> Option<Value> {
    Some(Value::object([
        ("provider_id", Value::from(text(cluster, "provider_id")?)),
        ("name", text(cluster, "name").into()),
    ]))
}

fn login(login: &Json) -> Value {
    let (key_pair, password) = (text(login, "key_pair_name"), text(login, "password"));
    if key_pair.is_none() && password.is_none() {
        return Value::Null;
    }
    Value::object([
        ("key_pair_name", Value::from(key_pair)),
        ("password", password.into()),
        ("password_wo", Value::Null),
        ("password_wo_version", Value::Null),
    ])
}

/// How the pool is paid for. The old provider takes its attributes before the
/// annotations of the same meaning (its documentation), and so does this.
fn billing(source: &Json, annotations: &Annotations, state: &mut Value) {
    let annotation = |key: &str| written(annotations, key);
    let mode = text(source, "charging_mode").unwrap_or_else(|| {
        let ahead = annotation(labels::BILLING_MODE).as_deref() == Some("1");
        if ahead { PREPAID } else { defaults::CHARGING_MODE }.to_owned()
    });
    let is_prepaid = mode == PREPAID;
    state.set_entry("charging_mode", mode.into());
    if !is_prepaid {
        return;
    }
    let unit = text(source, "period_unit").or_else(|| unit(&annotation(labels::PERIOD_TYPE)?));
    state.set_entry("period_unit", unit.into());
    let period = number(source, "period")
        .or_else(|| annotation(labels::PERIOD_NUM)?.parse().ok().filter(|period| *period > 0));
    state.set_entry("period", period.into());
    let renew = text(source, "auto_renew").or_else(|| annotation(labels::AUTO_RENEW));
    state.set_entry("auto_renew", renew.as_deref().and_then(truth).into());
    let pay = annotation(labels::AUTO_PAY);
    state.set_entry("auto_pay", pay.as_deref().and_then(truth).into());
    for (name, key) in [
        ("promotion_info", labels::PROMOTION_INFO),
        ("console_url", labels::CONSOLE_URL),
        ("order_id", labels::ORDER_ID),
    ] {
        state.set_entry(name, annotation(key).into());
    }
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

fn list_or_null(items: Vec<Value>) -> Value {
    if items.is_empty() { Value::Null } else { Value::List(items) }
}
