//! A local ModelArts over HTTP, written from the API reference alone.
//!
//! The simulator answers for pools, nodes, networks, orders, flavors and workspaces, and for the
//! parts of IAM and billing that clients of those need, all on one loopback address. It checks
//! requests strictly (unknown fields, wrong types and broken rules are refused) and verifies
//! signatures on the bytes that arrive. Nothing in it comes from the client, so that a mistake
//! cannot hide on both sides.
//!
//! Time drives everything: an operation writes down when things will happen, and each answer
//! follows from those moments and the clock. With a state file, processes share one cloud and a
//! restart loses nothing.
//!
//! # Scenarios
//!
//! A scenario is JSON; every part is optional and unknown fields are refused.
//!
//! ```json
//! {
//!   "durations": { "create": "20m", "scale_out": "never" },
//!   "outcomes": {
//!     "creation_failed": { "message": "insufficient resources", "times": 1 },
//!     "abnormal_nodes": { "count": 1, "recover": "2m" },
//!     "node_job_failed": { "nodes": ["os-node-created-ab12c"], "message": "no answer" },
//!     "drain_failed": { "nodes": 1, "stuck": true }, "lock_failed": { "nodes": 1, "times": 1 }
//!   },
//!   "answers": {
//!     "order": { "random": 7 }, "resources_as_objects": true, "unknown_fields": true,
//!     "leave_out": { "list": ["label:node.prefix", "spec.network"], "show": ["spec.parent"] },
//!     "gzip": true, "date_offset": "-26h", "reboot_without_job": true, "no_jobs": true
//!   },
//!   "rules": { "approval": true, "token_lifetime": "1h", "old_max_count": "refused",
//!     "rolling_config": "optional" },
//!   "offer": { "sold_out": { "modelarts.vm.cpu.8ud": ["cn-north-4a"] } },
//!   "clock_offset": "-20m",
//!   "faults": [
//!     { "match": { "method": "POST", "path": "/v2/*/pools", "nth": 1 }, "do": "lost" },
//!     { "match": { "path": "/v2/**", "nth": "every", "probability": 0.1, "seed": 1 },
//!       "do": { "answer": { "status": 503, "headers": { "Retry-After": "1" } } } },
//!     { "match": { "operation": "list", "query": "*workspaceId=0*", "nth": 3, "times": 2 },
//!       "do": { "hang": { "for": "never" } } },
//!     { "match": { "operation": ["show", "patch"] }, "do": "html" }
//!   ]
//! }
//! ```
//!
//! Durations are those of [`Durations`] and are divided by the speed. What a fault happens to is
//! said in [`Match`]: [`Operation`] names what a request asks for. A create that is answered with
//! 503 although carried out, and with 409 when repeated, is `"operation": "create", "nth": 1` with
//! an `answer` that is `carried_out`.
//!
//! A fault does one of: `answer` (another answer; `carried_out` says whether the request takes
//! effect), `reset` (the connection closes before anything happens), `lost` (carried out, no
//! answer), `hang` (`before` or `after`; with `close` the connection then ends), `truncate` (half
//! of the body), `delay`, `drip` (the body in small pieces), `wrong_types`, `html`. Silences and
//! delays of faults are in real time.
//!
//! [`LeaveOut`] says how the things are named that answers leave out, [`Offer`] what is sold out,
//! [`Answers`] and [`Rules`] what else can be had.
//!
//! # Where the reference leaves a choice
//!
//! - A wrong content type is answered with 415, a busy pool with 409 and `ModelArts.5044`, a
//!   network in use with 409, a network that exists already with 409 and `ModelArts.50025000`.
//! - A VPC that a network is being disconnected from shows as it was until it is gone; a file system
//!   shows as `Deleting`. Why a connection is `Abnormal` stands in the status of the network, as the
//!   reason of a network that is `Abnormal` does.
//! - A connection that a patch leaves as it is goes on undisturbed; one that is `Abnormal` is tried
//!   again. Only a network in phase Active takes connections.
//! - A failed creation keeps its record and its name until it is deleted.
//! - After a failed growing the counts are those that came; the pool accepts another try.
//! - An entry of `spec.resources` that a patch sends is taken as it is: what it leaves out returns
//!   to the service's default. Nodes stay in the zones that they are in.
//! - Volumes, operating system and labels that a patch changes show at once.
//! - A null in a merge patch removes: an annotation, a label (it returns to its default), a driver
//!   version, a list of connections. What a pool cannot be without cannot be removed. In the
//!   entries of `spec.resources`, and in any other request, a null counts as absent.
//! - A key pair of `userLogin` comes back, a password does not.
//! - `batch-reboot` answers with the names of the nodes and with a job. A reboot shows in the nodes
//!   as `Checking`, which no count of the pool has, and a reset as `Creating`; both after the time
//!   that work takes to be picked up. A reset takes its nodes round by round. A node on which the
//!   work fails is `Abnormal` from then on; one on which it succeeds is `Available`, whatever it
//!   was before. The pool is not busy meanwhile.
//! - Draining shows in the annotation `os.modelarts.node/drain`, of which the reference says nothing
//!   but that it is there: here it is `draining`, then `drained` or `failed`. Nothing undoes it.
//! - Any percentage of nodes is at least one node.
//! - A node pool that a request adds, changes or removes is a change of size of its pool.
//! - Tags are kept, and shown, in the annotation `os.modelarts/tms.tags`.

pub mod access;
mod answer;
mod auth;
mod billing;
mod call;
mod catalog;
mod check;
mod cloud;
mod command;
mod connection;
mod digest;
mod entry_rules;
mod event;
mod faults;
mod flavor;
mod iam;
mod job;
mod kept;
mod layout;
mod moment;
mod network;
mod network_patch;
mod network_view;
mod node;
mod node_pool;
mod node_state;
mod node_work;
mod omit;
mod order;
mod pool_create;
mod pool_find;
mod pool_patch;
mod pool_resize;
mod pool_rules;
mod pool_view;
mod record;
mod reply;
mod router;
mod routes;
mod scenario;
mod selector;
mod server;
mod shape;
mod signature;
mod span;
mod store;
mod tags;
mod token;
mod workspace;
mod world;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::{CancellationToken, DropGuard};

use self::{auth::Gate, call::Live, server::Shared, store::Store};
pub use self::{
    cloud::Cloud,
    command::{Options, run_command},
    record::Recorded,
    scenario::{
        AbnormalNodes, Action, AnswerOrder, Answers, Canned, Durations, FailingNodes, Failure,
        Fault, Hang, LeaveOut, Match, Nodes, Nth, Offer, OfferedWorkspace, Operation, Operations,
        Outcomes, RollingConfig, Rules, Scenario, ScenarioError, When, WhenOmitted, ZoneSums,
    },
    span::{Offset, Span},
    store::StoreError,
};

/// Says how a simulator is started.
#[derive(Clone, Debug)]
pub struct Config {
    /// The loopback address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The file that keeps the state, shared between processes; absent means memory.
    pub state_file: Option<PathBuf>,
    /// Divides all durations; at 1.0 a pool is ready in about 400 ms.
    pub speed: f64,
    /// What differs from the default behaviour.
    pub scenario: Option<Scenario>,
    /// The keys and the user that are accepted.
    pub credentials: access::Credentials,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            state_file: None,
            speed: 1.0,
            scenario: None,
            credentials: access::Credentials::default(),
        }
    }
}

/// Says why a simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Anybody could use it.
    #[error("the simulator listens on loopback addresses only, not on {0}")]
    NotLoopback(SocketAddr),
    /// The speed is zero, negative or no number.
    #[error("the simulator's speed must be a number above zero, not {0}")]
    Speed(f64),
    /// The address cannot be used.
    #[error("the simulator cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The state file cannot be used.
    #[error(transparent)]
    State(#[from] StoreError),
}

/// Is a simulator that serves until it is stopped or dropped.
pub struct Running {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: DropGuard,
    task: JoinHandle<()>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Running").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Starts a simulator on the current Tokio runtime.
///
/// # Errors
/// An address that is not loopback or cannot be used, a speed that is not above zero, a state
/// file that cannot be read or written.
pub async fn start(config: Config) -> Result<Running, StartError> {
    if !config.listen.ip().is_loopback() {
        return Err(StartError::NotLoopback(config.listen));
    }
    if !(config.speed.is_finite() && config.speed > 0.0) {
        return Err(StartError::Speed(config.speed));
    }
    let listen = |source| StartError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let store = Store::open(config.state_file)?;
    let live = Live::new(config.scenario.unwrap_or_default());
    let gate = Gate::new(config.credentials);
    let shared = Arc::new(Shared::new(store, gate, config.speed, live));
    let stop = CancellationToken::new();
    let task = tokio::spawn(server::serve(listener, Arc::clone(&shared), stop.clone()));
    Ok(Running { address, shared, stop: stop.drop_guard(), task })
}

impl Running {
    /// Returns the address that it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Returns the base URL of every service, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns a handle that looks at and changes the cloud.
    pub fn cloud(&self) -> Cloud {
        Cloud { shared: Arc::clone(&self.shared) }
    }

    /// Stops it and waits until every connection is closed.
    pub async fn stop(self) {
        drop(self.stop);
        // The task ends by itself; a panic in it has nothing left to spoil.
        let _ = self.task.await;
    }
}
