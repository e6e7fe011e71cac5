//! What was saved last leaves with every exit, and private data with it.

use std::sync::Arc;

use terraform_provider_modelarts::plugin::proto::tfplugin6 as pb;
use terraform_provider_modelarts::tf::model::Model;
use terraform_provider_modelarts::tf::testing::Driver;
use terraform_provider_modelarts::tf::value::Value;

use super::host::{Process, Provider, Setup};
use super::peer::Stepwise;
use super::remote::Remote;

async fn started() -> (Process, Provider) {
    let process = Setup::peer().start().await;
    let provider = process.provider().await;
    (process, provider)
}

fn driver(provider: &Provider) -> Driver {
    Driver::new(Arc::new(Remote::new::<Stepwise>(provider, "test_stepwise")))
}

fn going(way: &str) -> Value {
    Stepwise { way: way.into(), ..Stepwise::default() }.to_value()
}

/// The step of which state and private data tell.
fn left(driver: &Driver) -> (Option<&str>, Option<i64>) {
    let told = driver.private.get("step").and_then(serde_json::Value::as_i64);
    (driver.state.get(Stepwise::STEP).as_str(), told)
}

/// Plans and applies, without the refresh that comes first.
async fn go(driver: &mut Driver, way: &str) -> bool {
    let planned = driver.plan(&going(way)).await.unwrap();
    driver.carry_out(&going(way), &planned).await.is_ok()
}

#[tokio::test]
async fn an_error_and_a_panic_leave_what_was_saved_last() {
    let (_process, provider) = started().await;
    for (way, step, told) in [("fail", "one", 1), ("panic", "two", 2)] {
        // Made, and changed.
        let mut driver = driver(&provider);
        for before in [None, Some("well")] {
            if let Some(before) = before {
                assert!(go(&mut driver, before).await);
                assert_eq!(left(&driver), (Some("three"), Some(3)));
            }
            assert!(!go(&mut driver, way).await, "{way}");
            assert_eq!(left(&driver), (Some(step), Some(told)), "{way} after {before:?}");
            assert_eq!(driver.state.get(Stepwise::ID).as_str(), Some("1"));
        }
    }
}

#[tokio::test]
async fn a_stop_leaves_what_was_saved_last() {
    let (process, provider) = started().await;
    let mut stepwise = driver(&provider);
    let stop = async {
        process.noted("started", 1).await;
        let mut provider = provider.clone();
        provider.stop_provider(pb::stop_provider::Request {}).await.unwrap();
    };
    let (is_done, ()) = tokio::join!(go(&mut stepwise, "stop"), stop);
    assert!(!is_done);
    assert_eq!(left(&stepwise), (Some("two"), Some(2)));
}

#[tokio::test]
async fn a_failed_read_or_delete_keeps_the_object_with_the_private_data_of_the_attempt() {
    let (_process, provider) = started().await;
    let mut driver = driver(&provider);
    assert!(go(&mut driver, "well").await);
    for failing in ["reading", "deleting"] {
        let ended = match failing {
            "reading" => driver.refresh().await,
            _ => driver.destroy().await,
        };
        assert!(ended.is_err());
        assert_eq!(driver.state.get(Stepwise::STEP).as_str(), Some("three"));
        let told = driver.private.get("step").and_then(serde_json::Value::as_str);
        assert_eq!(told, Some(failing));
    }
}
