//! Answers that leave things out, are compressed or carry another time.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::client::{Draft, World, logical, physical, pool, pools};

async fn with(answers: Value) -> World {
    World::with(&json!({ "answers": answers }).to_string()).await
}

fn first(list: &Value) -> &Value {
    &list["items"][0]
}

#[tokio::test]
async fn lists_leave_out_what_the_scenario_names_and_single_pools_do_not() {
    let names = ["label:node.prefix", "label:sharing", "label:workspace.id", "spec.network"];
    let world = with(json!({ "leave_out": { "list": names } })).await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let list = world.get(&pools()).await.expect(200);
    let shown = world.show(&id).await;
    for key in ["node.prefix", "sharing", "workspace.id"] {
        let label = format!("os.modelarts/{key}");
        assert!(first(&list)["metadata"]["labels"].get(&label).is_none(), "{label}");
        assert!(shown["metadata"]["labels"].get(&label).is_some(), "{label}");
    }
    assert!(first(&list)["spec"].get("network").is_none());
    assert!(shown["spec"].get("network").is_some());
    assert_eq!(first(&list)["metadata"]["labels"]["os.modelarts/name"], "pool-a");
}

#[tokio::test]
async fn single_pools_and_changes_leave_out_their_own() {
    let leave_out = json!({ "show": ["spec.resources.azs"], "change": ["spec.parent", "status"] });
    let world = with(json!({ "leave_out": leave_out })).await;
    let root = world.ready_pool(&physical("pool-a", 1)).await;
    let mut child = logical("pool-b");
    child["spec"]["parent"] = json!(root);
    let created = world.create(&child).await.expect(200);
    assert!(created["spec"].get("parent").is_none() && created.get("status").is_none());
    world.pass(1000);
    let shown = world.show(&root).await;
    assert!(shown["spec"]["resources"][0].get("azs").is_none());
    let list = world.get(&pools()).await.expect(200);
    assert!(first(&list)["spec"]["resources"][0].get("azs").is_some());
    let id = created["metadata"]["name"].as_str().unwrap();
    assert_eq!(world.show(id).await["spec"]["parent"], root);
}

#[tokio::test]
async fn what_is_left_out_may_be_null_instead() {
    let leave_out = json!({ "show": ["label:sharing", "spec.driver"], "as_null": true });
    let world = with(json!({ "leave_out": leave_out })).await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let shown = world.show(&id).await;
    assert_eq!(shown["metadata"]["labels"].get("os.modelarts/sharing"), Some(&Value::Null));
    assert!(shown["spec"].get("driver").is_none(), "what is not there does not become null");
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_accept_it() {
    let world = with(json!({ "gzip": true })).await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let get = |accepted: &str| Draft::new("GET", &pool(&id), "").with("Accept-Encoding", accepted);
    let packed = world.send(get("br, gzip;q=1.0")).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(!packed.cut, "the length is that of the compressed body");
    let mut text = String::new();
    GzDecoder::new(packed.bytes.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), world.show(&id).await);
    for accepted in ["identity", "br", "gzip;q=0"] {
        let plain = world.send(get(accepted)).await;
        assert_eq!(plain.header("content-encoding"), None, "{accepted}");
        plain.expect(200);
    }
    let plain = World::new().await;
    let asked = Draft::new("GET", &pools(), "").with("Accept-Encoding", "gzip");
    assert_eq!(plain.send(asked).await.header("content-encoding"), None, "only if asked for");
}

#[tokio::test]
async fn the_date_of_answers_may_be_wrong_while_signatures_hold() {
    let moment = |date: &str| {
        let time = jiff::civil::DateTime::strptime("%a, %d %b %Y %H:%M:%S GMT", date).unwrap();
        jiff::tz::Offset::UTC.to_timestamp(time).unwrap().as_second()
    };
    let world = with(json!({ "date_offset": "-26h" })).await;
    let reply = world.get(&pools()).await;
    assert_eq!(reply.status, 200);
    let behind = jiff::Timestamp::now().as_second() - moment(reply.header("date").unwrap());
    assert!((behind - 26 * 3600).abs() < 60, "{behind}");
}

#[tokio::test]
async fn answers_may_have_no_date() {
    let world = with(json!({ "no_date": true })).await;
    let reply = world.get(&pools()).await;
    assert_eq!((reply.status, reply.header("date")), (200, None));
}
