//! Which operation a request is, who may ask for it, and carrying it out.

use serde_json::json;

use super::{
    access::PROJECT_ID,
    answer::{Answer, Check, Kind, bad},
    auth::Audience,
    billing,
    call::{Call, page},
    flavor, iam, network, node, order, pool_create, pool_find, pool_patch, selector,
    store::{Store, StoreError},
    workspace,
    world::World,
};

type Read = fn(&World, &Call<'_>, &[&str]) -> Check<Answer>;
type Write = fn(&mut World, &Call<'_>, &[&str]) -> Check<Answer>;

/// Is an operation of the service.
#[derive(Clone, Copy)]
pub(super) struct Route {
    audience: Audience,
    work: Work,
    /// Whether it destroys something whenever it succeeds.
    destroys: bool,
}

#[derive(Clone, Copy)]
enum Work {
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
        ("PATCH", ["networks", _]) => {
            write(Project, |world, call, names| network::patch(world, call, name(names, 2)))
        }
        ("DELETE", ["networks", _]) => {
            destroy(Project, |world, call, names| network::delete(world, call, name(names, 2)))
        }
        ("GET", ["orders"]) => read(Project, |world, call, _| order::list(world, call)),
        ("GET", ["orders", _]) => {
            read(Project, |world, call, names| order::show(world, call, name(names, 2)))
        }
        ("GET", ["resourceflavors"]) => read(Project, |_, call, _| flavors(call)),
        ("GET", ["resourceflavors", _]) => read(Project, |_, _, names| show_flavor(name(names, 2))),
        ("GET", ["workspaces"]) => read(Project, |_, call, _| workspace::list(call)),
        ("GET", ["workspaces", _]) => read(Project, |_, _, names| workspace::show(name(names, 2))),
        ("GET", ["events"]) => read(Project, |world, call, _| pool_find::events(world, call)),
        ("GET", ["quotas"]) => read(Project, |world, call, _| quotas(world, call)),
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
        ("GET", ["pools", _, "nodes"]) => {
            read(Project, |world, call, names| node::list(world, call, name(names, 2)))
        }
        ("GET", ["pools", _, "nodes", _]) => read(Project, |world, call, names| {
            node::show(world, call, name(names, 2), name(names, 4))
        }),
        ("POST", ["pools", _, "nodes", "batch-delete"]) => {
            destroy(Project, |world, call, names| {
                node::batch(world, call, name(names, 2), name(names, 4))
            })
        }
        ("POST", ["pools", _, "nodes", "batch-reboot" | "batch-lock" | "batch-unlock"]) => {
            write(Project, |world, call, names| {
                node::batch(world, call, name(names, 2), name(names, 4))
            })
        }
        _ => None,
    }
}

/// Returns a name out of the path; the routes have made sure that it is there.
fn name<'a>(names: &[&'a str], index: usize) -> &'a str {
    names.get(index).copied().unwrap_or("")
}

fn flavors(call: &Call<'_>) -> Check<Answer> {
    call.query.only(&["labelSelector", "limit", "continue"])?;
    let selector = selector::Selector::parse(call.query.get("labelSelector").unwrap_or(""))?;
    let all = flavor::FLAVORS.iter().map(flavor::Flavor::view);
    page(call, "v1", "ResourceFlavorList", all.filter(|f| selector.matches(f)).collect())
}

fn show_flavor(name: &str) -> Check<Answer> {
    let missing = || Answer::error(404, "50005101", "Resourceflavor not found.");
    flavor::find(name).map(|flavor| Answer::ok(flavor.view())).ok_or_else(missing)
}

fn quotas(world: &World, call: &Call<'_>) -> Check<Answer> {
    let pools = call.scenario().rules.pool_quota.unwrap_or(1000);
    let quota = |kind: &str, quota: usize, used: usize| json!({ "type": kind, "quota": quota, "used": used });
    let resources =
        [quota("pool", pools, world.pools.len()), quota("network", 15, world.networks.len())];
    Ok(Answer::ok(json!({ "quotas": { "resources": resources } })))
}

/// Is what carrying out a request has led to.
pub(super) struct Outcome {
    pub(super) answer: Answer,
    /// Something was destroyed.
    pub(super) destroyed: bool,
}

/// Checks a request and carries it out.
pub(super) fn carry_out(store: &Store, call: &mut Call<'_>) -> Result<Outcome, StoreError> {
    let method = call.signed.method;
    let Some((route, names)) = find(method, call.signed.path) else {
        let message = "The API does not exist or has not been published in the environment";
        return Ok(Outcome { answer: Answer::gateway(404, "0101", message), destroyed: false });
    };
    if let Err(refusal) = admit(&route, &names, call) {
        return Ok(Outcome { answer: refusal, destroyed: false });
    }
    match route.work {
        Work::Read(work) => {
            let answer = store.read(|world| {
                call.now += world.ahead;
                work(world, call, &names)
            })?;
            Ok(Outcome { answer: answer.unwrap_or_else(|refusal| refusal), destroyed: false })
        }
        Work::Write(work) => store.update(|world| {
            call.now += world.ahead;
            world.settle(call.now);
            let before = node_count(world);
            let result = work(world, call, &names);
            let shrinks = node_count(world) < before;
            match result {
                Ok(answer) => (true, Outcome { answer, destroyed: route.destroys || shrinks }),
                Err(refusal) => (false, Outcome { answer: refusal, destroyed: false }),
            }
        }),
    }
}

/// Counts the nodes that are meant to stay, to see whether a patch takes some away.
fn node_count(world: &World) -> usize {
    world.pools.iter().map(|pool| pool.nodes.iter().filter(|node| node.stays()).count()).sum()
}

fn admit(route: &Route, names: &[&str], call: &Call<'_>) -> Check {
    call.authenticate(route.audience)?;
    if route.audience != Audience::Project {
        return Ok(());
    }
    if names.first() != Some(&PROJECT_ID) {
        return Err(Answer::error(403, "0210", "The project IDs of token and URL differ."));
    }
    let given = call.content_type();
    match call.signed.method {
        "PATCH" if given != "application/merge-patch+json" => Err(wrong_content_type()),
        "POST" if given != "application/json" => Err(wrong_content_type()),
        "GET" if given.is_empty() && call.scenario().rules.content_type_on_get => {
            Err(Answer::gateway(400, "0106", "Orchestration error: Content-Type is missing"))
        }
        "GET" if !call.signed.body.is_empty() => Err(bad("a GET has no body")),
        _ => Ok(()),
    }
}

fn wrong_content_type() -> Answer {
    Answer::error(415, "50004100", "Content type not supported")
}

/// Makes the answer to a request that the state file made impossible.
pub(super) fn broken(error: &StoreError) -> Answer {
    let mut text = error.to_string();
    if let Some(source) = std::error::Error::source(error) {
        text = format!("{text}: {source}");
    }
    Answer {
        kind: Kind::Plain,
        ..Answer::error(500, "50005000", format!("internal error: {text}"))
    }
}
