//! Waits and reads of many pools, against the simulator over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::modelarts::{
    Backoff, Call, Client, CredentialSource, Endpoint, Endpoints, Error, ErrorKind, Pool, PoolId,
    ProjectRef, Settings,
};
use terraform_provider_modelarts::resources::session::{Connection, LookError};
use terraform_provider_modelarts::simulator::{self, Config, Running, Scenario, access};
use terraform_provider_modelarts::wait::{Deadline, Ended, Progress, WaitOptions, until};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

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
        self.connection.get_pool(&Call::default(), &self.pools[0]).await.unwrap();
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
            let mut looks = connection.watch_pool(DEFAULT, &id);
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
                    seen.push(connection.read_pool(&Call::default(), DEFAULT, &id).await);
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
    let keys = CredentialSource::Keys {
        access_key: access::ACCESS_KEY.to_owned(),
        secret_key: access::SECRET_KEY.to_owned().into(),
        security_token: None,
    };
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

/// Waits for all pools, has them finish after a while, and gives how late each
/// noticed.
async fn lateness(cloud: &Cloud, finish_after: Duration) -> Vec<Duration> {
    let mut waits = JoinSet::new();
    for id in &cloud.pools {
        waits.spawn(cloud.wait(id, 60 * SECOND, CancellationToken::new()));
    }
    tokio::time::sleep(finish_after).await;
    cloud.finish();
    let finished = Instant::now();
    let ends = waits.join_all().await;
    ends.into_iter()
        .map(|(end, at)| {
            end.unwrap();
            at.saturating_duration_since(finished)
        })
        .collect()
}

#[tokio::test]
async fn a_hundred_waits_cost_one_list_a_tick_and_each_notices_within_two_seconds() {
    let cloud = Cloud::start(100).await;
    let began = Instant::now();
    let late = lateness(&cloud, 6 * SECOND).await;
    let minutes = began.elapsed().as_secs_f64() / 60.0;
    assert!(late.iter().all(|late| *late <= 2 * SECOND), "{:?}", late.iter().max());
    // The rate of 40 a minute, and the first look, which has no rest before it.
    let most = (40.0 * minutes) as usize + 1;
    assert!(cloud.lists() <= most, "{} lists in {minutes} minutes", cloud.lists());
    assert_eq!(cloud.singles(), 0);
}

#[tokio::test]
async fn waits_with_different_ends_in_one_run_do_not_touch_each_other() {
    let cloud = Cloud::start(12).await;
    let mut waits = JoinSet::new();
    let stop = CancellationToken::new();
    for (n, id) in cloud.pools.iter().enumerate() {
        // A third runs out of time, a third is interrupted, a third goes on.
        let (time, stop) = match n % 3 {
            0 => (Duration::from_millis(500 + 100 * n as u64), CancellationToken::new()),
            1 => (60 * SECOND, stop.clone()),
            _ => (60 * SECOND, CancellationToken::new()),
        };
        let wait = cloud.wait(id, time, stop);
        waits.spawn(async move {
            let began = Instant::now();
            let (end, at) = wait.await;
            (n, time, end, at - began)
        });
    }
    tokio::time::sleep(2 * SECOND).await;
    stop.cancel();
    tokio::time::sleep(SECOND).await;
    cloud.finish();
    for (n, time, end, took) in waits.join_all().await {
        match n % 3 {
            0 => {
                assert!(matches!(end, Err(Ended::TimedOut { last: Some(_), .. })), "{n}: {end:?}");
                assert!(took >= time && took < time + SECOND / 2, "{n}: {took:?}");
            }
            1 => {
                assert!(matches!(end, Err(Ended::Interrupted { .. })), "{n}: {end:?}");
                assert!(took < 3 * SECOND, "{n}: {took:?}");
            }
            _ => {
                end.unwrap();
                assert!(took <= 5 * SECOND + SECOND / 2, "{n}: {took:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_list_that_fails_is_forbidden_or_hangs_does_not_blind_the_waits() {
    let told = async |action: Json| {
        let cloud = Cloud::start(6).await;
        cloud.sign_in().await;
        cloud.play(list_fault(action));
        let late = lateness(&cloud, 4 * SECOND).await;
        // Six pools at five a tick.
        assert!(late.iter().all(|late| *late <= 5 * SECOND), "{late:?}");
        assert!(cloud.lists() >= 1);
    };
    tokio::join!(told(fails(503)), told(fails(403)), told(hangs()));
}

#[tokio::test]
async fn single_calls_that_fail_are_forbidden_or_hang_do_not_blind_the_waits() {
    let told = async |action: Json| {
        let cloud = Cloud::start(2).await;
        cloud.sign_in().await;
        cloud.play(single_fault(action));
        let late = lateness(&cloud, 4 * SECOND).await;
        assert!(late.iter().all(|late| *late <= 2 * SECOND), "{late:?}");
    };
    tokio::join!(told(fails(503)), told(fails(403)), told(hangs()));
}

#[tokio::test]
async fn a_wait_that_nobody_lets_look_ends_with_the_refusal() {
    for pools in [1, 5] {
        let cloud = Cloud::start(pools).await;
        cloud.play(json!([fault("GET", "/v2/**", fails(403))]));
        let (end, _) = cloud.wait(&cloud.pools[0], 30 * SECOND, CancellationToken::new()).await;
        let Err(Ended::Poll(LookError::Call(error))) = end else { panic!("{end:?}") };
        assert_eq!(error.kind(), ErrorKind::Forbidden);
    }
}

#[tokio::test]
async fn pools_that_vanish_from_the_list_are_confirmed_a_few_at_a_time() {
    let cloud = Cloud::start(12).await;
    let empty = json!({ "apiVersion": "v2", "kind": "PoolList", "items": [] });
    cloud.play(list_fault(json!({ "answer": { "status": 200, "body": empty } })));
    let mut waits = JoinSet::new();
    for id in &cloud.pools {
        waits.spawn(cloud.wait(id, 5 * SECOND, CancellationToken::new()));
    }
    for (end, _) in waits.join_all().await {
        // Nobody took the list for the service's word that the pool is gone.
        let Err(Ended::TimedOut { last: Some(Some(pool)), .. }) = end else { panic!("{end:?}") };
        assert_eq!(pool.phase().as_str(), "Creating");
    }
    assert!(cloud.singles() <= 15, "{}", cloud.singles());
}

#[tokio::test]
async fn a_thousand_reads_of_one_plan_make_five_calls_at_most() {
    let cloud = Cloud::start(1000).await;
    cloud.play(json!([]));
    for lanes in [10, 2] {
        cloud.hand().forget_requests();
        cloud.connection.note_change();
        let seen = cloud.read(lanes).await;
        assert!(seen.iter().all(|seen| matches!(seen, Ok(Some(_)))));
        let calls = cloud.lists() + cloud.singles();
        assert!(calls <= 5, "{calls} calls, {lanes} at a time");
    }
}

#[tokio::test]
async fn few_reads_ask_singly_and_none_is_served_by_a_list_from_before_a_change() {
    let cloud = Cloud::start(30).await;
    cloud.play(json!([]));
    for id in &cloud.pools[..3] {
        cloud.connection.read_pool(&Call::default(), DEFAULT, id).await.unwrap().unwrap();
    }
    assert_eq!((cloud.lists(), cloud.singles()), (0, 3));
    cloud.read(10).await;
    assert_eq!((cloud.lists(), cloud.singles()), (1, 3));
    cloud.finish();
    cloud.connection.note_change();
    for seen in cloud.read(10).await {
        assert_eq!(seen.unwrap().unwrap().phase().as_str(), "Running");
    }
}

#[tokio::test]
async fn only_the_services_own_word_makes_a_read_say_that_a_pool_is_gone() {
    let cloud = Cloud::start(10).await;
    let empty = json!({ "apiVersion": "v2", "kind": "PoolList", "items": [] });
    cloud.play(list_fault(json!({ "answer": { "status": 200, "body": empty } })));
    assert!(cloud.read(10).await.into_iter().all(|seen| seen.unwrap().is_some()));
    cloud.hand().remove_pool(cloud.pools[0].as_str()).unwrap();
    let gone = cloud.connection.read_pool(&Call::default(), DEFAULT, &cloud.pools[0]).await;
    assert!(gone.unwrap().is_none());
}

#[tokio::test]
async fn reads_survive_a_list_that_is_forbidden_and_fail_with_one_that_fails() {
    let cloud = Cloud::start(20).await;
    cloud.play(list_fault(fails(403)));
    assert!(cloud.read(10).await.into_iter().all(|seen| seen.unwrap().is_some()));
    assert!(cloud.lists() <= 1, "a forbidden list is not tried again at once");

    let cloud = Cloud::start(20).await;
    cloud.play(list_fault(fails(503)));
    let failed = cloud.read(10).await.into_iter().filter(Result::is_err).count();
    assert!(failed >= 17, "{failed}");
    // A failure serves nobody who comes later.
    cloud.play(json!([]));
    assert!(cloud.read(10).await.into_iter().all(|seen| seen.unwrap().is_some()));
}

#[tokio::test]
async fn who_reads_and_leaves_takes_nothing_from_others() {
    let cloud = Cloud::start(10).await;
    cloud.play(list_fault(json!({ "delay": "1s" })));
    for id in &cloud.pools[..3] {
        cloud.connection.read_pool(&Call::default(), DEFAULT, id).await.unwrap();
    }
    let stop = CancellationToken::new();
    // This one begins the list.
    let call = Call::new(stop.clone(), None);
    let first = cloud.connection.read_pool(&call, DEFAULT, &cloud.pools[3]);
    let others = async {
        tokio::task::yield_now().await;
        let reads = cloud.read(5);
        let interrupt = async {
            tokio::time::sleep(SECOND / 5).await;
            stop.cancel();
        };
        tokio::join!(reads, interrupt).0
    };
    let (first, others) = tokio::join!(first, others);
    assert_eq!(first.unwrap_err().kind(), ErrorKind::Interrupted);
    assert!(others.into_iter().all(|seen| seen.unwrap().is_some()));
    assert_eq!(cloud.lists(), 1);
}

#[tokio::test]
async fn creates_that_begin_together_share_one_list_of_names() {
    let cloud = Cloud::start(50).await;
    cloud.play(json!([]));
    let mut names = JoinSet::new();
    for _ in 0..50 {
        let connection = Arc::clone(&cloud.connection);
        names.spawn(async move { connection.pool_names(&Call::default(), DEFAULT).await.unwrap() });
    }
    for names in names.join_all().await {
        assert_eq!(names.len(), 50);
        assert!(names.iter().any(|pool| pool.id == cloud.pools[7] && pool.name == "pool-0007"));
    }
    assert_eq!(cloud.lists(), 1);
    // Who asks later gets a list that begins later.
    cloud.add("pool-late");
    let names = cloud.connection.pool_names(&Call::default(), DEFAULT).await.unwrap();
    assert!(names.iter().any(|pool| pool.name == "pool-late"));
}

#[tokio::test]
async fn a_deletion_is_noticed_when_the_service_says_so() {
    let cloud = Cloud::start(5).await;
    cloud.play(json!([]));
    let mut waits = JoinSet::new();
    for id in &cloud.pools {
        let (connection, id) = (Arc::clone(&cloud.connection), id.clone());
        waits.spawn(async move {
            let mut looks = connection.watch_pool(DEFAULT, &id);
            let stop = CancellationToken::new();
            let options = WaitOptions { deadline: Deadline::after(30 * SECOND), stop };
            let gone = |seen: &Seen| match seen {
                None => Progress::Done,
                Some(_) => Progress::Pending("there".to_owned()),
            };
            until(&mut looks, gone, &options).await.unwrap();
            Instant::now()
        });
    }
    tokio::time::sleep(SECOND).await;
    for id in &cloud.pools {
        cloud.hand().remove_pool(id.as_str()).unwrap();
    }
    let gone = Instant::now();
    for noticed in waits.join_all().await {
        assert!(noticed - gone <= 2 * SECOND, "{:?}", noticed - gone);
    }
}
