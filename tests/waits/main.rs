//! Waits and reads of many pools, against the simulator over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::modelarts::{
    Backoff, Call, Client, CredentialSource, Endpoint, Endpoints, Error, Keys, Pool, PoolId,
    ProjectRef, Settings,
};
use terraform_provider_modelarts::resources::session::{Connection, LookError};
use terraform_provider_modelarts::simulator::{self, Config, Running, Scenario, access};
use terraform_provider_modelarts::wait::{Deadline, Ended, Progress, WaitOptions, until};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

mod offer;
mod reads;
mod waits;

const DEFAULT: &str = "0";
const SECOND: Duration = Duration::from_secs(1);

type Seen = Option<Arc<Pool>>;
type End = Result<Seen, Ended<Seen, LookError>>;

/// A cloud in which pools are made in an hour, and a connection to it.
struct Cloud {
    running: Running,
    connection: Arc<Connection>,
    pools: Vec<PoolId>,
}

impl Cloud {
    async fn start(pools: usize) -> Self {
        let running = simulator::start(Config::default()).await.unwrap();
        let connection = Arc::new(Connection::new(client(&running)));
        let mut cloud = Self { running, connection, pools: Vec::new() };
        cloud.play(json!([]));
        cloud.pools = (0..pools).map(|n| cloud.add(&format!("pool-{n:04}"))).collect();
        cloud
    }

    fn hand(&self) -> simulator::Cloud {
        self.running.cloud()
    }

    /// Makes a pool behind everybody's back, still in creation.
    fn add(&self, name: &str) -> PoolId {
        let body = json!({
            "apiVersion": "v2",
            "kind": "Pool",
            "metadata": { "labels": { "os.modelarts/name": name } },
            "spec": {
                "type": "Dedicate",
                "scope": ["Train"],
                "network": { "name": access::network_id() },
                "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": 1 }],
            },
        });
        let pool = self.hand().add_pool(&body).unwrap().unwrap();
        let id = pool["metadata"]["name"].as_str().unwrap();
        self.show(id, "Creating");
        PoolId::new(id)
    }

    fn show(&self, id: &str, phase: &str) {
        self.hand().change_pool(id, |pool| pool["status"]["phase"] = phase.into()).unwrap();
    }

    /// All pools are ready from now on.
    fn finish(&self) {
        for id in &self.pools {
            self.show(id.as_str(), "Running");
        }
    }

    fn play(&self, faults: Json) {
        let scenario = json!({ "faults": faults });
        self.hand().set_scenario(Scenario::from_json(&scenario.to_string()).unwrap());
        self.hand().forget_requests();
    }

    /// The first call of a process goes alone until the keys are known to be
    /// good; in a run that waits, that has long been so.
    async fn sign_in(&self) {
        self.connection.get(&Call::default(), &self.pools[0]).await.unwrap();
    }

    fn lists(&self) -> usize {
        self.count(|path| path.ends_with("/pools"))
    }

    fn singles(&self) -> usize {
        self.count(|path| path.contains("/pools/"))
    }

    fn count(&self, is_it: impl Fn(&str) -> bool) -> usize {
        self.hand().requests().iter().filter(|request| is_it(&request.path)).count()
    }

    /// Waits until a pool is running.
    fn wait(
        &self,
        id: &PoolId,
        timeout: Duration,
        stop: CancellationToken,
    ) -> impl Future<Output = (End, Instant)> + Send + use<> {
        let connection = Arc::clone(&self.connection);
        let id = id.clone();
        async move {
            let options = WaitOptions { deadline: Deadline::after(timeout), stop };
            let mut looks = connection.watch(DEFAULT, &id);
            let end = until(&mut looks, running, &options).await;
            (end, Instant::now())
        }
    }

    /// Reads all pools, so many at a time.
    async fn read(&self, lanes: usize) -> Vec<Result<Seen, Error>> {
        let mut lanes: Vec<_> = (0..lanes).map(|_| Vec::new()).collect();
        for (n, id) in self.pools.iter().enumerate() {
            let lane = n % lanes.len();
            lanes[lane].push(id.clone());
        }
        let mut reads = JoinSet::new();
        for lane in lanes {
            let connection = Arc::clone(&self.connection);
            reads.spawn(async move {
                let mut seen = Vec::new();
                for id in lane {
                    seen.push(connection.read(&Call::default(), DEFAULT, &id).await);
                }
                seen
            });
        }
        reads.join_all().await.into_iter().flatten().collect()
    }
}

fn client(running: &Running) -> Client {
    let endpoint =
        |name: &str| Endpoint::parse(&running.url(), format!("endpoints.{name}")).unwrap();
    let endpoints = Endpoints {
        modelarts: endpoint("modelarts"),
        iam: endpoint("iam"),
        bss: endpoint("bss"),
        sts: endpoint("sts"),
        metadata: endpoint("metadata"),
    };
    let keys = CredentialSource::Keys(Keys {
        access_key: access::ACCESS_KEY.to_owned(),
        secret_key: access::SECRET_KEY.to_owned().into(),
        security_token: None,
    });
    let project = ProjectRef::Id(access::PROJECT_ID.to_owned());
    let mut settings = Settings::new(project, keys, endpoints);
    settings.backoff = Backoff { first: Duration::from_millis(1), cap: Duration::from_millis(3) };
    Client::new(settings).unwrap()
}

fn running(seen: &Seen) -> Progress {
    match seen.as_deref().map(|pool| pool.phase().as_str().to_owned()) {
        Some(phase) if phase == "Running" => Progress::Done,
        other => Progress::Pending(format!("{other:?}")),
    }
}

fn fault(method: &str, path: &str, action: Json) -> Json {
    json!({ "match": { "method": method, "path": path, "nth": "every" }, "do": action })
}

fn list_fault(action: Json) -> Json {
    json!([fault("GET", "/v2/*/pools", action)])
}

fn single_fault(action: Json) -> Json {
    json!([fault("GET", "/v2/*/pools/*", action)])
}

fn hangs() -> Json {
    json!({ "hang": { "for": "never" } })
}

fn fails(status: u16) -> Json {
    json!({ "answer": { "status": status, "body": { "error_msg": "no", "error_code": "X.1" } } })
}
