//! The kinds of objects that things happen to, as far as the matrix tells them
//! apart.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::{Cloud, access};
use terraform_provider_modelarts::tf::value::Value;

use crate::pools::{CPU, entry, named};

/// Display name of every object.
pub(crate) const NAME: &str = "matrix-object";

const POOLS: &str = "/v2/*/pools";
const POOL: &str = "/v2/*/pools/*";
const NODES: &str = "/v2/*/pools/*/nodes";
/// Looks for subscriptions: a request that only looks like a change.
pub(crate) const QUERY: &str = "/v2/orders/suscriptions/resources/query";
/// Ends subscriptions.
pub(crate) const UNSUBSCRIBE: &str = "/v2/orders/subscriptions/resources/unsubscribe";
const FLAVORS: &str = "/v1/*/resourceflavors";
const NETWORKS: &str = "/v1/*/networks";
const NETWORK: &str = "/v1/*/networks/*";

/// What something happens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Pool,
    Network,
}

/// What is done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// It is made.
    Create,
    /// It is refreshed.
    Read,
    /// It is changed, by more than one request.
    Update,
    /// It is destroyed.
    Delete,
    /// It is destroyed, and is paid for in advance.
    DeletePrepaid,
}

impl Operation {
    /// Whether the object is gone afterwards.
    pub(crate) fn destroys(self) -> bool {
        matches!(self, Self::Delete | Self::DeletePrepaid)
    }
}

/// A call of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) subject: Subject,
    pub(crate) operation: Operation,
    /// As the table calls it.
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    /// Which of the operation's requests of this method and path.
    pub(crate) nth: u64,
    /// A GET of the object that fails, by its number, so that a list is asked
    /// for instead.
    pub(crate) failing: Option<u64>,
}

/// Shape of a request's path.
pub(crate) fn shape(path: &str) -> &str {
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["", "v2", _, "pools"] => POOLS,
        ["", "v2", _, "pools", _] => POOL,
        ["", "v2", _, "pools", _, "nodes"] => NODES,
        ["", "v1", _, "resourceflavors"] => FLAVORS,
        ["", "v1", _, "networks"] => NETWORKS,
        ["", "v1", _, "networks", _] => NETWORK,
        _ => path,
    }
}

impl Subject {
    /// The type of the resource.
    pub(crate) fn resource(self) -> &'static str {
        match self {
            Self::Pool => "modelarts_pool",
            Self::Network => "modelarts_network",
        }
    }

    /// The operations, in the order of the tables.
    pub(crate) fn operations(self) -> &'static [Operation] {
        use Operation::{Create, Delete, DeletePrepaid, Read, Update};
        match self {
            Self::Pool => &[Create, Read, Update, Delete, DeletePrepaid],
            Self::Network => &[Create, Read, Update, Delete],
        }
    }

    /// An operation as the table calls it.
    pub(crate) fn title(self, operation: Operation) -> String {
        let noun = match self {
            Self::Pool => "pool",
            Self::Network => "network",
        };
        match operation {
            Operation::Create => format!("Create of a {noun}"),
            Operation::Read => format!("Read of a {noun}"),
            Operation::Update => format!("Update of a {noun}"),
            Operation::Delete => format!("Delete of a {noun}"),
            Operation::DeletePrepaid => format!("Delete of a prepaid {noun}"),
        }
    }

    /// Name of a table in the documentation.
    pub(crate) fn part(self, of: &str) -> String {
        match self {
            Self::Pool => format!("pool {of}"),
            Self::Network => format!("network {of}"),
        }
    }

    /// Every call of every operation, in the order in which they are made.
    pub(crate) fn calls(self) -> Vec<Call> {
        match self {
            Self::Pool => pool_calls(),
            Self::Network => network_calls(),
        }
    }

    /// Path of one object.
    pub(crate) fn one(self) -> &'static str {
        match self {
            Self::Pool => POOL,
            Self::Network => NETWORK,
        }
    }

    /// Path of all objects.
    pub(crate) fn all(self) -> &'static str {
        match self {
            Self::Pool => POOLS,
            Self::Network => NETWORKS,
        }
    }

    /// What takes time in the cloud.
    pub(crate) fn durations(self) -> &'static str {
        match self {
            Self::Pool => "create nodes scope driver scale_out scale_in delete order",
            Self::Network => "network network_delete connection disconnection",
        }
    }

    /// What an operation begins with, and what an update makes of it.
    pub(crate) fn config(self, operation: Operation, updated: bool) -> Json {
        match self {
            Self::Pool => pool(operation == Operation::DeletePrepaid, updated),
            Self::Network => network(updated),
        }
    }

    /// Objects of the name in the cloud.
    pub(crate) fn objects(self, cloud: &Cloud) -> Vec<Json> {
        let all = match self {
            Self::Pool => cloud.pools(),
            Self::Network => cloud.networks(),
        };
        let ours = |object: &Json| object["metadata"]["labels"]["os.modelarts/name"] == NAME;
        all.expect("the cloud can be read").into_iter().filter(ours).collect()
    }

    /// Makes an object vanish.
    pub(crate) fn remove(self, cloud: &Cloud, id: &str) {
        let removed = match self {
            Self::Pool => cloud.remove_pool(id),
            Self::Network => cloud.remove_network(id),
        };
        removed.expect("the cloud can be written");
    }

    /// What keeps an object from being as it was asked for, if anything does.
    pub(crate) fn lack(self, state: &Value) -> Option<String> {
        match self {
            Self::Pool => {
                let ready = state.get("ready").as_bool();
                (ready != Some(true)).then(|| format!("ready is {ready:?}"))
            }
            Self::Network => {
                let mut phases = vec![state.get("phase").as_str()];
                for (list, phase) in
                    [("peer_connection_status", "phase"), ("sfs_turbo_connection_status", "status")]
                {
                    let items = state.get(list).elements().unwrap_or_default();
                    phases.extend(items.iter().map(|item| item.get(phase).as_str()));
                }
                let all = phases.iter().all(|phase| *phase == Some("Active"));
                (!all).then(|| format!("phases are {phases:?}"))
            }
        }
    }

    /// Whether an update of the stories has been carried out.
    pub(crate) fn is_updated(self, object: &Json) -> bool {
        match self {
            Self::Pool => object["spec"]["resources"][0]["count"] == 2,
            Self::Network => {
                object["spec"]["connection"]["peerConnectionList"][0]["peerVpcId"] == "vpc-2"
            }
        }
    }

    /// The configuration of the stories.
    pub(crate) fn story(self, updated: bool) -> String {
        match self {
            Self::Pool => named(NAME, &[entry(CPU, if updated { 2 } else { 1 })], ""),
            Self::Network => format!(
                r#"
resource "modelarts_network" "main" {{
  name             = "{NAME}"
  cidr             = "192.168.0.0/20"
  peer_connections = [{{ vpc_id = "vpc-{}", subnet_id = "subnet" }}]
}}
"#,
                if updated { 2 } else { 1 }
            ),
        }
    }

    /// The address of the stories.
    pub(crate) fn address(self) -> String {
        format!("{}.main", self.resource())
    }
}

const fn call(
    (subject, operation): (Subject, Operation),
    name: &'static str,
    (method, path): (&'static str, &'static str),
    nth: u64,
) -> Call {
    Call { subject, operation, name, method, path, nth, failing: None }
}

/// The nth list of an operation, which helps out when a GET has failed.
fn helping((subject, operation): (Subject, Operation), nth: u64, get: u64) -> Call {
    let list = ("GET", subject.all());
    Call { failing: Some(get), ..call((subject, operation), "poll: list", list, nth) }
}

fn pool_calls() -> Vec<Call> {
    const CREATE: (Subject, Operation) = (Subject::Pool, Operation::Create);
    const READ: (Subject, Operation) = (Subject::Pool, Operation::Read);
    const UPDATE: (Subject, Operation) = (Subject::Pool, Operation::Update);
    const DELETE: (Subject, Operation) = (Subject::Pool, Operation::Delete);
    const PREPAID: (Subject, Operation) = (Subject::Pool, Operation::DeletePrepaid);
    const LIST: (&str, &str) = ("GET", POOLS);
    const GET: (&str, &str) = ("GET", POOL);
    vec![
        call(CREATE, "plan: flavors", ("GET", FLAVORS), 1),
        call(CREATE, "list before", LIST, 1),
        call(CREATE, "POST", ("POST", POOLS), 1),
        call(CREATE, "poll: GET", GET, 1),
        call(CREATE, "poll: GET, ready", GET, 2),
        helping(CREATE, 2, 1),
        call(READ, "GET", GET, 1),
        call(UPDATE, "plan: flavors", ("GET", FLAVORS), 1),
        call(UPDATE, "GET", GET, 1),
        call(UPDATE, "PATCH, grows", ("PATCH", POOL), 1),
        call(UPDATE, "poll: GET", GET, 2),
        call(UPDATE, "poll: GET, grown", GET, 3),
        helping(UPDATE, 1, 2),
        call(UPDATE, "PATCH, shrinks", ("PATCH", POOL), 2),
        call(UPDATE, "poll: GET", GET, 4),
        call(UPDATE, "poll: GET, shrunk", GET, 5),
        call(DELETE, "GET", GET, 1),
        call(DELETE, "nodes", ("GET", NODES), 1),
        call(DELETE, "DELETE", ("DELETE", POOL), 1),
        call(DELETE, "poll: GET", GET, 2),
        call(DELETE, "poll: GET, gone", GET, 3),
        helping(DELETE, 1, 2),
        call(PREPAID, "GET", GET, 1),
        call(PREPAID, "nodes", ("GET", NODES), 1),
        call(PREPAID, "query", ("POST", QUERY), 1),
        call(PREPAID, "unsubscribe", ("POST", UNSUBSCRIBE), 1),
        call(PREPAID, "poll: GET", GET, 2),
        call(PREPAID, "poll: nodes", ("GET", NODES), 2),
        call(PREPAID, "poll: GET, gone", GET, 3),
        call(PREPAID, "GET, gone", GET, 4),
        call(PREPAID, "GET, gone", GET, 5),
    ]
}

fn network_calls() -> Vec<Call> {
    const CREATE: (Subject, Operation) = (Subject::Network, Operation::Create);
    const READ: (Subject, Operation) = (Subject::Network, Operation::Read);
    const UPDATE: (Subject, Operation) = (Subject::Network, Operation::Update);
    const DELETE: (Subject, Operation) = (Subject::Network, Operation::Delete);
    const LIST: (&str, &str) = ("GET", NETWORKS);
    const GET: (&str, &str) = ("GET", NETWORK);
    const PATCH: (&str, &str) = ("PATCH", NETWORK);
    vec![
        call(CREATE, "list before", LIST, 1),
        call(CREATE, "POST", ("POST", NETWORKS), 1),
        call(CREATE, "poll: GET", GET, 1),
        call(CREATE, "poll: GET, active", GET, 2),
        helping(CREATE, 2, 1),
        call(CREATE, "PATCH, connects", PATCH, 1),
        call(CREATE, "poll: GET", GET, 3),
        call(CREATE, "poll: GET, connected", GET, 4),
        call(READ, "GET", GET, 1),
        call(UPDATE, "GET", GET, 1),
        call(UPDATE, "PATCH, moves", PATCH, 1),
        call(UPDATE, "poll: GET, moved", GET, 2),
        call(UPDATE, "PATCH, connects", PATCH, 2),
        call(UPDATE, "poll: GET", GET, 3),
        call(UPDATE, "poll: GET, connected", GET, 4),
        helping(UPDATE, 1, 3),
        call(DELETE, "GET", GET, 1),
        call(DELETE, "DELETE", ("DELETE", NETWORK), 1),
        call(DELETE, "poll: GET", GET, 2),
        call(DELETE, "poll: GET, gone", GET, 3),
        helping(DELETE, 1, 2),
    ]
}

/// A pool of which an update makes one entry grow and the other shrink.
fn pool(prepaid: bool, updated: bool) -> Json {
    let entry = |flavor: &str, count: u32| json!({ "flavor": flavor, "count": count });
    let [first, second] = if updated { [2, 1] } else { [1, 2] };
    let mut config = json!({
        "name": NAME,
        "scope": ["Train"],
        "network": { "name": access::network_id() },
        "resources": [
            entry("modelarts.vm.cpu.8ud", first),
            entry("modelarts.vm.gpu.tnt004", second),
        ],
    });
    if prepaid {
        config["charging_mode"] = json!("prePaid");
        config["period_unit"] = json!("month");
        config["period"] = json!(1);
        config["auto_pay"] = json!(true);
    }
    config
}

/// A network that an update moves, connects to something and disconnects from
/// something.
fn network(updated: bool) -> Json {
    let peer = |vpc: &str| json!({ "vpc_id": vpc, "subnet_id": "subnet" });
    let mut config = json!({
        "name": NAME,
        "cidr": "192.168.0.0/20",
        "workspace_id": "0",
        "description": "before",
        "peer_connections": [peer("vpc-1")],
        "sfs_turbo_connections": [{ "name": "files", "sfs_id": "sfs-1" }],
    });
    if updated {
        config["workspace_id"] = json!(access::WORKSPACE_ID);
        config["description"] = json!("after");
        config["peer_connections"] = json!([peer("vpc-1"), peer("vpc-2")]);
        config["sfs_turbo_connections"] = Json::Null;
    }
    config
}
