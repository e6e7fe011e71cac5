//! The handle for tests, and the shapes that answers can take.

use serde_json::{Value, json};
use terraform_provider_modelarts::simulator::{Config, StartError, start};

use super::client::{CPU, Draft, GPU, World, nodes, physical, pool, pools, prepaid, resources};

#[tokio::test]
async fn requests_are_recorded_without_their_secrets() {
    let world = World::new().await;
    let draft = Draft::new("POST", &pools(), &physical("pool-a", 1).to_string())
        .with("X-Auth-Token", "secret")
        .with("request-type", "console");
    draft.send(world.running.addr()).await.unwrap();
    let user = json!({ "name": "n", "password": "hidden", "domain": { "name": "d" } });
    let body = json!({ "auth": { "identity": { "methods": ["password"], "password": { "user": user } } } });
    world.call("POST", "/v3/auth/tokens?nocatalog=true", &body).await;
    let requests = world.cloud.requests();
    let [first, second] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!((first.method.as_str(), first.path.as_str()), ("POST", pools().as_str()));
    assert_eq!(first.content_type, "application/json");
    assert_eq!(first.body["kind"], "Pool");
    assert_eq!(first.status, Some(401));
    assert!(first.headers.contains(&("request-type".to_owned(), "console".to_owned())));
    assert_eq!(second.query, "nocatalog=true");
    let text = format!("{requests:?}");
    assert!(!text.contains("secret") && !text.contains("hidden"), "{text}");
    world.cloud.forget_requests();
    assert!(world.cloud.requests().is_empty());
}

#[tokio::test]
async fn a_pool_can_be_changed_behind_the_back() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 2)).await;
    let changed = world.cloud.change_pool(&id, |pool| {
        pool["metadata"]["annotations"]["os.modelarts/description"] = json!("drifted");
        pool["spec"]["resources"][0]["count"] = json!(4);
    });
    assert!(changed.unwrap());
    let pool = world.show(&id).await;
    assert_eq!(pool["metadata"]["annotations"]["os.modelarts/description"], "drifted");
    assert_eq!(pool["spec"]["resources"][0]["maxCount"], 4);
    assert_eq!(nodes(&pool, "available"), 4);
    world
        .cloud
        .change_pool("pool-a", |pool| pool["spec"]["resources"][0]["count"] = json!(1))
        .unwrap();
    assert_eq!(nodes(&world.show(&id).await, "available"), 1);
    assert!(!world.cloud.change_pool("nobody", |_| ()).unwrap());
    assert_eq!(world.cloud.destructive_calls(), 0);
}

#[tokio::test]
async fn a_status_that_was_put_stays() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 1)).await;
    let put = |phase: Value| {
        world.cloud.change_pool(&id, move |pool| pool["status"]["phase"] = phase).unwrap()
    };
    put(json!("Abnormal"));
    assert_eq!(world.show(&id).await["status"]["phase"], "Abnormal");
    let grow = resources(json!([{ "flavor": CPU, "count": 2 }]));
    world.patch(&id, &grow).await.refused(409, "ModelArts.5044");
    put(json!("Running"));
    world.patch(&id, &grow).await.expect(200);
    world.pass(1000);
    world
        .cloud
        .change_pool(&id, |pool| {
            pool["status"].as_object_mut().unwrap().remove("scope");
        })
        .unwrap();
    assert!(world.show(&id).await["status"].get("scope").is_none());
    world.delete(&id).await.expect(200);
    world.pass(100);
    assert_eq!(world.show(&id).await["status"]["phase"], "Deleting");
}

#[tokio::test]
async fn pools_come_and_go_behind_the_back() {
    let world = World::new().await;
    let added = world.cloud.add_pool(&physical("pool-a", 2)).unwrap().unwrap();
    let id = added["metadata"]["name"].as_str().unwrap();
    let shown = world.show(id).await;
    assert_eq!(shown["status"]["phase"], "Running");
    assert_eq!(shown["status"]["scope"][0]["state"], "Enabled");
    assert_eq!(nodes(&shown, "available"), 2);
    let refusal = world.cloud.add_pool(&physical("pool-a", 2)).unwrap().unwrap_err();
    assert_eq!(refusal["error_code"], "ModelArts.50015000");
    world.cloud.delete_pool(id).unwrap();
    world.pass(100);
    assert_eq!(world.show(id).await["status"]["phase"], "Deleting");
    assert!(world.cloud.remove_pool(id).unwrap());
    world.get(&pool(id)).await.refused(404, "ModelArts.50015001");
}

#[tokio::test]
async fn what_destroys_is_counted_when_it_is_carried_out() {
    let world = World::new().await;
    let id = world.ready_pool(&physical("pool-a", 2)).await;
    world.delete("nobody").await;
    world.patch(&id, &resources(json!([]))).await;
    assert_eq!(world.cloud.destructive_calls(), 0);
    world.patch(&id, &resources(json!([{ "flavor": CPU, "count": 1 }]))).await.expect(200);
    world.delete(&id).await.expect(200);
    assert_eq!(world.cloud.destructive_calls(), 2);
}

fn two_flavors() -> Value {
    let mut body = physical("pool-a", 1);
    body["spec"]["resources"] = json!([
        { "flavor": CPU, "count": 2 },
        { "flavor": GPU, "count": 1 },
        { "flavor": GPU, "count": 1, "nodePool": "other" },
    ]);
    body["spec"]["scope"] = json!(["Train", "Infer", "Notebook"]);
    body
}

#[tokio::test]
async fn answers_come_in_another_order() {
    let plain = World::new().await;
    let id = plain.ready_pool(&two_flavors()).await;
    let plain = plain.show(&id).await["spec"]["resources"].as_array().unwrap().clone();
    let flavors =
        |list: &[Value]| list.iter().map(|e| e["nodePool"].to_string()).collect::<Vec<_>>();

    let reversed = World::with(r#"{ "answers": { "order": "reversed" } }"#).await;
    reversed.ready_pool(&two_flavors()).await;
    let list = reversed.show(&id).await["spec"]["resources"].as_array().unwrap().clone();
    let mut back = flavors(&list);
    back.reverse();
    assert_eq!(back, flavors(&plain));

    let random = World::with(r#"{ "answers": { "order": { "random": 1 } } }"#).await;
    random.ready_pool(&two_flavors()).await;
    let mut orders = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let list = random.show(&id).await["spec"]["resources"].as_array().unwrap().clone();
        let mut sorted = flavors(&list);
        orders.insert(sorted.clone());
        sorted.sort();
        let mut expected = flavors(&plain);
        expected.sort();
        assert_eq!(sorted, expected);
    }
    assert!(orders.len() > 1, "{orders:?}");
}

#[tokio::test]
async fn answers_take_other_documented_shapes() {
    let world = World::with(
        r#"{ "answers": { "resources_as_objects": true, "unknown_fields": true,
            "numbers_as_strings": true, "order_names": false, "fill_volumes": true,
            "empty_bodies": true, "terse": true } }"#,
    )
    .await;
    let id = world.ready_pool(&prepaid("pool-a")).await;
    let pool = world.show(&id).await;
    let spread = &pool["status"]["resources"]["available"];
    assert_eq!(spread["count"], "2", "one object with numbers as strings");
    assert!(pool["metadata"].get("xFutureField").is_some());
    assert!(pool["spec"]["resources"][0].get("xFutureField").is_some());
    assert!(pool["spec"]["resources"][0].get("rootVolume").is_some());
    assert!(pool["metadata"]["labels"].get("os.modelarts/order.name").is_none());
    assert!(pool["metadata"]["annotations"].get("os.modelarts/period.num").is_none());
    let post_paid = world.ready_pool(&physical("pool-b", 1)).await;
    let deleted = world.delete(&post_paid).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (200, ""));
}

#[tokio::test]
async fn it_starts_on_loopback_with_a_sensible_speed_only() {
    let listen = "0.0.0.0:0".parse().unwrap();
    let error = start(Config { listen, ..Config::default() }).await.unwrap_err();
    assert!(matches!(error, StartError::NotLoopback(_)));
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = start(Config { speed, ..Config::default() }).await.unwrap_err();
        assert!(matches!(error, StartError::Speed(_)));
    }
    let world = World::new().await;
    let taken = Config { listen: world.running.addr(), ..Config::default() };
    assert!(matches!(start(taken).await.unwrap_err(), StartError::Listen { .. }));
    assert_eq!(world.running.url(), format!("http://{}", world.running.addr()));
}

#[tokio::test]
async fn dropping_it_ends_it() {
    let world = World::with(r#"{ "faults": [{ "do": { "hang": { "for": "never" } } }] }"#).await;
    let address = world.running.addr();
    let hanging = tokio::spawn(async move { Draft::new("GET", "/", "").send(address).await });
    world.cloud.wait_for_requests(|requests| !requests.is_empty()).await;
    drop(world.running);
    assert!(hanging.await.unwrap().is_none());
}
