//! Waits: many at once, with different ends, and with faults.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::modelarts::ErrorKind;
use terraform_provider_modelarts::resources::session::LookError;
use terraform_provider_modelarts::wait::{Deadline, Ended, Progress, WaitOptions, until};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Cloud, DEFAULT, SECOND, Seen, fails, fault, hangs, list_fault, single_fault};

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
async fn a_deletion_is_noticed_when_the_service_says_so() {
    let cloud = Cloud::start(5).await;
    cloud.play(json!([]));
    let mut waits = JoinSet::new();
    for id in &cloud.pools {
        let (connection, id) = (Arc::clone(&cloud.connection), id.clone());
        waits.spawn(async move {
            let mut looks = connection.watch(DEFAULT, &id);
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
