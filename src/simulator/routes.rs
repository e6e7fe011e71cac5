//! Which operation of the service a request is, and who may ask for it.

use super::{
    answer::{Answer, Check},
    auth::Audience,
    billing,
    call::Call,
    catalog, event, iam, job, network, network_patch, node, node_pool, node_work, order,
    pool_create, pool_find, pool_patch, tags, workspace,
    world::World,
};

pub(super) type Read = fn(&World, &Call<'_>, &[&str]) -> Check<Answer>;
pub(super) type Write = fn(&mut World, &Call<'_>, &[&str]) -> Check<Answer>;

/// Is an operation of the service.
#[derive(Clone, Copy)]
pub(super) struct Route {
    pub(super) audience: Audience,
    pub(super) work: Work,
    /// Whether it destroys something whenever it succeeds.
    pub(super) destroys: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Work {
    Read(Read),
    Write(Write),
}

const fn read(audience: Audience, work: Read) -> Option<Route> {
    Some(Route { audience, work: Work::Read(work), destroys: false })
}

const fn write(audience: Audience, work: Write) -> Option<Route> {
    Some(Route { audience, work: Work::Write(work), destroys: false })
}

const fn destroy(audience: Audience, work: Write) -> Option<Route> {
    Some(Route { audience, work: Work::Write(work), destroys: true })
}

/// Splits a path and finds its operation; the names that it contains come with it.
pub(super) fn find<'a>(method: &str, path: &'a str) -> Option<(Route, Vec<&'a str>)> {
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    if segments.contains(&"") {
        return None;
    }
    let route = match segments.as_slice() {
        ["v2", "orders", rest @ ..] => billing_route(method, rest),
        ["v1", _, rest @ ..] => first_version(method, rest),
        ["v2", _, rest @ ..] => second_version(method, rest),
        other => account_route(method, other),
    };
    let names = match segments.as_slice() {
        ["v1" | "v2", names @ ..] => names.to_vec(),
        _ => Vec::new(),
    };
    route.map(|route| (route, names))
}

fn account_route(method: &str, segments: &[&str]) -> Option<Route> {
    use Audience::{Account, Open};
    match (method, segments) {
        ("POST", ["v3", "auth", "tokens"]) => read(Open, |_, call, _| iam::token(call)),
        ("GET", ["v3", "projects"]) => read(Account, |_, call, _| iam::projects(call)),
        ("GET", ["v3", "auth", "domains"]) => read(Account, |_, call, _| iam::domains(call)),
        ("POST", ["v3.0", "OS-CREDENTIAL", "securitytokens"]) => {
            read(Account, |_, call, _| iam::security_token(call))
        }
        ("POST", ["v3.0", "OS-AUTH", "id-token", "tokens"]) => {
            read(Open, |_, call, _| iam::id_token(call))
        }
        ("POST", ["v5", "agencies", "assume"]) => read(Account, |_, call, _| iam::assume(call)),
        ("GET", ["v5", "caller-identity"]) => read(Account, |_, _, _| iam::caller_identity()),
        ("GET", ["openstack", "latest", "securitykey"]) => {
            read(Open, |_, call, _| iam::security_key(call))
        }
        _ => None,
    }
}

fn billing_route(method: &str, segments: &[&str]) -> Option<Route> {
    match (method, segments) {
        ("POST", ["subscriptions", "resources", "unsubscribe"]) => {
            destroy(Audience::Account, |world, call, _| billing::unsubscribe(world, call))
        }
        ("POST", ["suscriptions", "resources", "query"]) => {
            read(Audience::Account, |world, call, _| billing::query(world, call))
        }
        _ => None,
    }
}

fn first_version(method: &str, segments: &[&str]) -> Option<Route> {
    use Audience::Project;
    match (method, segments) {
        ("POST", ["networks"]) => write(Project, |world, call, _| network::create(world, call)),
        ("GET", ["networks"]) => read(Project, |world, call, _| network::list(world, call)),
        ("GET", ["networks", _]) => {
            read(Project, |world, call, names| network::show(world, call, name(names, 2)))
        }
        ("GET", ["networks", _, "network-ip-availabilities"]) => {
            read(Project, |world, call, names| network::free_addresses(world, call, name(names, 2)))
        }
        ("PATCH", ["networks", _]) => {
            write(Project, |world, call, names| network_patch::patch(world, call, name(names, 2)))
        }
        ("DELETE", ["networks", _]) => {
            destroy(Project, |world, call, names| network::delete(world, call, name(names, 2)))
        }
        ("GET", ["orders"]) => read(Project, |world, call, _| order::list(world, call)),
        ("GET", ["orders", _]) => {
            read(Project, |world, call, names| order::show(world, call, name(names, 2)))
        }
        ("GET", ["resourceflavors"]) => read(Project, |_, call, _| catalog::flavors(call)),
        ("GET", ["resourceflavors", _]) => {
            read(Project, |_, call, names| catalog::show_flavor(call, name(names, 2)))
        }
        ("GET", ["workspaces"]) => read(Project, |_, call, _| workspace::list(call)),
        ("GET", ["workspaces", _]) => {
            read(Project, |_, call, names| workspace::show(call, name(names, 2)))
        }
        ("GET", ["events"]) => read(Project, |world, call, _| event::list(world, call)),
        ("GET", ["quotas"]) => read(Project, |world, call, _| catalog::quotas(world, call)),
        ("GET", ["os-user-config"]) => read(Project, |_, call, _| catalog::configuration(call)),
        ("GET", ["plugintemplates", _]) => {
            read(Project, |_, call, names| catalog::plugin_template(call, name(names, 2)))
        }
        (_, ["pools", rest @ ..]) => tag_route(method, rest),
        _ => None,
    }
}

fn tag_route(method: &str, segments: &[&str]) -> Option<Route> {
    use Audience::Project;
    match (method, segments) {
        ("GET", ["tags"]) => read(Project, |world, call, _| tags::list(world, call)),
        ("GET", [_, "tags"]) => {
            read(Project, |world, call, names| tags::show(world, call, name(names, 2)))
        }
        ("POST", [_, "tags"]) => {
            write(Project, |world, call, names| tags::change(world, call, name(names, 2), None))
        }
        ("POST", [_, "tags", "create"]) | ("DELETE", [_, "tags", "delete"]) => {
            write(Project, |world, call, names| {
                tags::change(world, call, name(names, 2), Some(name(names, 4)))
            })
        }
        _ => None,
    }
}

fn second_version(method: &str, segments: &[&str]) -> Option<Route> {
    use Audience::Project;
    match (method, segments) {
        ("POST", ["pools"]) => write(Project, |world, call, _| pool_create::create(world, call)),
        ("GET", ["pools"]) => read(Project, |world, call, _| pool_find::list(world, call)),
        ("GET", ["pools", _]) => {
            read(Project, |world, call, names| pool_find::show(world, call, name(names, 2)))
        }
        ("PATCH", ["pools", _]) => {
            write(Project, |world, call, names| pool_patch::patch(world, call, name(names, 2)))
        }
        ("DELETE", ["pools", _]) => {
            destroy(Project, |world, call, names| pool_find::delete(world, call, name(names, 2)))
        }
        ("POST", ["pools", _, "retry-scope"]) => write(Project, |world, call, names| {
            pool_patch::retry_scope(world, call, name(names, 2))
        }),
        ("POST", ["pools", _, "orderid"]) => {
            write(Project, |world, call, names| order::number(world, call, name(names, 2)))
        }
        ("GET", ["pools", _, "workloads"]) => {
            read(Project, |world, call, names| catalog::workloads(world, call, name(names, 2)))
        }
        ("GET", ["statistics", "pools"]) => {
            read(Project, |world, call, _| catalog::pool_statistics(world, call))
        }
        ("GET", ["statistics", "pools", _, "workloads"]) => read(Project, |world, call, names| {
            catalog::workload_statistics(world, call, name(names, 3))
        }),
        ("GET", ["jobs"]) => read(Project, |world, call, _| job::list(world, call)),
        ("GET", ["jobs", _]) => {
            read(Project, |world, call, names| job::show(world, call, name(names, 2)))
        }
        (_, ["pools", _, "nodes", ..]) => node_route(method, segments),
        (_, ["pools", _, "nodepools", ..]) => node_pool_route(method, segments),
        _ => None,
    }
}

fn node_route(method: &str, segments: &[&str]) -> Option<Route> {
    use Audience::Project;
    match (method, segments) {
        ("GET", ["pools", _, "nodes"]) => {
            read(Project, |world, call, names| node::list(world, call, name(names, 2)))
        }
        ("GET", ["pools", _, "nodes", _]) => read(Project, |world, call, names| {
            node::show(world, call, name(names, 2), name(names, 4))
        }),
        ("POST", ["pools", _, "nodes", "batch-delete"]) => {
            destroy(Project, |world, call, names| {
                node_work::batch(world, call, name(names, 2), name(names, 4))
            })
        }
        ("POST", ["pools", _, "nodes", action])
            if ["batch-reboot", "batch-reset", "batch-lock", "batch-unlock", "batch-drain"]
                .contains(action) =>
        {
            write(Project, |world, call, names| {
                node_work::batch(world, call, name(names, 2), name(names, 4))
            })
        }
        _ => None,
    }
}

fn node_pool_route(method: &str, segments: &[&str]) -> Option<Route> {
    use Audience::Project;
    match (method, segments) {
        ("GET", [_, _, _]) => {
            read(Project, |world, call, names| node_pool::list(world, call, name(names, 2)))
        }
        ("POST", [_, _, _]) => {
            write(Project, |world, call, names| node_pool::create(world, call, name(names, 2)))
        }
        ("GET", [_, _, _, _]) => read(Project, |world, call, names| {
            node_pool::show(world, call, name(names, 2), name(names, 4))
        }),
        ("PATCH", [_, _, _, _]) => write(Project, |world, call, names| {
            node_pool::patch(world, call, name(names, 2), name(names, 4))
        }),
        ("DELETE", [_, _, _, _]) => destroy(Project, |world, call, names| {
            node_pool::delete(world, call, name(names, 2), name(names, 4))
        }),
        ("GET", [_, _, _, _, "nodes"]) => read(Project, |world, call, names| {
            node_pool::nodes(world, call, name(names, 2), name(names, 4))
        }),
        _ => None,
    }
}

/// Returns a name out of the path; the routes have made sure that it is there.
fn name<'a>(names: &[&'a str], index: usize) -> &'a str {
    names.get(index).copied().unwrap_or("")
}
