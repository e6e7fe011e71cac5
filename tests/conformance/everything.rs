//! The model that uses everything.

use terraform_provider_modelarts::tf::prelude::*;
use terraform_provider_modelarts::tf::value::Value;

/// Everything that an object can have.
#[derive(Clone, Model)]
pub(crate) struct Everything {
    #[tf(computed, not_null)]
    pub(crate) id: Tf<String>,
    #[tf(required, replaces)]
    pub(crate) name: Tf<String>,
    #[tf(optional)]
    note: Tf<String>,
    #[tf(optional, empty_is_null)]
    comment: Tf<String>,
    #[tf(optional, same_when = same_letters)]
    label: Tf<String>,
    #[tf(optional, computed, default = 10)]
    size: Tf<i64>,
    #[tf(optional, computed)]
    zone: Tf<String>,
    #[tf(computed, changes_on_update)]
    revision: Tf<String>,
    #[tf(computed, changes_with = ("note", "digest"))]
    fingerprint: Tf<String>,
    #[tf(computed, changes_with = "note")]
    digest: Tf<String>,
    #[tf(computed, changes_when = size_grows)]
    quota: Tf<i64>,
    #[tf(optional, sensitive, write_only)]
    secret: Tf<Secret>,
    #[tf(optional, local)]
    own: Tf<String>,
    #[tf(optional, never_answered)]
    token: Tf<String>,
    #[tf(optional, always_answered)]
    seen: Tf<String>,
    #[tf(optional, never_answered, replaces_unless_prior_null)]
    period: Tf<String>,
    #[tf(optional, computed, replaces_when = turned_off)]
    ipv6: Tf<bool>,
    #[tf(optional, found_stays)]
    alias: Tf<String>,
    #[tf(optional, found_stays, only_written)]
    labels: Tf<Map<String>>,
    #[tf(optional, unordered)]
    tags: Tf<List<String>>,
    #[tf(optional)]
    words: Tf<Set<String>>,
    #[tf(computed)]
    report: Tf<Report>,
    #[tf(optional)]
    one: Tf<Part>,
    #[tf(optional, computed)]
    filled: Tf<Member>,
    #[tf(optional, keyed_by = "key")]
    parts: Tf<List<Part>>,
    #[tf(optional)]
    rows: Tf<List<Part>>,
    #[tf(optional, unordered)]
    heap: Tf<List<Member>>,
    #[tf(optional)]
    kinds: Tf<Set<Member>>,
    #[tf(optional, keyed_by = by_key)]
    peers: Tf<Set<Member>>,
    #[tf(optional, only_written)]
    by_name: Tf<Map<Part>>,
    #[tf(block)]
    frame: Tf<Frame>,
    #[tf(block, keyed_by = "key")]
    steps: Tf<List<Part>>,
    #[tf(block)]
    rules: Tf<Set<Member>>,
    #[tf(block)]
    timeouts: Tf<Timeouts>,
}

/// An object that is not in a set.
#[derive(Clone, Model)]
pub(crate) struct Part {
    #[tf(required)]
    key: Tf<String>,
    #[tf(optional, replaces)]
    fixed: Tf<String>,
    #[tf(optional)]
    amount: Tf<i64>,
    #[tf(optional, computed, changes_with = "amount")]
    max: Tf<i64>,
    #[tf(computed, changes_on_update)]
    state: Tf<String>,
    #[tf(optional, sensitive, write_only)]
    secret: Tf<Secret>,
    #[tf(optional, never_answered)]
    token: Tf<String>,
    #[tf(optional, computed, replaces_when = turned_off)]
    ipv6: Tf<bool>,
    #[tf(optional, found_stays)]
    alias: Tf<String>,
    #[tf(optional)]
    leaf: Tf<Leaf>,
    #[tf(optional, keyed_by = "key")]
    leaves: Tf<List<Leaf>>,
    #[tf(optional)]
    leaf_set: Tf<Set<Leaf>>,
    #[tf(optional)]
    leaf_map: Tf<Map<Leaf>>,
}

/// An object that may be in a set.
#[derive(Clone, Model)]
pub(crate) struct Member {
    #[tf(required)]
    key: Tf<String>,
    #[tf(optional, replaces)]
    fixed: Tf<String>,
    #[tf(optional)]
    amount: Tf<i64>,
    #[tf(optional, empty_is_null)]
    comment: Tf<String>,
    #[tf(optional, never_answered)]
    token: Tf<String>,
    #[tf(optional, computed, changes_with = "amount")]
    max: Tf<i64>,
    #[tf(optional)]
    leaf: Tf<Leaf>,
    #[tf(optional)]
    leaves: Tf<List<Leaf>>,
    #[tf(optional)]
    leaf_set: Tf<Set<Leaf>>,
    #[tf(optional)]
    leaf_map: Tf<Map<Leaf>>,
}

/// An object deep inside.
#[derive(Clone, Model)]
pub(crate) struct Leaf {
    #[tf(required)]
    key: Tf<String>,
    #[tf(optional)]
    amount: Tf<i64>,
    #[tf(computed, changes_with = "amount")]
    digest: Tf<String>,
}

/// A block that holds blocks.
#[derive(Clone, Model)]
pub(crate) struct Frame {
    #[tf(optional, replaces)]
    fixed: Tf<String>,
    #[tf(optional)]
    note: Tf<String>,
    #[tf(computed, changes_with = "note")]
    digest: Tf<String>,
    #[tf(computed, changes_on_update)]
    state: Tf<String>,
    #[tf(optional, sensitive, write_only)]
    secret: Tf<Secret>,
    #[tf(block)]
    edge: Tf<Leaf>,
    #[tf(block)]
    steps: Tf<List<Part>>,
    #[tf(block, keyed_by = "key")]
    rules: Tf<Set<Member>>,
}

/// What the service alone says.
#[derive(Clone, Model)]
pub(crate) struct Report {
    #[tf(computed)]
    text: Tf<String>,
    #[tf(computed)]
    lines: Tf<List<String>>,
}

fn same_letters(prior: &Value, other: &Value) -> bool {
    let lower = |value: &Value| value.as_str().map(str::to_lowercase);
    lower(prior) == lower(other)
}

fn turned_off(prior: &Value, planned: &Value) -> bool {
    matches!((prior, planned), (Value::Bool(true), Value::Bool(false)))
}

fn size_grows(prior: &Value, planned: &Value) -> bool {
    planned.get("size").as_i64() > prior.get("size").as_i64()
}

fn by_key(
    element: &Value,
    _: terraform_provider_modelarts::tf::schema::Side,
) -> Vec<Option<String>> {
    vec![element.get("key").as_str().map(str::to_owned)]
}
