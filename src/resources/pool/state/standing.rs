//! What a pool stands on: networks, zones, clusters, log-in.

use crate::modelarts::pool::{Cluster, NetworkRef, Pool};
use crate::tf::conform::unknowns_to_null;
use crate::tf::value::Value;

use super::super::entry::managed;
use super::{kept, known};

/// What a pool stands on. The service does not return all of it on every
/// cloud, and none of it can change.
pub(super) fn show(pool: &Pool, prior: &Value, state: &mut Value) {
    let spec = &pool.spec;
    let network = spec.network.as_ref().map_or(Value::Null, network_of);
    let prior_network = prior.get("network");
    state.set_entry("network", managed(&network, prior_network));
    let containers = spec.container_network.as_ref().map(|network| {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let prior = prior.get("container_network");
        Value::object([
            ("cidr", kept(filled(&network.cidr).as_deref(), prior.get("cidr"))),
            ("mode", kept(filled(&network.mode).as_deref(), prior.get("mode"))),
        ])
    });
    let containers = containers.unwrap_or_else(|| all_known(prior.get("container_network")));
    state.set_entry("container_network", containers);
    for (name, live) in [
        ("kubernetes_svc_ip_range", &spec.kubernetes_svc_ip_range),
        ("cluster_flavor", &spec.cluster_flavor),
    ] {
        state.set_entry(name, kept(live.as_deref(), prior.get(name)));
    }
    let ipv6 = spec.ipv6_enable.map_or_else(|| known(prior.get("ipv6_enable")), Value::from);
    state.set_entry("ipv6_enable", ipv6);
    state.set_entry("masters", masters(pool, prior.get("masters")));
    state.set_entry("clusters", clusters(pool, prior.get("clusters")));
    state.set_entry("user_login", all_known(prior.get("user_login")));
    let job_flavors = match (&spec.job_flavors, prior.get("job_flavors")) {
        (_, Value::Null) => Value::Null,
        (Some(names), _) => text_set(names),
        (None, prior) => known(prior),
    };
    state.set_entry("job_flavors", job_flavors);
}

/// The order of zones means nothing: only other zones are a difference.
fn masters(pool: &Pool, prior: &Value) -> Value {
    let Some(masters) = pool.spec.masters.as_ref().filter(|_| !prior.is_null()) else {
        return all_known(prior);
    };
    let mut live: Vec<String> = masters.iter().filter_map(|master| master.az.clone()).collect();
    let written = prior.elements().unwrap_or_default().iter();
    let mut before: Vec<String> =
        written.filter_map(|master| master.get("az").as_str().map(str::to_owned)).collect();
    live.sort();
    before.sort();
    if live == before {
        all_known(prior)
    } else {
        Value::List(live.into_iter().map(master).collect())
    }
}

/// The clusters in the order in which the user wrote them, with their names.
fn clusters(pool: &Pool, prior: &Value) -> Value {
    let Some(live) = pool.spec.clusters.as_ref().filter(|_| !prior.is_null()) else {
        return all_known(prior);
    };
    let id = |value: &Value| value.get("provider_id").as_str().map(str::to_owned);
    let written: Vec<_> = prior.elements().unwrap_or_default().iter().filter_map(id).collect();
    let place = |cluster: &&Cluster| {
        let at = written.iter().position(|id| Some(id) == cluster.provider_id.as_ref());
        at.unwrap_or(written.len())
    };
    let mut ordered: Vec<&Cluster> = live.iter().collect();
    ordered.sort_by_key(place);
    Value::List(ordered.into_iter().map(cluster).collect())
}

pub(super) fn master(az: String) -> Value {
    Value::object([("az", Value::from(az))])
}

pub(super) fn cluster(cluster: &Cluster) -> Value {
    Value::object([
        ("provider_id", cluster.provider_id.clone().into()),
        ("name", cluster.name.clone().filter(|name| !name.is_empty()).into()),
    ])
}

pub(super) fn network_of(network: &NetworkRef) -> Value {
    Value::object([
        ("name", network.name.clone().into()),
        ("vpc_id", network.vpc_id.clone().into()),
        ("subnet_id", network.subnet_id.clone().into()),
    ])
}

pub(super) fn text_set(names: &[String]) -> Value {
    Value::set(names.iter().map(|name| Value::from(name.clone())))
}

fn all_known(prior: &Value) -> Value {
    let mut value = prior.clone();
    unknowns_to_null(&mut value);
    value
}
