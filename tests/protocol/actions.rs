//! Work on nodes: what is asked for, what is told meanwhile, and how it ends.

use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::plugin::proto::tfplugin6 as pb;
use terraform_provider_modelarts::provider::ModelArtsProvider;
use terraform_provider_modelarts::simulator::{self, Config, Recorded, Running, Scenario, access};
use terraform_provider_modelarts::tf::provider::Provider as _;
use terraform_provider_modelarts::tf::schema::Schema;
use terraform_provider_modelarts::tf::value::Value;
use tokio::time::timeout;
use tonic::Streaming;

use super::core::{Core, Message, configure, dynamic, messages, read, settings};
use super::host::{PATIENCE, Process, Provider, Setup};

const REBOOT: &str = "modelarts_reboot_nodes";
const RESET: &str = "modelarts_reset_nodes";
const LOCK: &str = "modelarts_lock_nodes";
const UNLOCK: &str = "modelarts_unlock_nodes";
const DRAIN: &str = "modelarts_drain_nodes";
const RETRY: &str = "modelarts_retry_scope";
const ALL: [&str; 6] = [REBOOT, RESET, LOCK, UNLOCK, DRAIN, RETRY];

/// A pool with nodes, and a provider that works on them.
struct Nodes {
    provider: Provider,
    cloud: Running,
    pool: String,
    names: Vec<String>,
    _process: Process,
}

/// How an action went.
#[derive(Debug)]
struct Ran {
    said: Vec<String>,
    messages: Vec<Message>,
}

impl Ran {
    /// The one error that there is.
    #[track_caller]
    fn error(&self) -> String {
        let [message] = self.messages.as_slice() else { panic!("{self:#?}") };
        assert!(message.is_error, "{message:#?}");
        format!("{}: {}", message.summary, message.detail)
    }

    #[track_caller]
    fn is_done(&self) {
        assert_eq!(self.messages, [], "{:#?}", self.said);
    }
}

fn schema(action: &str) -> Schema {
    let product = ModelArtsProvider::new();
    product.actions().iter().find(|one| one.type_name() == action).unwrap().schema().clone()
}

impl Nodes {
    /// A pool of so many nodes in a cloud in which time flies.
    async fn start(count: usize, scenario: &Json) -> Self {
        Self::at(1e6, count, scenario).await
    }

    async fn at(speed: f64, count: usize, scenario: &Json) -> Self {
        let scenario = Scenario::from_json(&scenario.to_string()).unwrap();
        let config = Config { scenario: Some(scenario), speed, ..Config::default() };
        let cloud = simulator::start(config).await.unwrap();
        let process = Setup::product().start().await;
        let mut provider = process.provider().await;
        assert_eq!(configure(&mut provider, &settings(&cloud)).await, []);
        let hand = cloud.cloud();
        let body = json!({
            "apiVersion": "v2",
            "kind": "Pool",
            "metadata": { "labels": {
                "os.modelarts/name": "worked-on", "os.modelarts/workspace.id": "0",
            } },
            "spec": {
                "type": "Dedicate",
                "scope": ["Train", "Infer"],
                "network": { "name": access::network_id() },
                "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": count }],
            },
        });
        let made = hand.add_pool(&body).unwrap().unwrap();
        let pool = made["metadata"]["name"].as_str().unwrap().to_owned();
        let mut nodes = Self { provider, cloud, pool, names: Vec::new(), _process: process };
        nodes.names = nodes.look().await.into_iter().map(|node| node.0).collect();
        nodes.names.sort();
        assert_eq!(nodes.names.len(), count);
        nodes.cloud.cloud().forget_requests();
        nodes
    }

    async fn look(&self) -> Vec<(String, String, bool)> {
        look(&self.provider, &self.pool).await
    }

    fn config(&self, further: Json) -> Json {
        let mut config = json!({ "pool_id": self.pool, "node_names": self.names });
        for (name, value) in further.as_object().unwrap() {
            config[name] = value.clone();
        }
        config
    }

    async fn plan(&self, action: &str, config: &Value) -> Vec<Message> {
        let config = dynamic(config, &schema(action));
        let request = pb::validate_action_config::Request {
            type_name: action.to_owned(),
            config: Some(config.clone()),
        };
        let mut provider = self.provider.clone();
        let judged = provider.validate_action_config(request).await.unwrap().into_inner();
        let request = pb::plan_action::Request {
            action_type: action.to_owned(),
            config: Some(config),
            client_capabilities: None,
        };
        let planned = provider.plan_action(request).await.unwrap().into_inner();
        assert_eq!(planned.deferred, None);
        // A plan finds what a validation finds.
        assert_eq!(judged.diagnostics, planned.diagnostics);
        messages(planned.diagnostics)
    }

    async fn begin(&self, action: &str, config: &Json) -> Streaming<pb::invoke_action::Event> {
        begin(&self.provider, action, config).await
    }

    async fn run(&self, action: &str, further: Json) -> Ran {
        end(self.begin(action, &self.config(further)).await).await
    }

    /// Requests that ask for work: the end of the path, and the nodes.
    fn asked(&self) -> Vec<(String, usize)> {
        let posts = self.cloud.cloud().requests().into_iter().filter(|one| one.method == "POST");
        let asked = posts.map(|request| {
            let call = request.path.rsplit('/').next().unwrap().to_owned();
            (call, request.body["nodeNames"].as_array().map_or(0, Vec::len))
        });
        asked.collect()
    }

    async fn wait_for(&self, what: impl Fn(&Recorded) -> bool) {
        let there = |requests: &[Recorded]| requests.iter().any(&what);
        timeout(PATIENCE, self.cloud.cloud().wait_for_requests(there)).await.unwrap();
    }
}

/// The nodes of a pool as the data source shows them: name, phase, lock.
async fn look(provider: &Provider, pool: &str) -> Vec<(String, String, bool)> {
    let product = ModelArtsProvider::new();
    let kind = "modelarts_pool_nodes";
    let sources = product.data_sources();
    let schema = sources.iter().find(|one| one.type_name() == kind).unwrap().schema().clone();
    let request = pb::read_data_source::Request {
        type_name: kind.to_owned(),
        config: Some(dynamic(&read(&json!({ "pool_id": pool }), &schema), &schema)),
        ..Default::default()
    };
    let answer = provider.clone().read_data_source(request).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    let state = super::core::value(answer.state.as_ref(), &schema);
    let Value::List(nodes) = state.get("nodes") else { panic!("no nodes") };
    let text = |node: &Value, name: &str| node.get(name).as_str().unwrap().to_owned();
    let shown = |node: &Value| {
        (text(node, "name"), text(node, "phase"), *node.get("locked") == Value::Bool(true))
    };
    nodes.iter().map(shown).collect()
}

async fn begin(
    provider: &Provider,
    action: &str,
    config: &Json,
) -> Streaming<pb::invoke_action::Event> {
    let schema = schema(action);
    let request = pb::invoke_action::Request {
        action_type: action.to_owned(),
        config: Some(dynamic(&read(config, &schema), &schema)),
        ..Default::default()
    };
    provider.clone().invoke_action(request).await.unwrap().into_inner()
}

/// Waits until the action says this.
async fn hears(events: &mut Streaming<pb::invoke_action::Event>, text: &str) {
    use pb::invoke_action::event::Type;
    loop {
        let event = timeout(PATIENCE, events.message()).await;
        match event.unwrap_or_else(|_| panic!("never said {text}")).unwrap().unwrap().r#type {
            Some(Type::Progress(progress)) if progress.message.contains(text) => return,
            Some(Type::Progress(_)) => {}
            other => panic!("never said {text}: {other:?}"),
        }
    }
}

async fn end(mut events: Streaming<pb::invoke_action::Event>) -> Ran {
    use pb::invoke_action::event::Type;
    let mut said = Vec::new();
    loop {
        let event = timeout(PATIENCE, events.message()).await;
        let event = event.unwrap_or_else(|_| panic!("there is no end: {said:#?}")).unwrap();
        match event.expect("it says how it ended").r#type.unwrap() {
            Type::Progress(progress) => said.push(progress.message),
            Type::Completed(completed) => {
                assert!(events.message().await.unwrap().is_none());
                return Ran { said, messages: messages(completed.diagnostics) };
            }
        }
    }
}

#[tokio::test]
async fn nodes_are_restarted_all_at_once_unless_some_must_stay() {
    let nodes = Nodes::start(5, &json!({})).await;
    let ran = nodes.run(REBOOT, json!({})).await;
    ran.is_done();
    assert!(ran.said.iter().any(|text| text.contains("nodes 1 to 5 of 5")), "{:#?}", ran.said);
    assert_eq!(nodes.asked(), [("batch-reboot".to_owned(), 5)]);
    nodes.cloud.cloud().forget_requests();
    let ran = nodes.run(REBOOT, json!({ "max_unavailable": 2 })).await;
    ran.is_done();
    let groups = [2, 2, 1].map(|count| ("batch-reboot".to_owned(), count));
    assert_eq!(nodes.asked(), groups);
    assert!(ran.said.iter().any(|text| text.contains("nodes 5 to 5 of 5")), "{:#?}", ran.said);
    assert!(nodes.look().await.iter().all(|(_, phase, _)| phase == "Available"));
}

#[tokio::test]
async fn a_service_without_jobs_shows_by_its_nodes_how_far_it_is() {
    for answers in [json!({ "reboot_without_job": true }), json!({ "no_jobs": true })] {
        // A job takes a while, or nothing could be seen of it.
        let slow = json!({ "answers": answers, "durations": { "node_job": "1h" } });
        let nodes = Nodes::at(1.0, 2, &slow).await;
        let mut events = nodes.begin(REBOOT, &nodes.config(json!({}))).await;
        hears(&mut events, "2 away").await;
        nodes.cloud.cloud().advance(Duration::from_secs(2 * 3600)).unwrap();
        end(events).await.is_done();
        assert_eq!(nodes.asked().len(), 1);
    }
}

#[tokio::test]
async fn nodes_are_reset_in_the_form_that_the_pool_takes() {
    for (rule, further, requests) in [
        ("optional", json!({}), 1),
        ("required", json!({ "max_unavailable": 1 }), 1),
        // What nobody has asked for may be left out when the service does not like it.
        ("refused", json!({}), 2),
    ] {
        let nodes = Nodes::start(3, &json!({ "rules": { "rolling_config": rule } })).await;
        nodes.run(RESET, further).await.is_done();
        assert_eq!(nodes.asked(), vec![("batch-reset".to_owned(), 3); requests], "{rule}");
    }
    let nodes = Nodes::start(3, &json!({ "rules": { "rolling_config": "refused" } })).await;
    let error = nodes.run(RESET, json!({ "max_unavailable": 1 })).await.error();
    assert!(error.contains("400") && error.contains("was not begun"), "{error}");
    assert_eq!(nodes.asked().len(), 1);
}

#[tokio::test]
async fn nodes_are_locked_and_unlocked() {
    for answers in [json!({}), json!({ "lock_names": true }), json!({ "empty_bodies": true })] {
        let nodes = Nodes::start(3, &json!({ "answers": answers })).await;
        for (action, is_locked) in [(LOCK, true), (UNLOCK, false)] {
            nodes.run(action, json!({})).await.is_done();
            assert!(nodes.look().await.iter().all(|node| node.2 == is_locked));
        }
    }
}

#[tokio::test]
async fn more_nodes_are_drained_than_one_request_takes() {
    let nodes = Nodes::start(12, &json!({})).await;
    let ran = nodes.run(DRAIN, json!({})).await;
    ran.is_done();
    assert_eq!(nodes.asked(), [("batch-drain".to_owned(), 10), ("batch-drain".to_owned(), 2)]);
    assert!(ran.said.iter().any(|text| text.contains("12 of 12 nodes")), "{:#?}", ran.said);
}

#[tokio::test]
async fn a_node_that_fails_is_named() {
    for (action, outcome) in [
        (REBOOT, "node_job_failed"),
        (RESET, "node_job_failed"),
        (LOCK, "lock_failed"),
        (UNLOCK, "lock_failed"),
        (DRAIN, "drain_failed"),
    ] {
        let failing =
            json!({ "outcomes": { (outcome): { "nodes": 1, "message": "a fan is gone" } } });
        let nodes = Nodes::start(3, &failing).await;
        let error = nodes.run(action, json!({})).await.error();
        let first = &nodes.names[0];
        assert!(error.contains(&format!(": {first}.")), "{action}: {error}");
        if outcome == "node_job_failed" {
            assert!(error.contains("a fan is gone"), "{error}");
        }
    }
}

#[tokio::test]
async fn nobody_waits_who_does_not_want_to() {
    let slow = json!({ "durations": { "node_job": "1h", "node_drain": "1h" } });
    let nodes = Nodes::at(1.0, 2, &slow).await;
    for action in [REBOOT, RESET, DRAIN, LOCK] {
        nodes.run(action, json!({ "wait": false })).await.is_done();
    }
    assert_eq!(nodes.asked().len(), 4);
}

#[tokio::test]
async fn a_request_whose_answer_was_lost_is_not_repeated() {
    for (action, call) in [
        (REBOOT, "batch-reboot"),
        (RESET, "batch-reset"),
        (LOCK, "batch-lock"),
        (DRAIN, "batch-drain"),
    ] {
        let lost = json!({ "faults": [
            { "match": { "method": "POST", "path": format!("**/{call}"), "nth": 1 }, "do": "lost" },
        ] });
        let nodes = Nodes::start(2, &lost).await;
        let error = nodes.run(action, json!({})).await.error();
        assert!(error.contains("Nobody knows whether"), "{error}");
        assert!(error.contains("modelarts_pool_nodes"), "{error}");
        assert_eq!(nodes.asked().len(), 1, "{action}");
    }
}

#[tokio::test]
async fn a_lost_answer_about_job_types_names_where_their_state_stands() {
    let lost = json!({ "faults": [
        { "match": { "method": "POST", "path": "**/retry-scope", "nth": 1 }, "do": "lost" },
    ], "outcomes": { "enable_failed": { "message": "no plug-in" } } });
    let nodes = Nodes::start(1, &lost).await;
    let config = json!({ "pool_id": nodes.pool, "scopes": ["Infer"] });
    let error = end(nodes.begin(RETRY, &config).await).await.error();
    assert!(error.contains("Nobody knows whether"), "{error}");
    assert!(error.contains("data source modelarts_pool,"), "{error}");
    assert_eq!(nodes.asked().len(), 1);
}

/// What an earlier drain has left behind shows until the new one begins.
#[tokio::test]
async fn the_end_of_an_earlier_drain_is_not_that_of_this_one() {
    let failing = json!({
        "outcomes": { "drain_failed": { "nodes": 1, "message": "a pod stays", "times": 1 } },
        "durations": { "pickup": "1h", "node_drain": "1h" },
    });
    let nodes = Nodes::at(1.0, 2, &failing).await;
    let hand = nodes.cloud.cloud();
    for is_good in [false, true] {
        let mut events = nodes.begin(DRAIN, &nodes.config(json!({}))).await;
        hears(&mut events, "0 of 2 nodes").await;
        hand.advance(Duration::from_secs(3600)).unwrap();
        hand.forget_requests();
        // It has been seen to go on.
        nodes
            .wait_for(|request| request.path.ends_with("/nodes") && request.status.is_some())
            .await;
        hand.advance(Duration::from_secs(3600)).unwrap();
        let ran = end(events).await;
        if is_good {
            ran.is_done();
        } else {
            assert!(ran.error().contains("could not be drained"), "{ran:#?}");
        }
    }
}

#[tokio::test]
async fn a_refusal_on_the_way_says_who_has_been_seen_to() {
    let refused = json!({ "faults": [
        { "match": { "method": "POST", "path": "**/batch-reboot", "nth": 2 },
          "do": { "answer": { "status": 400, "body": {} } } },
    ] });
    let nodes = Nodes::start(3, &refused).await;
    let error = nodes.run(REBOOT, json!({ "max_unavailable": 1 })).await.error();
    let [first, second, third] = nodes.names.as_slice() else { panic!("three nodes") };
    assert!(error.contains(&format!("The reboot of {second} was not begun.")), "{error}");
    assert!(error.contains(&format!("Seen to before: {first}.")), "{error}");
    assert!(error.contains(&format!("Not asked for: {third}.")), "{error}");
    assert_eq!(nodes.asked().len(), 2);
}

#[tokio::test]
async fn ctrl_c_ends_the_wait_and_says_what_goes_on() {
    let slow = json!({ "durations": { "node_job": "1h", "node_drain": "1h" } });
    for (action, further) in
        [(REBOOT, json!({ "max_unavailable": 1 })), (RESET, json!({})), (DRAIN, json!({}))]
    {
        let nodes = Nodes::at(1.0, 3, &slow).await;
        let events = nodes.begin(action, &nodes.config(further)).await;
        nodes.wait_for(|request| request.path.contains("/batch-")).await;
        nodes
            .wait_for(|request| request.path.ends_with("/nodes") && request.status.is_some())
            .await;
        let stop = pb::stop_provider::Request {};
        nodes.provider.clone().stop_provider(stop).await.unwrap();
        let error = end(events).await.error();
        assert!(error.starts_with("Interrupted"), "{error}");
        assert!(error.contains("goes on") && error.contains(&nodes.pool), "{error}");
        if action == REBOOT {
            let [first, rest @ ..] = nodes.names.as_slice() else { panic!("no nodes") };
            assert!(error.contains(&format!("the reboot of {first} in pool")), "{error}");
            assert!(error.contains(&format!("Not asked for: {}.", rest.join(", "))), "{error}");
        }
        // Nothing further is asked for: not the next group either.
        assert_eq!(nodes.asked().len(), 1);
    }
}

#[tokio::test]
async fn work_that_takes_too_long_says_how_far_it_is() {
    let slow = json!({ "durations": { "node_job": "1h" } });
    let nodes = Nodes::at(1.0, 2, &slow).await;
    let error = nodes.run(REBOOT, json!({ "timeout": "1s" })).await.error();
    assert!(error.contains("after 1s") && error.contains("0 of 2 nodes"), "{error}");
}

/// Who hangs up is not worked for any more; what was asked for goes on.
#[tokio::test]
async fn who_hangs_up_leaves_no_work_behind() {
    let slow = json!({ "durations": { "node_job": "1h" } });
    let nodes = Nodes::at(1.0, 3, &slow).await;
    let config = nodes.config(json!({ "max_unavailable": 1 }));
    let events = nodes.begin(REBOOT, &config).await;
    nodes.wait_for(|request| request.path.ends_with("/nodes") && request.status.is_some()).await;
    drop(events);
    // The turn of the pool is free again.
    let locking = nodes.begin(LOCK, &nodes.config(json!({ "wait": false }))).await;
    end(locking).await.is_done();
    assert_eq!(nodes.asked().len(), 2);
}

#[tokio::test]
async fn a_change_of_the_pool_waits_until_the_work_is_done() {
    let slow = json!({ "durations": { "node_job": "1h" } });
    let scenario = Scenario::from_json(&slow.to_string()).unwrap();
    let cloud = simulator::start(Config { scenario: Some(scenario), ..Config::default() });
    let cloud = cloud.await.unwrap();
    let mut core = Core::start(&cloud).await;
    let pool = |description: &str| {
        json!({
            "name": "in-step",
            "description": description,
            "scope": ["Train"],
            "network": { "name": access::network_id() },
            "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": 1 }],
        })
    };
    let first = core.config(&pool("one"));
    core.run(&first).await;
    let hand = cloud.cloud();
    let name = core.state.get("id").as_str().unwrap().to_owned();
    let nodes = hand.pools().unwrap();
    assert_eq!(nodes.len(), 1);
    let [(node, ..)] = &look(&core.provider(), &name).await[..] else { panic!("one node") };
    let second = core.config(&pool("two"));
    let second = core.plan(&second).await;
    hand.forget_requests();
    let config = json!({ "pool_id": name, "node_names": [node] });
    let events = begin(&core.provider(), REBOOT, &config).await;
    let ended = tokio::spawn(end(events));
    let looked = |requests: &[Recorded]| {
        requests.iter().any(|one| one.path.ends_with("/nodes") && one.status.is_some())
    };
    timeout(PATIENCE, hand.wait_for_requests(looked)).await.unwrap();
    let mut provider = core.provider();
    let changed = tokio::spawn(async move {
        let found = core.apply(&second).await;
        assert!(found.iter().all(|message| !message.is_error), "{found:#?}");
    });
    // The change has had all the time that it would need.
    for _ in 0..200 {
        provider.get_metadata(pb::get_metadata::Request {}).await.unwrap();
    }
    assert!(hand.requests().iter().all(|request| request.method != "PATCH"));
    hand.advance(Duration::from_secs(2 * 3600)).unwrap();
    ended.await.unwrap().is_done();
    changed.await.unwrap();
    let requests = hand.requests();
    let patch = requests.iter().position(|one| one.method == "PATCH").unwrap();
    let last = requests.iter().rposition(|one| one.path.ends_with("/nodes")).unwrap();
    assert!(last < patch, "{last} {patch}");
}

#[tokio::test]
async fn without_nodes_nothing_is_asked_for() {
    let nodes = Nodes::start(1, &json!({})).await;
    let ran = nodes.run(RESET, json!({ "node_names": [] })).await;
    ran.is_done();
    assert_eq!(ran.said.len(), 1, "{:#?}", ran.said);
    assert_eq!(nodes.cloud.cloud().requests().len(), 0);
}

#[tokio::test]
async fn job_types_are_enabled_again_or_the_reason_is_told() {
    let failing = json!({
        "outcomes": { "enable_failed": { "message": "no plug-in", "times": 2 } },
        "durations": { "scope": "1h" },
    });
    let nodes = Nodes::at(1.0, 1, &failing).await;
    let hand = nodes.cloud.cloud();
    let config = json!({ "pool_id": nodes.pool, "scopes": ["Infer"] });
    hand.advance(Duration::from_secs(2 * 3600)).unwrap();
    for is_good in [false, true] {
        hand.forget_requests();
        let mut events = nodes.begin(RETRY, &config).await;
        hears(&mut events, "0 of 1 job types").await;
        hand.advance(Duration::from_secs(2 * 3600)).unwrap();
        let ran = end(events).await;
        if is_good {
            ran.is_done();
        } else {
            let error = ran.error();
            assert!(error.contains("no plug-in") && error.contains("Infer"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_plan_judges_shapes_and_nothing_else() {
    let nodes = Nodes::start(1, &json!({})).await;
    for action in ALL {
        let schema = schema(action);
        // Whether there is such a pool or node is a question for the apply.
        let mut there = json!({ "pool_id": "any", "node_names": ["any"], "scopes": ["Train"] });
        if action == RETRY {
            there.as_object_mut().unwrap().remove("node_names");
        } else {
            there.as_object_mut().unwrap().remove("scopes");
        }
        assert_eq!(nodes.plan(action, &read(&there, &schema)).await, [], "{action}");
        let mut unknown = read(&there, &schema);
        for attribute in &schema.attributes {
            unknown.set_entry(&attribute.name, attribute.unknown());
        }
        assert_eq!(nodes.plan(action, &unknown).await, [], "{action}");
        for (further, path) in
            [(json!({ "timeout": "soon" }), "timeout"), (json!({ "pool_id": "" }), "pool_id")]
        {
            let mut wrong = there.clone();
            let (name, value) = further.as_object().unwrap().iter().next().unwrap();
            wrong[name] = value.clone();
            let found = nodes.plan(action, &read(&wrong, &schema)).await;
            let [message] = found.as_slice() else { panic!("{action} {wrong}: {found:#?}") };
            assert_eq!((message.is_error, message.path.as_str()), (true, path));
        }
    }
    for (action, further, path) in [
        (LOCK, json!({ "node_names": ["a b"] }), "node_names"),
        (REBOOT, json!({ "max_unavailable": 0 }), "max_unavailable"),
        (RESET, json!({ "max_unavailable": 1.5 }), "max_unavailable"),
        (REBOOT, json!({ "max_unavailable": 1, "wait": false }), "max_unavailable"),
    ] {
        let config = read(&nodes.config(further), &schema(action));
        let found = nodes.plan(action, &config).await;
        let [message] = found.as_slice() else { panic!("{action}: {found:#?}") };
        assert_eq!((message.is_error, message.path.as_str()), (true, path));
    }
    assert_eq!(nodes.cloud.cloud().requests().len(), 0);
}

#[tokio::test]
async fn a_node_that_is_not_there_is_refused_with_what_to_do() {
    let nodes = Nodes::start(1, &json!({})).await;
    let error = nodes.run(LOCK, json!({ "node_names": ["nobody"] })).await.error();
    assert!(error.contains("was not begun") && error.contains("nobody"), "{error}");
}
