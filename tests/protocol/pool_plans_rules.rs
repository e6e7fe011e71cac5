//! What a plan refuses, what it takes for the same, and where it points.

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::Scenario;
use terraform_provider_modelarts::tf::schema::{Attribute, Kind, Nesting};
use terraform_provider_modelarts::tf::ty::Type;

use super::core::{Core, Message, cloud};
use super::pool_plans::{CPU, is_error, says, with};

/// Every text in a configuration, with what stands above it.
fn texts(attributes: &[Attribute], at: &str, all: &mut Vec<(String, bool)>) {
    for attribute in attributes.iter().filter(|attribute| attribute.mode.is_configurable()) {
        let at = format!("{at}/{}", attribute.name);
        match &attribute.kind {
            Kind::Nested(Nesting::Single, inner) => texts(inner, &at, all),
            Kind::Nested(_, inner) => texts(inner, &format!("{at}/0"), all),
            _ if attribute.ty() == Type::String => {
                all.push((at, attribute.behaviour.empty_is_null));
            }
            _ => {}
        }
    }
}

/// Puts a value where the pointer leads, making what is above it.
fn put(json: &mut Json, pointer: &str, value: Json) {
    let (first, rest) = pointer[1..]
        .split_once('/')
        .map_or((&pointer[1..], None), |(a, b)| (a, Some(format!("/{b}"))));
    let slot = match first.parse::<usize>() {
        Ok(index) => {
            if json.is_null() {
                *json = json!([{}]);
            }
            &mut json[index]
        }
        Err(_) => &mut json[first],
    };
    match rest {
        Some(rest) => put(slot, &rest, value),
        None => *slot = value,
    }
}

/// What the members of an object need beside the text.
fn beside(pointer: &str) -> Vec<(String, Json)> {
    let parent = pointer.rsplit_once('/').unwrap().0;
    let others: &[(&str, Json)] = match parent.trim_end_matches("/0").rsplit('/').next().unwrap() {
        "taints" => &[("key", json!("k")), ("effect", json!("NoSchedule"))],
        "root_volume" => &[("volume_type", json!("SSD")), ("size", json!(100))],
        "data_volumes" => &[
            ("volume_type", json!("SSD")),
            ("size", json!(100)),
            ("extend_params", json!({ "volumeGroup": "vgpaas" })),
        ],
        "volume_group_configs" => &[("volume_group", json!("vgpaas"))],
        "lvm_config" => &[("lv_type", json!("linear"))],
        "azs" => &[("az", json!("cn-north-4a")), ("count", json!(2))],
        "creating_step" => &[("step", json!(2))],
        _ => &[],
    };
    others.iter().map(|(name, value)| (format!("{parent}/{name}"), value.clone())).collect()
}

#[tokio::test]
async fn an_empty_text_is_refused_unless_it_means_nothing() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let mut all = Vec::new();
    texts(&core.schema().attributes.clone(), "", &mut all);
    assert!(all.len() > 40, "{all:?}");
    let mut taken = Vec::new();
    for (pointer, may_be_empty) in all {
        let mut json = with(&[]);
        for (pointer, value) in beside(&pointer) {
            put(&mut json, &pointer, value);
        }
        put(&mut json, &pointer, json!(""));
        let found = core.validate(&core.config(&json)).await;
        let refused = found.iter().any(|message| message.is_error);
        // A group that is missing is another matter.
        if may_be_empty {
            let about = pointer.rsplit('/').next().unwrap();
            let told = found.iter().any(|m| m.is_error && m.detail.contains(about));
            assert!(!told, "{pointer}: {found:#?}");
        } else if !refused {
            taken.push(pointer);
        }
    }
    assert_eq!(taken, [""; 0], "empty texts that the service refuses later");
}

#[tokio::test]
async fn an_empty_text_of_the_service_is_nothing() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let config = core.config(&with(&[]));
    core.run(&config).await;
    let emptied = |pool: &mut Json| {
        for key in ["node.prefix", "sharing"] {
            pool["metadata"]["labels"][format!("os.modelarts/{key}")] = json!("");
        }
        for key in ["promotion.info", "service.console.url", "order.id", "scheduler.extension"] {
            pool["metadata"]["annotations"][format!("os.modelarts/{key}")] = json!("");
        }
        pool["spec"]["parent"] = json!("");
    };
    cloud.cloud().change_pool("pool-plans", emptied).unwrap();
    core.configure().await;
    core.is_settled(&config).await;
    let written = [("/node_prefix", json!("")), ("/console_url", json!(""))];
    let written = core.config(&with(&written));
    let plan = core.plan(&written).await;
    assert_eq!(plan.replaces, [""; 0]);
    core.import_again().await;
    core.is_settled(&config).await;
}

#[tokio::test]
async fn no_path_goes_deeper_than_the_first_step() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let wrong = [
        ("/name", json!("abc")),
        ("/labels", json!({ "os.modelarts/name": "x" })),
        ("/annotations", json!({ "os.modelarts/description": "x" })),
        ("/driver", json!({ "gpu_version": "", "update_strategy": "never" })),
        ("/container_network", json!({ "cidr": "172.16.3.0/16" })),
        ("/timeouts", json!({ "create": "soon" })),
        ("/resources/0/count", json!(0)),
        ("/resources/0/labels", json!({ "a": "b" })),
        ("/resources/1/node_pool", json!("UPPER")),
    ];
    let mut json = with(&wrong);
    json["resources"][0]["taints"] = json!([{ "key": "", "effect": "Never" }]);
    json["resources"][0]["azs"] = json!([{ "az": "", "count": 9 }]);
    json["resources"][0]["tags"] = json!({ "CCE-x": "1" });
    json["resources"][0]["root_volume"] = json!({ "volume_type": "", "size": 1 });
    json["resources"][1]["creating_step"] = json!({ "step": 7, "type": "heap" });
    let config = core.config(&json);
    let found: Vec<Message> = core.validate(&config).await;
    assert!(found.len() > 12, "{found:#?}");
    for message in &found {
        assert!(!message.path.contains(['.', '[']), "{message:?}");
        assert!(!message.path.is_empty(), "{message:?}");
    }
    // The text says where it is.
    let says = |words: &str| found.iter().any(|message| message.detail.contains(words));
    assert!(says("resources[0].count") && says("resources[1].node_pool"), "{found:#?}");
}

#[tokio::test]
async fn plans_point_no_deeper_either() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let azs = |count: i64| json!([{ "az": "cn-north-4a", "count": count }]);
    let mut json = with(&[]);
    json["resources"][0]["azs"] = azs(2);
    let config = core.config(&json);
    core.run(&config).await;
    json["resources"][0]["azs"] = azs(3);
    let config = core.config(&json);
    let plan = core.plan(&config).await;
    assert!(is_error(&plan) && says(&plan, "add up to 3"), "{:?}", plan.messages);
    for message in &plan.messages {
        assert_eq!(message.path, "resources");
    }
}

#[tokio::test]
async fn a_count_that_is_ignored_with_zones_that_are_not_is_refused_by_the_plan() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let mut json = with(&[]);
    json["resources"][0]["azs"] = json!([{ "az": "cn-north-4a", "count": 2 }]);
    let config = core.config(&json);
    core.run(&config).await;
    // An autoscaler has grown the entry; Terraform hands over its count as if
    // it had been written.
    json["resources"][0]["count"] = json!(4);
    let ignored = core.config(&json);
    let plan = core.plan(&ignored).await;
    assert!(is_error(&plan) && says(&plan, "add up to 2"), "{:?}", plan.messages);
}

#[tokio::test]
async fn times_of_nothing_are_refused_for_each_operation() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    for operation in ["create", "update", "delete"] {
        for time in ["0s", "0", "0h0m"] {
            let config = core.config(&with(&[("/timeouts", json!({ operation: time }))]));
            let found = core.validate(&config).await;
            assert!(found.iter().any(|m| m.is_error && m.path == "timeouts"), "{operation} {time}");
        }
    }
}

#[tokio::test]
async fn advice_about_payment_and_drivers_belongs_to_the_plan_that_orders() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let prepaid = [
        ("/charging_mode", json!("prePaid")),
        ("/period_unit", json!("month")),
        ("/period", json!(1)),
        ("/order_id", json!("CS1")),
    ];
    let config = core.config(&with(&prepaid));
    core.run(&config).await;
    let mut without = with(&prepaid[..3]);
    without["description"] = json!("two");
    let config = core.config(&without);
    let plan = core.plan(&config).await;
    assert!(!is_error(&plan) && !says(&plan, "auto_pay"), "{:?}", plan.messages);
    let many = core.config(&with(&[&prepaid[..], &[("/resources/0/count", json!(40))]].concat()));
    let plan = core.plan(&many).await;
    assert!(says(&plan, "38 nodes"), "{:?}", plan.messages);
    core.run(&many).await;
    let plan = core.plan(&many).await;
    assert_eq!(plan.messages, []);
}

#[tokio::test]
async fn an_imported_prepaid_pool_needs_nothing_about_its_order() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let prepaid = [
        ("/charging_mode", json!("prePaid")),
        ("/period_unit", json!("month")),
        ("/period", json!(1)),
        ("/auto_pay", json!(true)),
    ];
    let config = core.config(&with(&prepaid));
    core.run(&config).await;
    core.import_again().await;
    let bare = core.config(&with(&prepaid[..1]));
    assert_eq!(core.validate(&bare).await, []);
    core.is_settled(&bare).await;
    let mut changed = with(&prepaid[..1]);
    changed["description"] = json!("two");
    let changed = core.config(&changed);
    let plan = core.run(&changed).await;
    assert_eq!((plan.messages, plan.replaces), (vec![], vec![]));
    core.is_settled(&changed).await;
}

#[tokio::test]
async fn a_protected_pool_is_not_replaced_nor_deleted_however_it_is_asked() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let protected = ("/deletion_protection", json!(true));
    let config = core.config(&with(std::slice::from_ref(&protected)));
    core.run(&config).await;
    // An argument that replaces, also where the same change takes the
    // protection off.
    for off in [true, false] {
        let changes = [("/name", json!("pool-other")), ("/deletion_protection", json!(off))];
        let config = core.config(&with(&changes));
        let plan = core.plan(&config).await;
        assert!(is_error(&plan) && says(&plan, "protected"), "{off}: {:?}", plan.messages);
    }
    core.changes();
    let before = core.state.clone();
    let found = core.destroy().await;
    assert!(found.iter().any(|m| m.is_error && m.detail.contains("deletion_protection")));
    assert!(core.changes().is_empty());
    assert_eq!(core.state, before);
    let off = core.config(&with(&[]));
    core.run(&off).await;
    assert_eq!(core.destroy().await, []);
}

#[tokio::test]
async fn who_sets_too_short_a_time_is_not_told_that_the_service_is_in_trouble() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let config = core.config(&with(&[]));
    core.run(&config).await;
    let silent = json!({ "faults": [{ "match": { "operation": "show" },
        "do": { "hang": { "for": "never" } } }] });
    cloud.cloud().set_scenario(Scenario::from_json(&silent.to_string()).unwrap());
    let short = json!({ "update": "1s" });
    let config =
        core.config(&with(&[("/description", json!("two")), ("/timeouts", short.clone())]));
    let plan = core.plan(&config).await;
    let found = core.apply(&plan).await;
    let message = found.iter().find(|message| message.is_error).unwrap();
    assert!(!message.detail.contains("in trouble"), "{message:?}");
    assert!(message.detail.contains("timeouts"), "{message:?}");
}

#[tokio::test]
async fn found_taints_without_a_value_go_when_others_are_written() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let mut json = with(&[]);
    json["resources"][0]["taints"] = json!([
        { "key": "a", "effect": "NoSchedule" }, { "key": "b", "effect": "NoSchedule" },
    ]);
    let config = core.config(&json);
    core.run(&config).await;
    core.import_again().await;
    json["resources"][0]["taints"] = json!([{ "key": "b", "effect": "NoSchedule" }]);
    let config = core.config(&json);
    core.run(&config).await;
    core.is_settled(&config).await;
    let pool = cloud.cloud().pool("pool-plans").unwrap().unwrap();
    let entries = pool["spec"]["resources"].as_array().unwrap();
    let entry = entries.iter().find(|entry| entry["flavor"] == CPU).unwrap();
    assert_eq!(entry["taints"].as_array().unwrap().len(), 1, "{entry}");
}

/// Of a pool that exists the service does not tell how to log in, so a configuration
/// without that is valid; to make such a pool, it is needed.
#[tokio::test]
async fn a_privileged_pool_needs_a_login_when_it_is_made() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let mut privileged = json!({
        "name": "pool-open",
        "network": { "vpc_id": "vpc", "subnet_id": "subnet" },
        "clusters": [{ "provider_id": "cluster" }],
        "resources": [{ "flavor": CPU, "count": 1 }],
    });
    let without = core.config(&privileged);
    assert_eq!(core.validate(&without).await, []);
    let plan = core.plan(&without).await;
    let [message] = plan.messages.as_slice() else { panic!("{:#?}", plan.messages) };
    assert_eq!((message.is_error, message.path.as_str()), (true, "user_login"));
    privileged["user_login"] = json!({ "password": "c2VjcmV0" });
    let with = core.config(&privileged);
    core.run(&with).await;
    core.import_again().await;
    core.is_settled(&without).await;
}
