//! One case: an operation on a pool with a fault at one of its calls, and an
//! apply after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::{self, Config, Recorded, Running, Scenario, access};

use crate::faults::{FAULTS, Fault};
use crate::played::{Core, Message};

const NAME: &str = "matrix-pool";
const POOLS: &str = "/v2/*/pools";
const POOL: &str = "/v2/*/pools/*";
const NODES: &str = "/v2/*/pools/*/nodes";
const QUERY: &str = "/v2/orders/suscriptions/resources/query";
const UNSUBSCRIBE: &str = "/v2/orders/subscriptions/resources/unsubscribe";

/// Longer than everything that takes its time in the simulated cloud.
const LATER: Duration = Duration::from_secs(24 * 3600);

/// A case that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(100);

/// What is done to the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// The pool is made.
    Create,
    /// The pool is refreshed.
    Read,
    /// One entry grows, another shrinks.
    Update,
    /// The pool is destroyed.
    Delete,
    /// The pool is destroyed, and is paid for in advance.
    DeletePrepaid,
}

impl Operation {
    /// All of them, in the order of the table.
    pub(crate) const ALL: [Self; 5] =
        [Self::Create, Self::Read, Self::Update, Self::Delete, Self::DeletePrepaid];

    /// As the table calls it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Read => "Read",
            Self::Update => "Update",
            Self::Delete => "Delete",
            Self::DeletePrepaid => "Delete of a prepaid pool",
        }
    }

    /// Whether the pool is gone afterwards.
    pub(crate) fn destroys(self) -> bool {
        matches!(self, Self::Delete | Self::DeletePrepaid)
    }
}

/// A call of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) operation: Operation,
    /// As the table calls it.
    pub(crate) name: &'static str,
    method: &'static str,
    path: &'static str,
    /// Which of the operation's requests of this method and path.
    nth: u64,
    /// A GET of the pool that fails, by its number, so that a list is asked for
    /// instead.
    failing: Option<u64>,
}

const fn call(
    operation: Operation,
    name: &'static str,
    (method, path): (&'static str, &'static str),
    nth: u64,
) -> Call {
    Call { operation, name, method, path, nth, failing: None }
}

const fn helping(operation: Operation, nth: u64, get: u64) -> Call {
    Call { failing: Some(get), ..call(operation, "poll: list", ("GET", POOLS), nth) }
}

impl Call {
    /// Whether a known fault makes it wait until the deadline, which is early
    /// then.
    fn waits_in_vain(&self, fault: Fault) -> bool {
        self.path == QUERY && fault.name == "wrong types"
    }
}

/// Every call of every operation, in the order in which they are made.
pub(crate) fn calls() -> Vec<Call> {
    use Operation::{Create, Delete, DeletePrepaid, Read, Update};
    const LIST: (&str, &str) = ("GET", POOLS);
    const GET: (&str, &str) = ("GET", POOL);
    vec![
        call(Create, "list before", LIST, 1),
        call(Create, "POST", ("POST", POOLS), 1),
        call(Create, "poll: GET", GET, 1),
        call(Create, "poll: GET, ready", GET, 2),
        helping(Create, 2, 1),
        call(Read, "GET", GET, 1),
        call(Update, "GET", GET, 1),
        call(Update, "PATCH, grows", ("PATCH", POOL), 1),
        call(Update, "poll: GET", GET, 2),
        call(Update, "poll: GET, grown", GET, 3),
        helping(Update, 1, 2),
        call(Update, "PATCH, shrinks", ("PATCH", POOL), 2),
        call(Update, "poll: GET", GET, 4),
        call(Update, "poll: GET, shrunk", GET, 5),
        call(Delete, "GET", GET, 1),
        call(Delete, "nodes", ("GET", NODES), 1),
        call(Delete, "DELETE", ("DELETE", POOL), 1),
        call(Delete, "poll: GET", GET, 2),
        call(Delete, "poll: GET, gone", GET, 3),
        helping(Delete, 1, 2),
        call(DeletePrepaid, "GET", GET, 1),
        call(DeletePrepaid, "nodes", ("GET", NODES), 1),
        call(DeletePrepaid, "query", ("POST", QUERY), 1),
        call(DeletePrepaid, "unsubscribe", ("POST", UNSUBSCRIBE), 1),
        call(DeletePrepaid, "poll: GET", GET, 2),
        call(DeletePrepaid, "poll: nodes", ("GET", NODES), 2),
        call(DeletePrepaid, "poll: GET, gone", GET, 3),
        call(DeletePrepaid, "GET, gone", GET, 4),
        call(DeletePrepaid, "GET, gone", GET, 5),
    ]
}

/// How an operation with a fault ended, and the apply after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// As if nothing had been.
    Through,
    /// With a warning; the next apply finished it.
    Warned,
    /// With an error that says what to do; the next apply finished it.
    Failed,
    /// The next apply did not finish it, or the case broke a rule.
    Broken(String),
}

/// What is left after a case.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) call: Call,
    pub(crate) fault: Fault,
    /// The client repeats failed calls; otherwise the fault outlasts that.
    pub(crate) repeats: bool,
    /// Pools of this name in the cloud.
    pub(crate) pools: usize,
    /// The one from before; `None` where there was none.
    pub(crate) same: Option<bool>,
    /// The state has it right after the operation, and after the next apply.
    pub(crate) known: [bool; 2],
    /// Calls that destroyed something.
    pub(crate) destructive: u64,
    pub(crate) outcome: Outcome,
    /// Every message of the operation.
    pub(crate) messages: Vec<Message>,
}

/// Runs every case, so many at a time.
pub(crate) async fn all(lanes: usize) -> Vec<Cell> {
    let mut cases = Vec::new();
    for repeats in [true, false] {
        for call in calls() {
            cases.extend(FAULTS.iter().map(|fault| (call, *fault, repeats)));
        }
    }
    let cases = Arc::new(cases);
    let next = Arc::new(AtomicUsize::new(0));
    let lane = |_| {
        let (cases, next) = (Arc::clone(&cases), Arc::clone(&next));
        tokio::spawn(async move {
            let mut done = Vec::new();
            let mut lane = Lane::start().await;
            loop {
                let index = next.fetch_add(1, Ordering::SeqCst);
                let Some((call, fault, repeats)) = cases.get(index).copied() else { return done };
                let case = tokio::spawn(lane.run(call, fault, repeats));
                match tokio::time::timeout(PATIENCE, case).await {
                    Ok(Ok((cell, used))) => {
                        done.push((index, cell));
                        lane = used;
                    }
                    end => {
                        let why = match end {
                            Ok(Err(panic)) => panicked(panic),
                            _ => format!("does not end within {PATIENCE:?}"),
                        };
                        done.push((index, broken(call, fault, repeats, why)));
                        lane = Lane::start().await;
                    }
                }
            }
        })
    };
    let lanes: Vec<_> = (0..lanes).map(lane).collect();
    let mut cells = Vec::new();
    for lane in lanes {
        cells.extend(lane.await.expect("a lane ends"));
    }
    cells.sort_by_key(|(index, _)| *index);
    cells.into_iter().map(|(_, cell)| cell).collect()
}

fn panicked(error: tokio::task::JoinError) -> String {
    let payload = error.into_panic();
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "panicked".to_owned())
}

fn broken(call: Call, fault: Fault, repeats: bool, why: String) -> Cell {
    Cell {
        call,
        fault,
        repeats,
        pools: 0,
        same: None,
        known: [false; 2],
        destructive: 0,
        outcome: Outcome::Broken(why),
        messages: Vec::new(),
    }
}

/// Fails unless the calls of the matrix are all that operations make.
pub(crate) async fn covers_everything() {
    for operation in Operation::ALL {
        let mut lane = Lane::start().await;
        lane.prepare(operation, Json::Null).await;
        lane.play(scenario(operation, &[]));
        lane.operate(operation).await;
        let made: Vec<(String, String)> = lane
            .hand()
            .requests()
            .into_iter()
            .map(|request| (request.method, kind(&request.path).to_owned()))
            .collect();
        let listed: Vec<(String, String)> = calls()
            .into_iter()
            .filter(|call| call.operation == operation && call.failing.is_none())
            .map(|call| (call.method.to_owned(), call.path.to_owned()))
            .collect();
        assert_eq!(made, listed, "{operation:?}");
    }
}

fn kind(path: &str) -> &str {
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["", "v2", _, "pools"] => POOLS,
        ["", "v2", _, "pools", _] => POOL,
        ["", "v2", _, "pools", _, "nodes"] => NODES,
        _ => path,
    }
}

/// A scenario in which nothing goes on until the cloud's time is moved.
fn scenario(operation: Operation, faults: &[Json]) -> Scenario {
    let mut durations = durations("1h");
    // A removal that has not begun cannot be told from one that is over, but
    // subscriptions end before their nodes begin to go.
    if operation != Operation::DeletePrepaid {
        durations["pickup"] = json!("0s");
    }
    read(&json!({ "durations": durations, "faults": faults }))
}

/// A scenario in which everything is done at once.
fn prompt() -> Scenario {
    read(&json!({ "durations": durations("0s") }))
}

fn durations(each: &str) -> Json {
    let names = "pickup create nodes scope driver scale_out scale_in delete order";
    names
        .split(' ')
        .map(|name| (name.to_owned(), json!(each)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn read(scenario: &Json) -> Scenario {
    Scenario::from_json(&scenario.to_string()).unwrap()
}

fn config(counts: [u32; 2], prepaid: bool) -> Json {
    let entry = |flavor: &str, count: u32| json!({ "flavor": flavor, "count": count });
    let mut config = json!({
        "name": NAME,
        "scope": ["Train"],
        "network": { "name": access::network_id() },
        "resources": [
            entry("modelarts.vm.cpu.8ud", counts[0]),
            entry("modelarts.vm.gpu.tnt004", counts[1]),
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

/// A cloud and a provider, for one case after the other.
struct Lane {
    cloud: Running,
    core: Core,
    config: Json,
}

impl Lane {
    async fn start() -> Self {
        let cloud = simulator::start(Config::default()).await.unwrap();
        let core = Core::start(&cloud).await;
        Self { cloud, core, config: Json::Null }
    }

    fn hand(&self) -> simulator::Cloud {
        self.cloud.cloud()
    }

    /// Pools of the name, by id and moment of creation.
    fn pools(&self) -> Vec<[String; 2]> {
        let text = |pool: &Json, pointer: &str| {
            pool.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned()
        };
        let ours = |pool: &Json| pool["metadata"]["labels"]["os.modelarts/name"] == NAME;
        let identity =
            |pool: &Json| [text(pool, "/metadata/name"), text(pool, "/metadata/creationTimestamp")];
        self.hand().pools().unwrap().iter().filter(|pool| ours(pool)).map(identity).collect()
    }

    /// Whether the state holds the one pool that there is, or none as the
    /// cloud does.
    fn knows(&self) -> bool {
        let id = self.core.state.get("id").as_str();
        match self.pools().as_slice() {
            [] => self.core.state.is_null(),
            [[only, _]] => id == Some(only),
            _ => false,
        }
    }

    fn play(&self, scenario: Scenario) {
        self.hand().set_scenario(scenario);
        self.hand().forget_requests();
    }

    /// What was before the operation: for a create nothing, otherwise a pool.
    async fn prepare(&mut self, operation: Operation, timeouts: Json) {
        self.core.forget();
        for [id, _] in self.pools() {
            self.hand().remove_pool(&id).unwrap();
        }
        self.play(prompt());
        self.config = config([1, 2], operation == Operation::DeletePrepaid);
        self.config["timeouts"] = timeouts;
        self.core.set("max_retries", Json::Null);
        self.core.configure().await;
        if operation != Operation::Create {
            let config = self.core.config(&self.config);
            self.core.run(&config).await;
        }
        if operation == Operation::Update {
            self.config = config([2, 1], false);
        }
        // The plan is made by another process than the apply.
        self.core.configure().await;
    }

    /// The operation, while the cloud goes on whenever it has been looked at.
    async fn operate(&mut self, operation: Operation) -> Vec<Message> {
        let cloud = self.hand();
        let time = tokio::spawn(async move { pass_time(&cloud).await });
        let config = self.core.config(&self.config);
        let core = &mut self.core;
        let messages = match operation {
            Operation::Read => core.try_refresh().await,
            Operation::Delete | Operation::DeletePrepaid => core.destroy().await,
            Operation::Create | Operation::Update => {
                let plan = core.plan(&config).await;
                core.apply(&plan).await
            }
        };
        time.abort();
        messages
    }

    async fn run(mut self, call: Call, fault: Fault, repeats: bool) -> (Cell, Self) {
        let operation = call.operation;
        let vain = call.waits_in_vain(fault);
        let timeouts = if vain { json!({ "delete": "10s" }) } else { Json::Null };
        self.prepare(operation, timeouts).await;
        let before = self.pools();
        self.core.set("max_retries", if repeats { Json::Null } else { json!(0) });
        self.core.configure().await;
        let mut faults = vec![json!({
            "match": { "method": call.method, "path": call.path, "nth": call.nth },
            "do": fault.action(),
        })];
        if let Some(get) = call.failing {
            faults.push(json!({
                "match": { "method": "GET", "path": POOL, "nth": get },
                "do": { "answer": { "status": 500, "body": { "error_msg": "failed" } } },
            }));
        }
        self.play(scenario(operation, &faults));
        let messages = self.operate(operation).await;
        let requests = self.hand().requests();
        let hits = |r: &&Recorded| r.method == call.method && kind(&r.path) == call.path;
        let came = requests.iter().filter(hits).count() as u64;
        let all: Vec<_> = requests.iter().map(|r| (&r.method, kind(&r.path), r.status)).collect();
        assert!(came >= call.nth, "the fault hit nothing: {all:?}");
        let known = self.knows();
        let next = self.finish(operation).await;
        let doubled = self.hand().requests().iter().any(|r| r.status == Some(409));
        let after = self.pools();
        let cell = Cell {
            call,
            fault,
            repeats,
            pools: after.len(),
            same: (!before.is_empty() && !after.is_empty()).then(|| before == after),
            known: [known, self.knows()],
            destructive: self.hand().destructive_calls(),
            outcome: outcome(&messages, next, doubled),
            messages,
        };
        (cell, self)
    }

    /// One more run without faults. Returns what went wrong with it.
    async fn finish(&mut self, operation: Operation) -> Result<(), String> {
        self.hand().advance(LATER).unwrap();
        // Not forgetting the requests: the whole case counts.
        self.hand().set_scenario(prompt());
        self.core.set("max_retries", Json::Null);
        self.core.configure().await;
        let errors = |found: Vec<Message>| match found.iter().any(|message| message.is_error) {
            true => Err(format!("the next apply failed: {found:#?}")),
            false => Ok(()),
        };
        if operation.destroys() {
            if !self.core.state.is_null() {
                errors(self.core.try_refresh().await)?;
            }
            if !self.core.state.is_null() {
                errors(self.core.destroy().await)?;
            }
            return Ok(());
        }
        if !self.core.state.is_null() {
            errors(self.core.try_refresh().await)?;
        }
        let config = self.core.config(&self.config);
        let plan = self.core.plan(&config).await;
        errors(plan.messages.clone())?;
        if !plan.replaces.is_empty() {
            return Err(format!("the next apply replaces the pool: {:?}", plan.replaces));
        }
        errors(self.core.apply(&plan).await)?;
        self.core.is_settled(&config).await;
        match self.core.state.get("ready").as_bool() {
            Some(true) => Ok(()),
            other => Err(format!("ready is {other:?}")),
        }
    }
}

fn outcome(messages: &[Message], next: Result<(), String>, doubled: bool) -> Outcome {
    if let Err(why) = next {
        return Outcome::Broken(why);
    }
    if doubled {
        return Outcome::Broken("a request was sent again although it was carried out".to_owned());
    }
    let errors: Vec<_> = messages.iter().filter(|message| message.is_error).collect();
    if let Some(silent) = errors.iter().find(|message| !advises(message)) {
        return Outcome::Broken(format!("the error does not say what to do: {silent:#?}"));
    }
    match (errors.is_empty(), messages.is_empty()) {
        (true, true) => Outcome::Through,
        (true, false) => Outcome::Warned,
        (false, _) => Outcome::Failed,
    }
}

/// Whether a message says what to do.
fn advises(message: &Message) -> bool {
    let imperatives = ["again", "Check ", "Run ", "import {", "Look at"];
    imperatives.iter().any(|word| message.detail.contains(word))
}

/// Moves the cloud's time on whenever a change has been looked at.
async fn pass_time(cloud: &simulator::Cloud) {
    let changes = |r: &Recorded| r.method != "GET" && r.path != QUERY;
    let mut passed = None;
    loop {
        let looked_at = |requests: &[Recorded]| {
            let last = requests.iter().rposition(changes)?;
            let polls = requests.get(last + 1..)?;
            // A wait for nodes looks at the pool and at the nodes.
            let look = if requests[last].path == UNSUBSCRIBE { 2 } else { 1 };
            let answered = polls.get(look - 1).is_some_and(|poll| poll.status.is_some());
            let seen = polls.len() > look || answered;
            (seen && Some(last) != passed).then_some(last)
        };
        let requests = cloud.wait_for_requests(|requests| looked_at(requests).is_some()).await;
        passed = looked_at(&requests);
        cloud.advance(LATER).unwrap();
    }
}
