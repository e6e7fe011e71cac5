use std::sync::atomic::AtomicU32;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::wait::{Deadline, Options, PollError, Progress, until};

type Pools = SharedPoll<&'static str, u32, u64, String>;

const GAP: Duration = Duration::from_millis(500);

/// A service that lists 100 things, which are ready after a while.
struct Service {
    began: Instant,
    ready_after: Duration,
    calls: AtomicU32,
}

impl Service {
    fn new(ready_after: Duration) -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), ready_after, calls: AtomicU32::new(0) })
    }

    async fn list(&self) -> Result<HashMap<u32, u64>, String> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let ready = u64::from(self.began.elapsed() >= self.ready_after);
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok((0..100).map(|key| (key, ready)).collect())
    }

    fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }
}

async fn wait_for(pools: Arc<Pools>, service: Arc<Service>, key: u32) -> u64 {
    let subscription = pools.subscribe(&"", key);
    let options =
        Options::new(Deadline::after(Duration::from_secs(3600)), CancellationToken::new())
            .nudged_by(subscription.nudge());
    let poll = async || subscription.next(service.list()).await.map_err(PollError::Transient);
    let check = |seen: &Option<u64>| match seen {
        Some(1) => Progress::Done,
        other => Progress::Pending(format!("{other:?}")),
    };
    until(poll, check, &options).await.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_hundred_waiters_cost_one_call_per_tick() {
    async fn calls_of(waiters: u32) -> (u32, Duration) {
        let service = Service::new(Duration::from_secs(300));
        let pools = Arc::new(Pools::new(GAP));
        let mut waits = JoinSet::new();
        for key in 0..waiters {
            // They begin one after the other, within two seconds.
            let (pools, service) = (Arc::clone(&pools), Arc::clone(&service));
            waits.spawn(async move {
                tokio::time::sleep(Duration::from_millis(20) * key).await;
                wait_for(pools, service, key).await
            });
        }
        let answers = waits.join_all().await;
        assert!(answers.iter().all(|ready| *ready == 1));
        (service.calls(), service.began.elapsed())
    }
    let (alone, _) = calls_of(1).await;
    let (together, ended) = calls_of(100).await;
    assert!(together <= alone + alone / 2, "{together} calls for 100, {alone} for one");
    assert!(ended <= Duration::from_secs(330), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_never_older_than_asked_for() {
    let service = Service::new(Duration::ZERO);
    let pools = Pools::new(Duration::ZERO);
    let before = Instant::now();
    for (not_older_than, calls) in [(before, 1), (before, 1)] {
        pools.observe(&"", &1, not_older_than, service.list()).await.unwrap();
        assert_eq!(service.calls(), calls);
    }
    pools.observe(&"", &1, Instant::now(), service.list()).await.unwrap();
    assert_eq!(service.calls(), 2);
    // A call under way began too early for one who asks now.
    let ask = async |delay: u64| {
        tokio::time::sleep(Duration::from_millis(delay)).await;
        pools.observe(&"", &1, Instant::now(), service.list()).await.unwrap();
    };
    tokio::join!(ask(1), ask(10), ask(20), ask(30));
    assert_eq!(service.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn absence_is_an_answer_and_groups_are_apart() {
    let service = Service::new(Duration::ZERO);
    let pools = Pools::new(GAP);
    let began = Instant::now();
    let absent = pools.observe(&"a", &7000, began, service.list()).await;
    assert_eq!(absent, Ok(None));
    let present = pools.observe(&"b", &7, began, service.list()).await;
    assert_eq!(present, Ok(Some(1)));
    assert_eq!(service.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_error_reaches_all_who_waited_for_the_call_and_costs_one_call() {
    let pools = Pools::new(GAP);
    let calls = AtomicU32::new(0);
    let now = Instant::now();
    let ask = async || {
        let fail = async {
            calls.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Err("502".to_owned())
        };
        pools.observe(&"", &1, now, fail).await
    };
    let (a, b, c) = tokio::join!(ask(), ask(), ask());
    for answer in [a, b, c] {
        assert_eq!(answer, Err(Arc::new("502".to_owned())));
    }
    assert_eq!(calls.into_inner(), 1);
}

#[tokio::test(start_paused = true)]
async fn another_takes_over_when_the_leader_is_cancelled() {
    let pools = Arc::new(Pools::new(GAP));
    let service = Service::new(Duration::ZERO);
    let now = Instant::now();
    let leader = {
        let pools = Arc::clone(&pools);
        tokio::spawn(async move {
            let hang = std::future::pending();
            pools.observe(&"", &1, now, hang).await
        })
    };
    tokio::task::yield_now().await;
    let follow = pools.observe(&"", &1, now, service.list());
    let cancel = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        leader.abort();
    };
    let (answer, ()) = tokio::join!(follow, cancel);
    assert_eq!((answer, service.calls()), (Ok(Some(1)), 1));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_never_gives_one_answer_twice() {
    let service = Service::new(Duration::ZERO);
    let pools = Pools::new(Duration::ZERO);
    let mine = pools.subscribe(&"", 1);
    let other = pools.subscribe(&"", 2);
    mine.next(service.list()).await.unwrap();
    other.next(service.list()).await.unwrap();
    assert_eq!(service.calls(), 1);
    mine.next(service.list()).await.unwrap();
    assert_eq!(service.calls(), 2);
}
