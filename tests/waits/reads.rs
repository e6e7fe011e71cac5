//! Reads and checks of names: many share a list.

use std::sync::Arc;

use serde_json::json;
use terraform_provider_modelarts::modelarts::{Call, ErrorKind, Pool};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Cloud, DEFAULT, SECOND, fails, list_fault};

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
        cloud.connection.read(&Call::default(), DEFAULT, id).await.unwrap().unwrap();
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
    let gone = cloud.connection.read(&Call::default(), DEFAULT, &cloud.pools[0]).await;
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
        cloud.connection.read(&Call::default(), DEFAULT, id).await.unwrap();
    }
    let stop = CancellationToken::new();
    // This one begins the list.
    let call = Call::new(stop.clone(), None);
    let first = cloud.connection.read(&call, DEFAULT, &cloud.pools[3]);
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
        names.spawn(
            async move { connection.names::<Pool>(&Call::default(), DEFAULT).await.unwrap() },
        );
    }
    for names in names.join_all().await {
        assert_eq!(names.len(), 50);
        assert!(
            names.iter().any(|pool| pool.id == cloud.pools[7].as_str()
                && pool.name.as_deref() == Some("pool-0007"))
        );
    }
    assert_eq!(cloud.lists(), 1);
    // Who asks later gets a list that begins later.
    cloud.add("pool-late");
    let names = cloud.connection.names::<Pool>(&Call::default(), DEFAULT).await.unwrap();
    assert!(names.iter().any(|pool| pool.name.as_deref() == Some("pool-late")));
}
