//! What exists, as `terraform query` asks for it.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::plugin::proto::tfplugin6 as pb;
use terraform_provider_modelarts::provider::ModelArtsProvider;
use terraform_provider_modelarts::simulator::{Running, Scenario, access};
use terraform_provider_modelarts::tf::provider::Provider as _;
use terraform_provider_modelarts::tf::schema::Schema;
use tonic::Streaming;
use tonic::transport::Channel;

use super::core::{Message, cloud, configure, dynamic, messages, named, read, settings, value};
use super::host::{Process, Provider, Setup, provider};

const POOLS: &str = "modelarts_pool";
const NETWORKS: &str = "modelarts_network";
/// The workspace beside the default one.
const TEAM: &str = "0123456789abcdef0123456789abcdef";

/// A provider that lists a cloud.
struct Lists {
    provider: Provider,
    product: ModelArtsProvider,
    cloud: Running,
    process: Process,
    channel: Channel,
}

/// What a list has shown.
#[derive(Debug, Default)]
struct Shown {
    names: Vec<String>,
    identities: Vec<String>,
    objects: Vec<Json>,
    messages: Vec<Message>,
}

fn network(name: &str) -> Json {
    json!({
        "apiVersion": "v1",
        "kind": "Network",
        "metadata": { "labels": { "os.modelarts/name": name, "os.modelarts/workspace.id": "0" } },
        "spec": { "cidr": "10.8.0.0/16" },
    })
}

impl Lists {
    /// Five pools, two of them a team's, and three networks.
    async fn start(scenario: &Json) -> Self {
        let cloud = cloud(scenario).await;
        let process = Setup::product().start().await;
        let channel = process.connect().await;
        let mut provider = provider(channel.clone());
        assert_eq!(configure(&mut provider, &settings(&cloud)).await, []);
        let hand = cloud.cloud();
        let pool = |name: &str, workspace: &str, label: &str| {
            json!({
                "apiVersion": "v2",
                "kind": "Pool",
                "metadata": { "labels": {
                    "os.modelarts/name": name,
                    "os.modelarts/workspace.id": workspace,
                    "stage": label,
                } },
                "spec": {
                    "type": "Dedicate",
                    "scope": ["Train"],
                    "network": { "name": access::network_id() },
                    "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": 1 }],
                },
            })
        };
        for (name, label) in [("train-a", "one"), ("train-b", "two"), ("infer", "two")] {
            hand.add_pool(&pool(name, "0", label)).unwrap().unwrap();
        }
        let mut logical = pool("logical", "0", "one");
        logical["spec"] = json!({
            "type": "Logical", "resources": [{ "flavor": "modelarts.vm.cpu.8ud", "count": 1 }],
        });
        hand.add_pool(&logical).unwrap().unwrap();
        hand.add_pool(&pool("team-a", TEAM, "one")).unwrap().unwrap();
        for name in ["net-a", "net-b"] {
            hand.add_network(&network(name)).unwrap().unwrap();
        }
        hand.forget_requests();
        Self { provider, product: ModelArtsProvider::new(), cloud, process, channel }
    }

    fn schema(&self, kind: &str) -> Schema {
        let lists = self.product.list_resources();
        lists.iter().find(|list| list.type_name() == kind).unwrap().schema().clone()
    }

    async fn validate(&self, kind: &str, config: &Json) -> Vec<Message> {
        let schema = self.schema(kind);
        let request = pb::validate_list_resource_config::Request {
            type_name: kind.to_owned(),
            config: Some(dynamic(&read(config, &schema), &schema)),
            ..Default::default()
        };
        let mut provider = self.provider.clone();
        let answer = provider.validate_list_resource_config(request).await.unwrap();
        messages(answer.into_inner().diagnostics)
    }

    async fn stream(
        &self,
        kind: &str,
        config: &Json,
        limit: i64,
    ) -> Streaming<pb::list_resource::Event> {
        let schema = self.schema(kind);
        let request = pb::list_resource::Request {
            type_name: kind.to_owned(),
            config: Some(dynamic(&read(config, &schema), &schema)),
            include_resource_object: true,
            limit,
        };
        self.provider.clone().list_resource(request).await.unwrap().into_inner()
    }

    async fn all(&self, kind: &str, config: &Json, limit: i64) -> Shown {
        let resources = self.product.resources();
        let resource = resources.iter().find(|one| one.type_name() == kind).unwrap();
        let mut stream = self.stream(kind, config, limit).await;
        let mut shown = Shown::default();
        while let Some(event) = stream.message().await.unwrap() {
            // Nothing follows what went wrong.
            assert_eq!(shown.messages, []);
            shown.messages.extend(messages(event.diagnostic));
            if shown.messages.iter().any(|message| message.is_error) {
                continue;
            }
            shown.names.push(event.display_name);
            shown.identities.push(event.identity.as_ref().map(named).unwrap());
            let object = value(event.resource_object.as_ref(), resource.schema());
            assert!(object.is_wholly_known());
            shown.objects.push(json!(object.get("name").as_str()));
        }
        shown.names.sort();
        shown
    }

    /// The names that a filter leaves.
    async fn names(&self, kind: &str, config: Json) -> Vec<String> {
        let shown = self.all(kind, &config, 100).await;
        assert_eq!(shown.messages, [], "{config}");
        shown.names
    }

    fn asked(&self) -> usize {
        self.cloud.cloud().requests().len()
    }
}

#[tokio::test]
async fn objects_come_with_name_identity_and_what_an_import_would_find() {
    let lists = Lists::start(&json!({})).await;
    for (kind, count) in [(POOLS, 4), (NETWORKS, 3)] {
        let shown = lists.all(kind, &json!({}), 100).await;
        assert_eq!(shown.messages, []);
        assert_eq!(shown.names.len(), count);
        let mut objects: Vec<_> = shown.objects.iter().map(|name| name.as_str().unwrap()).collect();
        objects.sort_unstable();
        assert_eq!(objects, shown.names);
        let project = format!(" in {}", access::PROJECT_ID);
        assert!(shown.identities.iter().all(|identity| identity.ends_with(&project)));
    }
}

#[tokio::test]
async fn objects_are_left_out_unless_they_are_asked_for() {
    let lists = Lists::start(&json!({})).await;
    let schema = lists.schema(POOLS);
    let request = pb::list_resource::Request {
        type_name: POOLS.to_owned(),
        config: Some(dynamic(&read(&json!({}), &schema), &schema)),
        limit: 100,
        ..Default::default()
    };
    let stream = lists.provider.clone().list_resource(request).await.unwrap();
    let mut stream = stream.into_inner();
    while let Some(event) = stream.message().await.unwrap() {
        assert_eq!(event.resource_object, None);
        assert!(event.identity.is_some() && !event.display_name.is_empty());
    }
}

#[tokio::test]
async fn each_filter_counts_alone_and_together() {
    let lists = Lists::start(&json!({})).await;
    let pools = async |config: Json| lists.names(POOLS, config).await;
    assert_eq!(pools(json!({})).await, ["infer", "logical", "train-a", "train-b"]);
    assert_eq!(pools(json!({ "name": "infer" })).await, ["infer"]);
    assert_eq!(pools(json!({ "name_regex": "^train-" })).await, ["train-a", "train-b"]);
    assert_eq!(pools(json!({ "type": "Logical" })).await, ["logical"]);
    assert_eq!(pools(json!({ "workspace_id": TEAM })).await, ["team-a"]);
    assert_eq!(pools(json!({ "label_selector": "stage=two" })).await, ["infer", "train-b"]);
    assert_eq!(pools(json!({ "status": "failed" })).await, [""; 0]);
    let all = json!({ "name_regex": "a", "type": "Dedicate", "label_selector": "stage=one" });
    assert_eq!(pools(all).await, ["train-a"]);
    let networks = lists.names(NETWORKS, json!({ "name_regex": "^net-" })).await;
    assert_eq!(networks, ["net-a", "net-b"]);
    assert_eq!(lists.names(NETWORKS, json!({ "name": "net-b" })).await, ["net-b"]);
}

#[tokio::test]
async fn no_more_are_shown_than_are_wanted() {
    let lists = Lists::start(&json!({})).await;
    for limit in 1..=3 {
        let shown = lists.all(POOLS, &json!({}), limit).await;
        assert_eq!(shown.names.len(), usize::try_from(limit).unwrap());
        assert_eq!(shown.messages, []);
    }
    // Nobody sets a limit of none; whoever does wants all.
    assert_eq!(lists.all(POOLS, &json!({}), 0).await.names.len(), 4);
}

/// Terraform asks for a hundred unless it is told otherwise, and says nothing of the
/// rest.
#[tokio::test]
async fn the_limit_that_nobody_has_written_is_told_when_there_is_more() {
    let lists = Lists::start(&json!({})).await;
    let others = lists.names(NETWORKS, json!({})).await.len();
    let add = |name: &str| {
        lists.cloud.cloud().add_network(&network(name)).unwrap().unwrap();
    };
    (others..100).for_each(|number| add(&format!("many-{number}")));
    let shown = lists.all(NETWORKS, &json!({}), 100).await;
    assert_eq!((shown.names.len(), shown.messages), (100, vec![]));
    add("one-more");
    let shown = lists.all(NETWORKS, &json!({}), 100).await;
    assert_eq!(shown.names.len(), 100);
    let [message] = shown.messages.as_slice() else { panic!("{:#?}", shown.messages) };
    assert!(!message.is_error && message.detail.contains("limit = 1000"), "{message:#?}");
    for limit in [99, 1000] {
        assert_eq!(lists.all(NETWORKS, &json!({}), limit).await.messages, []);
    }
}

#[tokio::test]
async fn pages_are_asked_for_as_long_as_more_is_wanted() {
    let paged = json!({ "answers": { "page_size": 1 } });
    let lists = Lists::start(&paged).await;
    assert_eq!(lists.all(NETWORKS, &json!({}), 100).await.names.len(), 3);
    assert_eq!(lists.asked(), 3);
    lists.cloud.cloud().forget_requests();
    assert_eq!(lists.all(NETWORKS, &json!({}), 1).await.names.len(), 1);
    assert!(lists.asked() < 3, "{}", lists.asked());
}

#[tokio::test]
async fn who_hangs_up_is_not_listed_for_any_more() {
    // Far more than what is on the way at one time.
    const MANY: usize = 200;
    let paged = json!({ "answers": { "page_size": 1 }, "rules": { "network_quota": null } });
    let lists = Lists::start(&paged).await;
    for number in 0..MANY {
        let made = lists.cloud.cloud().add_network(&network(&format!("net-{number}"))).unwrap();
        made.unwrap();
    }
    let mut stream = lists.stream(NETWORKS, &json!({}), 1000).await;
    assert!(stream.message().await.unwrap().is_some());
    drop(stream);
    // The process is at rest when it has ended, and then the cloud has heard all.
    let Lists { process, cloud, channel, .. } = lists;
    assert!(process.shut_down(&channel).await.status.success());
    let asked = cloud.cloud().requests().len();
    assert!(asked < MANY / 2, "{asked}");
}

#[tokio::test]
async fn an_object_that_cannot_be_read_is_told_after_the_others() {
    let lists = Lists::start(&json!({})).await;
    let mut pools = lists.cloud.cloud().pools().unwrap();
    let name = |pool: &Json| pool["metadata"]["labels"]["os.modelarts/name"].clone();
    pools.retain(|pool| name(pool) != "team-a");
    let strange = pools.iter_mut().find(|pool| name(pool) == "train-a").unwrap();
    strange["spec"]["resources"] = json!("none");
    let list = json!({ "apiVersion": "v2", "kind": "PoolList", "metadata": {}, "items": pools });
    let scenario = json!({ "faults": [
        { "match": { "method": "GET", "path": "**/pools", "nth": "every" },
          "do": { "answer": { "status": 200, "body": list } } },
    ] });
    let scenario = Scenario::from_json(&scenario.to_string()).unwrap();
    lists.cloud.cloud().set_scenario(scenario);
    let shown = lists.all(POOLS, &json!({}), 100).await;
    assert_eq!(shown.names, ["infer", "logical", "train-b"]);
    let [message] = shown.messages.as_slice() else { panic!("{:#?}", shown.messages) };
    assert!(message.is_error && message.detail.contains("train-a"), "{message:#?}");
}

#[tokio::test]
async fn a_list_that_is_refused_ends_with_what_is_wrong() {
    let refused = json!({ "faults": [
        { "match": { "method": "GET", "path": "**/pools", "nth": "every" },
          "do": { "answer": { "status": 403, "body": {} } } },
    ] });
    let lists = Lists::start(&refused).await;
    let shown = lists.all(POOLS, &json!({}), 100).await;
    assert_eq!(shown.names, [""; 0]);
    let [message] = shown.messages.as_slice() else { panic!("{:#?}", shown.messages) };
    assert!(message.is_error && message.detail.contains("403"), "{message:#?}");
}

#[tokio::test]
async fn wrong_filters_are_told_where_they_are() {
    let lists = Lists::start(&json!({})).await;
    for (config, path) in [
        (json!({ "name_regex": "(" }), "name_regex"),
        (json!({ "type": "Dedicated" }), "type"),
        (json!({ "status": "Running" }), "status"),
    ] {
        let found = lists.validate(POOLS, &config).await;
        let [message] = found.as_slice() else { panic!("{config}: {found:#?}") };
        assert_eq!((message.is_error, message.path.as_str()), (true, path));
    }
    assert_eq!(lists.validate(NETWORKS, &json!({ "name_regex": "^a" })).await, []);
}
