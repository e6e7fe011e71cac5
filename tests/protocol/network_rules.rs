//! What a configuration of a network may say: mistakes are found before anything is
//! asked of the service, all at once, and each points at its attribute.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::tf::value::Value;

use super::core::{Core, Message, cloud};
use super::pool_plans::says;

const TYPE: &str = "modelarts_network";

fn with(changes: &[(&str, Json)]) -> Json {
    let mut network = json!({ "name": "net-rules", "cidr": "192.168.0.0/20" });
    for (name, value) in changes {
        network[*name] = value.clone();
    }
    network
}

/// Paths and summaries of errors, which must say what to do.
fn errors(found: &[Message]) -> Vec<(String, String)> {
    let errors = found.iter().filter(|message| message.is_error);
    errors.map(|message| (message.path.clone(), message.summary.clone())).collect()
}

#[tokio::test]
async fn each_mistake_is_found_where_it_is() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::of(TYPE, &cloud).await;
    let peer = json!({ "vpc_id": "v", "subnet_id": "s" });
    let again = json!({ "vpc_id": "v", "subnet_id": "s", "default_gateway": true });
    let files = |name: &str| json!({ "name": name, "sfs_id": "f" });
    let (name, block, range) =
        ("Invalid network name", "Invalid address block", "Address block not allowed");
    let (twice, characters) = ("Connection written twice", "Character not allowed in description");
    for (attribute, value, summary) in [
        ("name", json!("net"), name),
        ("name", json!("n".repeat(33)), name),
        ("name", json!("Net-1"), name),
        ("name", json!("1-net"), name),
        ("name", json!("net-"), name),
        ("cidr", json!("192.168.0.0"), block),
        ("cidr", json!("192.168.0.1/20"), block),
        ("cidr", json!("192.168.0.0/25"), range),
        ("cidr", json!("192.168.0.0/15"), range),
        ("cidr", json!("172.32.0.0/16"), range),
        ("cidr", json!("11.0.0.0/8"), range),
        ("cidr", json!("10.0.0.0/7"), range),
        ("cidr", json!("fd00::/64"), block),
        ("description", json!("a < b"), characters),
        ("workspace_id", json!(""), "Text missing"),
        ("peer_connections", json!([peer, again]), twice),
        ("peer_connections", json!([{ "vpc_id": "", "subnet_id": "s" }]), "Text missing"),
        ("sfs_turbo_connections", json!([files("n"), files("m")]), twice),
        ("sfs_turbo_connections", json!([{ "name": "", "sfs_id": "f" }]), "Text missing"),
        ("timeouts", json!({ "create": "soon" }), "Invalid duration"),
        ("timeouts", json!({ "delete": "0s" }), "Invalid duration"),
    ] {
        let what = format!("{attribute} = {value}");
        let config = core.config(&with(&[(attribute, value)]));
        let found = core.validate(&config).await;
        let (path, said) = (attribute.to_owned(), summary.to_owned());
        assert_eq!(errors(&found), [(path, said)], "{what}: {found:#?}");
        assert!(found.iter().all(|m| m.detail.len() > m.summary.len()), "{what}");
    }
    // Several mistakes are reported in one run.
    let all = with(&[("name", json!("N")), ("cidr", json!("x")), ("description", json!("!"))]);
    let config = core.config(&all);
    assert_eq!(errors(&core.validate(&config).await).len(), 3);
}

#[tokio::test]
async fn what_the_service_takes_is_no_mistake() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::of(TYPE, &cloud).await;
    let peers = json!([
        { "vpc_id": "v", "subnet_id": "s" },
        { "vpc_id": "v", "subnet_id": "t" },
    ]);
    for (attribute, value) in [
        ("name", json!("net1")),
        ("name", json!("n".repeat(32))),
        ("cidr", json!("10.1.0.0/16")),
        ("cidr", json!("172.17.0.0/24")),
        ("cidr", json!("192.168.0.0/16")),
        ("description", json!("")),
        ("peer_connections", peers),
        ("sfs_turbo_connections", json!([])),
    ] {
        let what = format!("{attribute} = {value}");
        let config = core.config(&with(&[(attribute, value)]));
        assert_eq!(core.validate(&config).await, [], "{what}");
        let plan = core.plan(&config).await;
        assert_eq!(plan.messages, [], "{what}");
        core.run(&config).await;
        assert_eq!(core.destroy().await, [], "{what}");
    }
}

#[tokio::test]
async fn blocks_of_the_service_are_a_warning_when_a_network_is_made_and_not_later() {
    let cloud = cloud(&json!({})).await;
    for (block, what) in [
        ("172.16.0.0/16", "containers"),
        ("172.16.8.0/24", "containers"),
        ("172.16.0.0/12", "containers"),
        ("10.0.0.0/8", "services"),
        ("10.247.3.0/24", "services"),
    ] {
        let mut core = Core::of(TYPE, &cloud).await;
        let config = core.config(&with(&[("cidr", json!(block))]));
        let plan = core.plan(&config).await;
        assert!(says(&plan, "Address block in use by the service") && says(&plan, what), "{block}");
        assert!(plan.messages.iter().all(|m| !m.is_error && m.path == "cidr"), "{block}");
        core.run(&config).await;
        let changed = with(&[("cidr", json!(block)), ("description", json!("two"))]);
        let changed = core.config(&changed);
        assert_eq!(core.plan(&changed).await.messages, [], "{block}");
        assert_eq!(core.destroy().await, []);
    }
}

#[tokio::test]
async fn what_is_not_known_yet_is_not_judged() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::of(TYPE, &cloud).await;
    let mut config = core.config(&with(&[]));
    for name in ["name", "cidr", "workspace_id", "description", "ipv6_enable", "peer_connections"] {
        let Value::Object(members) = &mut config else { panic!("no object") };
        members.insert(name.into(), Value::UNKNOWN);
        assert_eq!(core.validate(&config).await, [], "{name}");
        assert_eq!(core.plan(&config).await.messages, [], "{name}");
    }
}
