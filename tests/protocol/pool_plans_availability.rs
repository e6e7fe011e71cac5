//! A plan says what it orders and cannot have, and asks nobody when it orders
//! nothing.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::{Running, access};

use super::core::{Core, Message, Plan, cloud};

const CPU: &str = "modelarts.vm.cpu.8ud";
const GPU: &str = "modelarts.vm.gpu.tnt004";
const SOLD_OUT: &str = "modelarts.vm.cpu.32ud";
const SCARCE: &str = "modelarts.vm.gpu.8v100";

fn pool(entry: Json) -> Json {
    json!({
        "name": "pool-sale",
        "scope": ["Train"],
        "network": { "name": access::network_id() },
        "resources": [entry],
    })
}

fn nodes(flavor: &str, count: u32) -> Json {
    pool(json!({ "flavor": flavor, "count": count }))
}

/// How often a list has been asked for since the last time.
fn asked(cloud: &Running, list: &str) -> usize {
    let requests = cloud.cloud().requests();
    cloud.cloud().forget_requests();
    requests.iter().filter(|request| request.path.ends_with(list)).count()
}

const FLAVORS: &str = "/resourceflavors";

async fn planned(scenario: &Json, config: &Json) -> (Running, Plan) {
    let cloud = cloud(scenario).await;
    let mut core = Core::start(&cloud).await;
    let config = core.config(config);
    let plan = core.plan(&config).await;
    (cloud, plan)
}

#[track_caller]
fn only(messages: &[Message]) -> &Message {
    assert_eq!(messages.len(), 1, "{messages:#?}");
    &messages[0]
}

#[tokio::test]
async fn a_new_pool_is_told_what_is_sold_out_and_what_is_on_sale() {
    let (cloud, plan) = planned(&json!({}), &nodes(SOLD_OUT, 1)).await;
    let said = only(&plan.messages);
    assert_eq!((said.is_error, said.path.as_str()), (false, "resources"));
    assert_eq!(said.summary, "Flavor modelarts.vm.cpu.32ud is sold out");
    assert_eq!(
        said.detail,
        "resources[0].flavor: modelarts.vm.cpu.32ud is sold out in every zone that has it \
         (cn-north-4a, cn-north-4b). On sale instead: modelarts.vm.cpu.16u64g.d (16 cores, 64 \
         GiB), modelarts.vm.cpu.64ud (64 cores, 256 GiB), modelarts.vm.cpu.8ud (8 cores, 32 GiB). \
         The service will likely refuse it, or keep the pool waiting."
    );
    assert_eq!(asked(&cloud, FLAVORS), 1);
}

#[tokio::test]
async fn zones_count_where_they_are_named() {
    let zone =
        |az: &str| json!({ "flavor": SCARCE, "count": 1, "azs": [{ "az": az, "count": 1 }] });
    let (_cloud, plan) = planned(&json!({}), &pool(zone("cn-north-4a"))).await;
    let said = only(&plan.messages);
    assert_eq!(said.summary, "Flavor modelarts.vm.gpu.8v100 is sold out in cn-north-4a");
    let instead = "It is on sale in cn-north-4b. On sale instead in cn-north-4a: \
                   modelarts.vm.gpu.tnt004 (1 x T4, 8 cores, 32 GiB).";
    assert!(said.detail.contains(instead), "{}", said.detail);
    for entry in [zone("cn-north-4b"), json!({ "flavor": SCARCE, "count": 1 })] {
        let (_cloud, plan) = planned(&json!({}), &pool(entry)).await;
        assert_eq!(plan.messages, []);
    }
}

#[tokio::test]
async fn unknown_flavors_other_pools_and_other_bills_are_told() {
    for (flavor, summary) in [
        ("modelarts.vm.cpu.9ud", "Flavor modelarts.vm.cpu.9ud is not on offer"),
        (
            "modelarts.vm.cpu.8u.logical",
            "Flavor modelarts.vm.cpu.8u.logical is not for Dedicate pools",
        ),
        ("modelarts.vm.gpu.a100", "Flavor modelarts.vm.gpu.a100 is not sold postPaid"),
    ] {
        let (_cloud, plan) = planned(&json!({}), &nodes(flavor, 1)).await;
        let said = only(&plan.messages);
        assert_eq!(said.summary, summary);
        let instead = if flavor.contains("gpu") { GPU } else { CPU };
        assert!(said.detail.contains(instead), "{}", said.detail);
    }
    let logical = json!({
        "name": "pool-sale", "type": "Logical", "resources": [{ "flavor": CPU, "count": 1 }],
    });
    let (_cloud, plan) = planned(&json!({}), &logical).await;
    let said = only(&plan.messages);
    assert_eq!(said.summary, "Flavor modelarts.vm.cpu.8ud is not for Logical pools");
    assert!(
        said.detail.contains("modelarts.vm.cpu.8u.logical (8 cores, 32 GiB)"),
        "{}",
        said.detail
    );
    let mut share = logical;
    share["parent"] = json!("pool-of-others");
    let (_cloud, plan) = planned(&json!({}), &share).await;
    assert_eq!(plan.messages, [], "the nodes of a parent are not bought");
}

#[tokio::test]
async fn drivers_are_looked_up_where_they_are_named() {
    let with = |version: &str| {
        let mut pool = nodes(GPU, 1);
        pool["driver"] = json!({ "gpu_version": version });
        pool
    };
    let (cloud, plan) = planned(&json!({}), &with("470.57.2")).await;
    let said = only(&plan.messages);
    assert_eq!(said.path, "driver");
    assert_eq!(said.summary, "GPU driver version 470.57.2 is not on offer");
    let versions = "driver.gpu_version is \"470.57.2\". The service offers, newest first: \
                    535.54.03, 470.57.02, 440.33.";
    assert!(said.detail.starts_with(versions), "{}", said.detail);
    assert_eq!(asked(&cloud, "/plugintemplates/gpu-driver"), 1);
    let (_cloud, plan) = planned(&json!({}), &with("470.57.02")).await;
    assert_eq!(plan.messages, []);

    let entry = json!({ "flavor": "modelarts.vm.npu.a910", "count": 1,
        "driver": { "version": "C99" } });
    let (cloud, plan) = planned(&json!({}), &pool(entry)).await;
    let told = |m: &&Message| m.summary == "NPU driver version C99 is not on offer";
    let said = plan.messages.iter().find(told).unwrap();
    assert!(said.detail.starts_with("resources[0].driver.version is \"C99\"."), "{}", said.detail);
    assert_eq!(asked(&cloud, "/plugintemplates/npu-driver"), 1);
}

#[tokio::test]
async fn only_what_grows_is_looked_up_and_only_once() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let of = |cpu: u32, gpu: u32, text: &str| {
        let mut pool = nodes(CPU, cpu);
        pool["description"] = json!(text);
        let more = json!({ "flavor": GPU, "count": gpu });
        pool["resources"].as_array_mut().unwrap().push(more);
        pool
    };
    let first = core.config(&of(3, 1, "one"));
    core.run(&first).await;
    assert_eq!(asked(&cloud, FLAVORS), 1);
    // From now on nothing of it can be had.
    cloud.cloud().set_scenario(scenario(&json!({ "offer": { "sold_out": { CPU: [], GPU: [] } } })));
    for (config, what) in [
        (of(3, 1, "one"), "nothing changes"),
        (of(3, 1, "two"), "a text changes"),
        (of(2, 1, "two"), "the pool shrinks"),
    ] {
        core.configure().await;
        let config = core.config(&config);
        let plan = core.run(&config).await;
        assert!(!plan.messages.iter().any(|m| m.summary.contains("sold out")), "{what}");
        assert_eq!(asked(&cloud, FLAVORS), 0, "{what}");
    }
    core.configure().await;
    let grown = core.config(&of(2, 2, "two"));
    for _ in 0..3 {
        let plan = core.plan(&grown).await;
        let said = only(&plan.messages);
        assert_eq!(said.summary, format!("Flavor {GPU} is sold out"), "and nothing of the other");
    }
    assert_eq!(asked(&cloud, FLAVORS), 1);
}

#[tokio::test]
async fn a_zone_that_gets_more_nodes_is_looked_up() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    let zones = |a: u32, b: u32| {
        let azs: Vec<Json> = [("cn-north-4a", a), ("cn-north-4b", b)]
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(az, count)| json!({ "az": az, "count": count }))
            .collect();
        pool(json!({ "flavor": CPU, "count": a + b, "azs": azs }))
    };
    let first = core.config(&zones(2, 1));
    core.run(&first).await;
    let offer = json!({ "offer": { "sold_out": { CPU: ["cn-north-4b"] } } });
    cloud.cloud().set_scenario(scenario(&offer));
    core.configure().await;
    for (config, told) in [(zones(1, 2), true), (zones(3, 1), false), (zones(3, 2), true)] {
        let config = core.config(&config);
        let plan = core.plan(&config).await;
        let summary = format!("Flavor {CPU} is sold out in cn-north-4b");
        let found = plan.messages.iter().any(|message| message.summary == summary);
        assert_eq!(found, told, "{:#?}", plan.messages);
    }
}

#[tokio::test]
async fn the_user_says_what_becomes_of_it() {
    for (check, is_error, calls) in
        [("warn", Some(false), 1), ("error", Some(true), 1), ("off", None, 0)]
    {
        let cloud = cloud(&json!({})).await;
        let mut core = Core::start(&cloud).await;
        core.set("availability_check", json!(check));
        core.configure().await;
        let config = core.config(&nodes(SOLD_OUT, 1));
        let plan = core.plan(&config).await;
        let said = plan.messages.iter().find(|message| message.summary.contains("sold out"));
        assert_eq!(said.map(|message| message.is_error), is_error, "{check}");
        assert_eq!(asked(&cloud, FLAVORS), calls, "{check}");
        if check == "error" {
            let way = "set availability_check = \"warn\" in the provider block";
            assert!(said.unwrap().detail.contains(way), "{said:#?}");
        }
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_no_matter_and_not_asked_for_again() {
    let answer = |status: u16| json!({ "answer": { "status": status } });
    for (action, least, most) in [
        (answer(403), 0, 1500),
        (answer(401), 0, 1500),
        (answer(429), 0, 1500),
        (answer(503), 0, 1500),
        (json!("html"), 0, 1500),
        (json!("reset"), 0, 1500),
        (json!({ "hang": { "for": "never" } }), 1900, 3500),
    ] {
        let fault = json!({ "match": { "path": "/v1/*/resourceflavors", "nth": "every" },
            "do": action });
        let cloud = cloud(&json!({ "faults": [fault] })).await;
        let mut core = Core::start(&cloud).await;
        core.set("availability_check", json!("error"));
        core.configure().await;
        let config = core.config(&nodes(SOLD_OUT, 1));
        for (least, most) in [(least, most), (0, 1500)] {
            let began = Instant::now();
            let plan = core.plan(&config).await;
            let took = began.elapsed();
            assert_eq!(plan.messages, [], "{action}");
            let range = Duration::from_millis(least)..Duration::from_millis(most);
            assert!(range.contains(&took), "{action}: {took:?}");
        }
        assert_eq!(asked(&cloud, FLAVORS), 1, "{action}");
    }
}

#[tokio::test]
async fn a_plan_without_a_network_is_as_quick_as_one_that_does_not_look() {
    let cloud = cloud(&json!({})).await;
    let mut core = Core::start(&cloud).await;
    // A port that was free a moment ago and is closed again.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{closed}");
    core.set("endpoints", json!({ "modelarts": url, "iam": url, "bss": url, "sts": url }));
    core.set("availability_check", json!("error"));
    core.configure().await;
    let config = core.config(&nodes(SOLD_OUT, 1));
    let began = Instant::now();
    let plan = core.plan(&config).await;
    assert_eq!(plan.messages, []);
    let took = began.elapsed();
    assert!(took < Duration::from_millis(1500), "{took:?}");
}

fn scenario(json: &Json) -> terraform_provider_modelarts::simulator::Scenario {
    terraform_provider_modelarts::simulator::Scenario::from_json(&json.to_string()).unwrap()
}
