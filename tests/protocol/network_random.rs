//! Random networks and random changes of them, with a service that answers in any
//! order, leaves out what it may leave out and adds what nobody asked for.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::{Cloud, Recorded, access};

use super::lives::{Stage, Subject, cases, object, run};

const NAME: &str = "net-random";

/// What a network can be connected to, without the settings of the connection.
const PEERS: [(&str, &str); 4] =
    [("vpc-1", "subnet-1"), ("vpc-1", "subnet-2"), ("vpc-2", "subnet-1"), ("vpc-3", "subnet-3")];
const SYSTEMS: [(&str, &str); 3] = [("files", "sfs-1"), ("models", "sfs-2"), ("files", "sfs-3")];

struct Network;

impl Subject for Network {
    const TYPE: &'static str = "modelarts_network";

    fn objects(cloud: &Cloud) -> Vec<Json> {
        let ours = |one: &Json| one["metadata"]["labels"]["os.modelarts/name"] == NAME;
        cloud.networks().unwrap().into_iter().filter(ours).collect()
    }

    fn meddle(cloud: &Cloud) {
        let meddle = |network: &mut Json| {
            network["metadata"]["annotations"]["os.modelarts/surprise"] = json!("1");
            network["metadata"]["labels"]["os.modelarts/surprise"] = json!("1");
            network["spec"]["surprise"] = json!({ "list": [1] });
        };
        assert!(cloud.change_network(NAME, meddle).unwrap());
    }

    fn judge(before: Option<&Stage>, now: &Stage, sent: &[Recorded], meddling: bool) {
        let connections = &now.object["spec"]["connection"];
        for list in LISTS {
            assert_eq!(wanted(&now.config, list), there(connections, list), "{list:?}");
        }
        let Some(before) = before else { return };
        let replaces = sent.iter().any(|request| request.method == "DELETE");
        let was_on = before.object["spec"]["ipv6enable"] == true;
        assert_eq!(replaces, was_on && now.config["ipv6_enable"] == false);
        if replaces {
            return;
        }
        if meddling {
            assert_eq!(now.object["metadata"]["annotations"]["os.modelarts/surprise"], "1");
        }
        // A list that nobody changes is not sent.
        for list in LISTS {
            let changes = wanted(&before.config, list) != wanted(&now.config, list);
            let sends = |request: &&Recorded| {
                request.body.pointer(&format!("/spec/connection/{}", list.wire)).is_some()
            };
            assert_eq!(sent.iter().filter(sends).count(), usize::from(changes), "{list:?}");
        }
    }
}

/// A list of connections, as it is written and as it is sent.
#[derive(Debug, Clone, Copy)]
struct List {
    attribute: &'static str,
    wire: &'static str,
    /// Members of an entry, in the same way.
    members: [(&'static str, &'static str); 2],
    setting: Option<(&'static str, &'static str)>,
}

const LISTS: [List; 2] = [
    List {
        attribute: "peer_connections",
        wire: "peerConnectionList",
        members: [("vpc_id", "peerVpcId"), ("subnet_id", "peerSubnetId")],
        setting: Some(("default_gateway", "defaultGateWay")),
    },
    List {
        attribute: "sfs_turbo_connections",
        wire: "sfsTurboConnectionList",
        members: [("name", "name"), ("sfs_id", "sfsId")],
        setting: None,
    },
];

/// Entries in an order of their own.
fn entries(list: &Json, members: [&str; 2], setting: Option<&str>) -> Vec<(Json, Json, bool)> {
    let entry = |entry: &Json| {
        let on = setting.is_some_and(|setting| entry[setting] == true);
        (entry[members[0]].clone(), entry[members[1]].clone(), on)
    };
    let mut entries: Vec<_> = list.as_array().into_iter().flatten().map(entry).collect();
    entries.sort_by_key(|entry| format!("{entry:?}"));
    entries
}

fn wanted(config: &Json, list: List) -> Vec<(Json, Json, bool)> {
    let members = list.members.map(|(written, _)| written);
    entries(&config[list.attribute], members, list.setting.map(|(written, _)| written))
}

fn there(connections: &Json, list: List) -> Vec<(Json, Json, bool)> {
    let members = list.members.map(|(_, sent)| sent);
    entries(&connections[list.wire], members, list.setting.map(|(_, sent)| sent))
}

fn peers() -> impl Strategy<Value = Option<Json>> {
    let some = subsequence(PEERS.to_vec(), 0..=PEERS.len()).prop_shuffle();
    let settings = vec(option::of(any::<bool>()), PEERS.len());
    option::of((some, settings).prop_map(|(some, settings)| {
        let peer = |((vpc, subnet), gateway): ((&str, &str), Option<bool>)| {
            let mut peer = json!({ "vpc_id": vpc, "subnet_id": subnet });
            if let Some(on) = gateway {
                peer["default_gateway"] = json!(on);
            }
            peer
        };
        some.into_iter().zip(settings).map(peer).collect()
    }))
}

fn systems() -> impl Strategy<Value = Option<Json>> {
    let some = subsequence(SYSTEMS.to_vec(), 0..=SYSTEMS.len()).prop_shuffle();
    let system = |(name, id): (&str, &str)| json!({ "name": name, "sfs_id": id });
    option::of(some.prop_map(move |some| some.into_iter().map(system).collect()))
}

fn networks() -> impl Strategy<Value = Json> {
    let description = option::of(select(vec!["A text", "Another text", ""]));
    let workspace = option::of(select(vec!["0", access::WORKSPACE_ID]));
    let ipv6 = option::of(any::<bool>());
    (description, workspace, ipv6, peers(), systems()).prop_map(
        |(description, workspace, ipv6, peers, systems)| {
            object(BTreeMap::from([
                ("name", Some(json!(NAME))),
                ("cidr", Some(json!("192.168.0.0/20"))),
                ("description", description.map(|text| json!(text))),
                ("workspace_id", workspace.map(|id| json!(id))),
                ("ipv6_enable", ipv6.map(|on| json!(on))),
                ("peer_connections", peers),
                ("sfs_turbo_connections", systems),
            ]))
        },
    )
}

fn answers() -> impl Strategy<Value = Json> {
    (any::<u32>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(seed, unknown, terse, fill)| {
            json!({ "answers": {
                "order": { "random": seed },
                "unknown_fields": unknown,
                "terse": terse,
                "fill_connections": fill,
            } })
        },
    )
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_network_is_what_its_configuration_says(
        answers in answers(), configs in vec(networks(), 2..=4), meddling in any::<bool>(),
    ) {
        run::<Network>(&answers, &configs, meddling);
    }
}
