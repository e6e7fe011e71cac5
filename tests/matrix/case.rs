//! One case: an operation on an object with a fault at one of its calls, and an
//! apply after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::{self, Config, Recorded, Running, Scenario};

use crate::faults::{FAULTS, Fault};
use crate::played::{Core, Message};
use crate::subject::{Call, Operation, QUERY, Subject, UNSUBSCRIBE, shape};

/// Longer than everything that takes its time in the simulated cloud.
const LATER: Duration = Duration::from_secs(24 * 3600);

/// A case that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(100);

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
    /// Objects of this name in the cloud.
    pub(crate) objects: usize,
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

/// Runs every case of a kind of object, so many at a time.
pub(crate) async fn all(subject: Subject, lanes: usize) -> Vec<Cell> {
    static ONE_KIND_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _turn = ONE_KIND_AT_A_TIME.lock().await;
    let mut cases = Vec::new();
    for repeats in [true, false] {
        for call in subject.calls() {
            cases.extend(FAULTS.iter().map(|fault| (call, *fault, repeats)));
        }
    }
    let cases = Arc::new(cases);
    let next = Arc::new(AtomicUsize::new(0));
    let lane = |_| {
        let (cases, next) = (Arc::clone(&cases), Arc::clone(&next));
        tokio::spawn(async move {
            let mut done = Vec::new();
            let mut lane = Lane::start(subject).await;
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
                        lane = Lane::start(subject).await;
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
        objects: 0,
        same: None,
        known: [false; 2],
        destructive: 0,
        outcome: Outcome::Broken(why),
        messages: Vec::new(),
    }
}

/// Fails unless the calls of the matrix are all that operations make.
pub(crate) async fn covers_everything(subject: Subject) {
    for operation in subject.operations().iter().copied() {
        let mut lane = Lane::start(subject).await;
        lane.prepare(operation, Json::Null).await;
        lane.play(scenario(subject, operation, &[]));
        lane.operate(operation).await;
        let made: Vec<(String, String)> = lane
            .hand()
            .requests()
            .into_iter()
            .map(|request| (request.method, shape(&request.path).to_owned()))
            .collect();
        let listed: Vec<(String, String)> = subject
            .calls()
            .into_iter()
            .filter(|call| call.operation == operation && call.failing.is_none())
            .map(|call| (call.method.to_owned(), call.path.to_owned()))
            .collect();
        assert_eq!(made, listed, "{operation:?}");
    }
}

/// Whether a known fault makes a call wait until the deadline, which is early
/// then.
fn waits_in_vain(call: Call, fault: Fault) -> bool {
    call.path == QUERY && fault.name == "wrong types"
}

/// A scenario in which nothing goes on until the cloud's time is moved.
fn scenario(subject: Subject, operation: Operation, faults: &[Json]) -> Scenario {
    let mut durations = durations(subject, "1h");
    // A removal that has not begun cannot be told from one that is over, but
    // subscriptions end before their nodes begin to go.
    let pickup = if operation == Operation::DeletePrepaid { "1h" } else { "0s" };
    durations["pickup"] = json!(pickup);
    read(&json!({ "durations": durations, "faults": faults }))
}

/// A scenario in which everything is done at once.
fn prompt(subject: Subject) -> Scenario {
    let mut durations = durations(subject, "0s");
    durations["pickup"] = json!("0s");
    read(&json!({ "durations": durations }))
}

fn durations(subject: Subject, each: &str) -> Json {
    subject
        .durations()
        .split(' ')
        .map(|name| (name.to_owned(), json!(each)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn read(scenario: &Json) -> Scenario {
    Scenario::from_json(&scenario.to_string()).unwrap()
}

/// A cloud and a provider, for one case after the other.
struct Lane {
    subject: Subject,
    cloud: Running,
    core: Core,
    config: Json,
}

impl Lane {
    async fn start(subject: Subject) -> Self {
        let cloud = simulator::start(Config::default()).await.unwrap();
        let core = Core::of(subject.resource(), &cloud).await;
        Self { subject, cloud, core, config: Json::Null }
    }

    fn hand(&self) -> simulator::Cloud {
        self.cloud.cloud()
    }

    /// Objects of the name, by id and moment of creation.
    fn objects(&self) -> Vec<[String; 2]> {
        let text = |object: &Json, pointer: &str| {
            object.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned()
        };
        let identity = |object: &Json| {
            [text(object, "/metadata/name"), text(object, "/metadata/creationTimestamp")]
        };
        self.subject.objects(&self.hand()).iter().map(identity).collect()
    }

    /// Whether the state holds the one object that there is, or none as the
    /// cloud does.
    fn knows(&self) -> bool {
        let id = self.core.state.get("id").as_str();
        match self.objects().as_slice() {
            [] => self.core.state.is_null(),
            [[only, _]] => id == Some(only),
            _ => false,
        }
    }

    fn play(&self, scenario: Scenario) {
        self.hand().set_scenario(scenario);
        self.hand().forget_requests();
    }

    /// What was before the operation: for a create nothing, otherwise an object.
    async fn prepare(&mut self, operation: Operation, timeouts: Json) {
        self.core.forget();
        for [id, _] in self.objects() {
            self.subject.remove(&self.hand(), &id);
        }
        self.play(prompt(self.subject));
        self.config = self.subject.config(operation, false);
        self.config["timeouts"] = timeouts;
        self.core.set("max_retries", Json::Null);
        self.core.configure().await;
        if operation != Operation::Create {
            let config = self.core.config(&self.config);
            self.core.run(&config).await;
        }
        if operation == Operation::Update {
            self.config = self.subject.config(operation, true);
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
        let vain = waits_in_vain(call, fault);
        let timeouts = if vain { json!({ "delete": "10s" }) } else { Json::Null };
        self.prepare(operation, timeouts).await;
        let before = self.objects();
        self.core.set("max_retries", if repeats { Json::Null } else { json!(0) });
        self.core.configure().await;
        let mut faults = vec![json!({
            "match": { "method": call.method, "path": call.path, "nth": call.nth },
            "do": fault.action(),
        })];
        if let Some(get) = call.failing {
            faults.push(json!({
                "match": { "method": "GET", "path": self.subject.one(), "nth": get },
                "do": { "answer": { "status": 500, "body": { "error_msg": "failed" } } },
            }));
        }
        self.play(scenario(self.subject, operation, &faults));
        let state = self.core.state.clone();
        let messages = self.operate(operation).await;
        if operation == Operation::Read {
            assert!(self.core.state == state, "the refresh shows what is not so");
        }
        let requests = self.hand().requests();
        let hits = |r: &&Recorded| r.method == call.method && shape(&r.path) == call.path;
        let came = requests.iter().filter(hits).count() as u64;
        let all: Vec<_> = requests.iter().map(|r| (&r.method, shape(&r.path), r.status)).collect();
        assert!(came >= call.nth, "the fault hit nothing: {all:?}");
        let known = self.knows();
        let next = self.finish(operation).await;
        let doubled = self.hand().requests().iter().any(|r| r.status == Some(409));
        let after = self.objects();
        let cell = Cell {
            call,
            fault,
            repeats,
            objects: after.len(),
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
        self.hand().set_scenario(prompt(self.subject));
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
            return Err(format!("the next apply replaces the object: {:?}", plan.replaces));
        }
        errors(self.core.apply(&plan).await)?;
        self.core.is_settled(&config).await;
        self.subject.lack(&self.core.state).map_or(Ok(()), Err)
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
