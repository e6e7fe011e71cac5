//! What is on offer: one call for all, and none that holds a plan up.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::modelarts::driver::Card;
use terraform_provider_modelarts::modelarts::{Call, ErrorKind};
use terraform_provider_modelarts::tf::context::Context;
use tokio::task::JoinSet;

use super::{Cloud, fails, fault, hangs};

const FLAVORS: &str = "/v1/*/resourceflavors";

impl Cloud {
    fn asked(&self, list: &str) -> usize {
        self.count(|path| path.ends_with(list))
    }
}

fn once(action: Json) -> Json {
    json!([{ "match": { "path": FLAVORS, "nth": 1 }, "do": action }])
}

#[tokio::test]
async fn plans_and_data_sources_of_one_run_share_a_list() {
    let cloud = Cloud::start(0).await;
    let mut askers = JoinSet::new();
    for n in 0..20 {
        let connection = std::sync::Arc::clone(&cloud.connection);
        askers.spawn(async move {
            let cx = Context::default();
            let flavors = match n % 2 {
                0 => connection.flavors(&Call::default(), None).await,
                _ => connection.flavors_soon(&cx).await,
            };
            let drivers = match n % 2 {
                0 => connection.driver_versions(&Call::default(), Card::Gpu).await,
                _ => connection.driver_versions_soon(&cx, Card::Gpu).await,
            };
            (flavors.unwrap().len(), drivers.unwrap().len())
        });
    }
    assert!(askers.join_all().await.iter().all(|found| *found == (11, 3)));
    assert_eq!((cloud.asked("/resourceflavors"), cloud.asked("/gpu-driver")), (1, 1));
    let metal = Some("os.modelarts.flavor/baremetal");
    for _ in 0..2 {
        assert_eq!(cloud.connection.flavors(&Call::default(), metal).await.unwrap().len(), 1);
    }
    assert_eq!(cloud.asked("/resourceflavors"), 2, "another selector is another list");
}

#[tokio::test]
async fn a_plan_waits_two_seconds_for_a_service_that_says_nothing() {
    let cloud = Cloud::start(0).await;
    cloud.play(json!([fault("GET", FLAVORS, hangs())]));
    let began = Instant::now();
    let error = cloud.connection.flavors_soon(&Context::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    let took = began.elapsed();
    assert!((1900..3000).contains(&took.as_millis()), "{took:?}");
    // Plans do not try again; a data source, which cannot do without, does.
    cloud.play(json!([]));
    let again = cloud.connection.flavors_soon(&Context::default()).await.unwrap_err();
    assert_eq!((again, cloud.asked("/resourceflavors")), (error, 0));
    assert_eq!(cloud.connection.flavors(&Call::default(), None).await.unwrap().len(), 11);
    // What there is after all, plans use.
    assert!(cloud.connection.flavors_soon(&Context::default()).await.is_ok());
    assert_eq!(cloud.asked("/resourceflavors"), 1);
}

#[tokio::test]
async fn a_plan_waits_longer_for_a_service_that_has_answered_before() {
    let cloud = Cloud::start(1).await;
    cloud.sign_in().await;
    cloud.play(once(json!({ "delay": "2500ms" })));
    let found = cloud.connection.flavors_soon(&Context::default()).await;
    assert_eq!(found.unwrap().len(), 11);
}

#[tokio::test]
async fn a_plan_that_is_interrupted_ends_at_once_and_is_no_reason_for_another() {
    let cloud = Cloud::start(0).await;
    cloud.play(once(hangs()));
    let cx = Context::default();
    let stop = cx.stop.clone();
    let soon = cloud.connection.flavors_soon(&cx);
    let began = Instant::now();
    let (found, ()) = tokio::join!(soon, async {
        cloud.hand().wait_for_requests(|requests| !requests.is_empty()).await;
        stop.cancel();
    });
    assert_eq!(found.unwrap_err().kind(), ErrorKind::Interrupted);
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(cloud.connection.flavors_soon(&Context::default()).await.is_ok());
}

#[tokio::test]
async fn a_data_source_tries_again_where_a_plan_tries_once() {
    let cloud = Cloud::start(0).await;
    cloud.play(once(json!({ "hang": { "for": "300ms", "close": true } })));
    let plan = async {
        let cx = Context::default();
        cloud.connection.flavors_soon(&cx).await
    };
    let source = async {
        // It joins the call of the plan.
        cloud.hand().wait_for_requests(|requests| !requests.is_empty()).await;
        cloud.connection.flavors(&Call::default(), None).await
    };
    let (plan, source) = tokio::join!(plan, source);
    assert_eq!(plan.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!((source.unwrap().len(), cloud.asked("/resourceflavors")), (11, 2));
    cloud.play(json!([fault("GET", "/v1/*/plugintemplates/*", fails(403))]));
    let refused = cloud.connection.driver_versions(&Call::default(), Card::Npu).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Forbidden);
    assert_eq!(cloud.asked("/npu-driver"), 1, "a refusal is final");
}
