//! What a plan says of flavors, zones and drivers that cannot be had.

use serde_json::json;

use crate::harness::{Cloud, Workspace, provider};
use crate::pools::{CPU, GPU, entry, entry_with, named, pool_with};

const SOLD_OUT: &str = "modelarts.vm.cpu.32ud";
const SCARCE: &str = "modelarts.vm.gpu.8v100";

/// Plans pools whose provider block has further arguments.
fn workspace(name: &str, cloud: &Cloud, further: &str) -> Workspace {
    Workspace::with_provider(name, &provider(cloud, further))
}

#[test]
fn each_verdict_is_a_warning_that_names_what_can_be_had() {
    let cloud = Cloud::start();
    let work = workspace("verdicts", &cloud, "");
    let there = entry_with(SCARCE, 1, r#"azs = [{ az = "cn-north-4a", count = 1 }]"#);
    let entries = [
        entry("modelarts.vm.cpu.9ud", 1),
        entry(SOLD_OUT, 1),
        there,
        entry("modelarts.vm.gpu.a100", 1),
        entry("modelarts.vm.cpu.8u.logical", 1),
    ];
    work.write("main.tf", &pool_with(&entries, "driver = { gpu_version = \"1.2\" }"));
    let told = work.run(&["plan"]).success();
    for words in [
        "Flavor modelarts.vm.cpu.9ud is not on offer",
        "resources[0].flavor is \"modelarts.vm.cpu.9ud\", which is not among the flavors that the \
         service offers to this project. On sale, with the most similar names: \
         modelarts.vm.cpu.4ud (4 cores, 8 GiB), modelarts.vm.cpu.8ud (8 cores, 32 GiB),",
        "Flavor modelarts.vm.cpu.32ud is sold out",
        "resources[1].flavor: modelarts.vm.cpu.32ud is sold out in every zone that has it \
         (cn-north-4a, cn-north-4b). On sale instead: modelarts.vm.cpu.16u64g.d (16 cores, 64 \
         GiB), modelarts.vm.cpu.64ud (64 cores, 256 GiB),",
        "Flavor modelarts.vm.gpu.8v100 is sold out in cn-north-4a",
        "resources[2].azs: modelarts.vm.gpu.8v100 is sold out in cn-north-4a. It is on sale in \
         cn-north-4b. On sale instead in cn-north-4a: modelarts.vm.gpu.tnt004 (1 x T4, 8 cores, \
         32 GiB).",
        "Flavor modelarts.vm.gpu.a100 is not sold postPaid",
        "the service sells modelarts.vm.gpu.a100 prePaid only. On sale instead: \
         modelarts.vm.gpu.tnt004",
        "Flavor modelarts.vm.cpu.8u.logical is not for Dedicate pools",
        "modelarts.vm.cpu.8u.logical is a flavor for pools of type Logical, and the type of this \
         pool is Dedicate.",
        "GPU driver version 1.2 is not on offer",
        "driver.gpu_version is \"1.2\". The service offers, newest first: 535.54.03, 470.57.02, \
         440.33.",
    ] {
        assert!(told.flat().contains(words), "{words}\n{}", told.flat());
    }
}

#[test]
fn only_what_is_new_is_looked_up() {
    let cloud = Cloud::start();
    let work = workspace("growth", &cloud, "");
    let scarce = |nodes: u32, zones: &str| entry_with(SCARCE, nodes, &format!("azs = [{zones}]"));
    let (there, gone) =
        (r#"{ az = "cn-north-4b", count = 2 }"#, r#"{ az = "cn-north-4a", count = 1 }"#);
    let plan = |entries: &[String], further: &str| {
        work.write("main.tf", &pool_with(entries, further));
        work.run(&["plan"]).success().flat()
    };
    work.write("main.tf", &pool_with(&[scarce(2, there)], ""));
    work.apply();
    cloud.forget_requests();
    work.plan_is_empty();
    let one = r#"{ az = "cn-north-4b", count = 1 }"#;
    let told = plan(&[scarce(1, one)], "description = \"changed\"");
    assert!(!told.contains("sold out"), "{told}");
    // Nothing grows: nobody looks.
    assert_eq!(cloud.count("GET", "/resourceflavors"), 0);
    let told = plan(&[scarce(2, there), entry(CPU, 1)], "");
    assert!(!told.contains("sold out"), "{told}");
    let told = plan(&[scarce(3, &format!("{there}, {gone}"))], "");
    assert!(told.contains("is sold out in cn-north-4a. It is on sale in cn-north-4b"), "{told}");
}

#[test]
fn one_list_serves_any_number_of_pools() {
    let cloud = Cloud::start();
    let work = workspace("many", &cloud, "");
    let pool = |n: usize| {
        let text = named(&format!("pool-{n}"), &[entry(SOLD_OUT, 1)], "");
        text.replace("\"main\"", &format!("\"p{n}\""))
    };
    work.write("main.tf", &(0..12).map(pool).collect::<String>());
    let told = work.run(&["plan"]).success();
    assert!(told.flat().contains("Flavor modelarts.vm.cpu.32ud is sold out"), "{}", told.flat());
    assert_eq!(cloud.count("GET", "/resourceflavors"), 1);
}

#[test]
fn the_check_can_refuse_or_be_left_out() {
    let cloud = Cloud::start();
    let strict = workspace("strict", &cloud, "availability_check = \"error\"");
    strict.write("main.tf", &pool_with(&[entry(SOLD_OUT, 1)], ""));
    strict
        .plan_fails()
        .says("Flavor modelarts.vm.cpu.32ud is sold out")
        .says("set availability_check = \"warn\"")
        .says("On sale instead");
    strict.write("main.tf", &pool_with(&[entry(CPU, 1)], ""));
    strict.apply();
    strict.plan_is_empty();
    cloud.forget_requests();
    let mut off = workspace("off", &cloud, "");
    off.env("HW_MODELARTS_AVAILABILITY_CHECK", "off");
    off.write("main.tf", &pool_with(&[entry(SOLD_OUT, 1)], ""));
    let told = off.run(&["plan"]).success();
    assert!(!told.flat().contains("sold out"), "{}", told.flat());
    assert_eq!(cloud.requests(), 0);
    let wrong = workspace("wrong", &cloud, "availability_check = \"maybe\"");
    wrong.write("main.tf", &pool_with(&[entry(CPU, 1)], ""));
    wrong.plan_fails().says("\"maybe\"; use one of warn, error, off");
}

#[test]
fn a_list_that_cannot_be_read_is_no_matter() {
    for answer in [json!({ "status": 403, "body": {} }), json!({ "status": 400, "body": {} })] {
        let fault = json!({ "match": { "operation": "flavors", "nth": "every" },
            "do": { "answer": answer } });
        let cloud = Cloud::playing(&json!({ "faults": [fault] }));
        let work = workspace("unread", &cloud, "availability_check = \"error\"");
        work.write("main.tf", &pool_with(&[entry(SOLD_OUT, 1)], ""));
        work.plan();
        assert!(work.log().contains("availability is not checked: no list of flavors"));
    }
}

#[test]
fn a_part_of_another_pool_has_that_pools_nodes() {
    let cloud = Cloud::start();
    let work = workspace("part", &cloud, "availability_check = \"error\"");
    let parent = pool_with(&[entry(CPU, 2)], "");
    let part = format!(
        r#"
resource "modelarts_pool" "part" {{
  name      = "part-pool"
  type      = "Logical"
  parent    = modelarts_pool.main.id
  resources = [{{ flavor = "{CPU}", count = 1 }}]
}}
"#
    );
    work.write("main.tf", &(parent + &part));
    work.apply();
    work.plan_is_empty();
}

#[test]
fn flavors_and_drivers_are_asked_for_once_in_the_plan_and_once_in_the_apply() {
    let cloud = Cloud::playing(&json!({ "answers": { "page_size": 4 } }));
    let work = workspace("once", &cloud, "");
    let pool = named("pool-${count.index}", &[entry(GPU, 1)], "count = 12\n")
        .replace("scope ", "driver  = { gpu_version = \"470.57.02\" }\n  scope ");
    work.write("main.tf", &pool);
    work.run(&["plan", "-out=test.tfplan"]).success();
    let asked = || {
        let drivers = cloud.count("GET", "/plugintemplates/gpu-driver");
        (cloud.count("GET", "/resourceflavors"), drivers)
    };
    assert_eq!(asked(), (3, 1), "three pages and one template");
    cloud.forget_requests();
    // Terraform plans each pool again before it makes it.
    work.run(&["apply", "test.tfplan"]).success();
    assert_eq!(asked(), (3, 1));
    cloud.forget_requests();
    work.plan_is_empty();
    assert_eq!(asked(), (0, 0));
}

#[test]
fn two_flavors_that_cannot_be_had_are_both_told() {
    let sold_out = json!({ CPU: [], GPU: [] });
    let cloud = Cloud::playing(&json!({ "offer": { "sold_out": sold_out } }));
    let work = workspace("both", &cloud, "");
    work.write("main.tf", &pool_with(&[entry(CPU, 1), entry(GPU, 1)], ""));
    // Terraform would fold messages of one summary.
    work.run(&["plan"])
        .success()
        .says("Warning: Flavor modelarts.vm.cpu.8ud is sold out")
        .says("Warning: Flavor modelarts.vm.gpu.tnt004 is sold out");
}

#[test]
fn what_is_decided_during_the_apply_is_looked_up_then() {
    let cloud = Cloud::start();
    let work = workspace("later", &cloud, "");
    let entry = "    { flavor = terraform_data.flavor.output, count = 1 },\n".to_owned();
    let data = "resource \"terraform_data\" \"flavor\" {\n  input = \"modelarts.vm.cpu.9ud\"\n}\n";
    work.write("main.tf", &format!("{data}{}", pool_with(&[entry], "")));
    let output = work.run(&["plan"]).success();
    assert!(!output.flat().contains("not on offer"), "{output}");
    assert_eq!(cloud.requests(), 0);
    work.apply_fails().says("Flavor modelarts.vm.cpu.9ud is not on offer");
}

#[test]
fn a_provider_that_is_configured_later_is_not_asked() {
    let cloud = Cloud::start();
    let url = cloud.url();
    let block = provider(&cloud, "")
        .replace(&format!("modelarts = \"{url}\""), "modelarts = terraform_data.url.output");
    let data = format!("resource \"terraform_data\" \"url\" {{\n  input = \"{url}\"\n}}\n");
    let work = Workspace::with_provider("unconfigured", &format!("{block}{data}"));
    work.write("main.tf", &pool_with(&[entry(SOLD_OUT, 1)], ""));
    let output = work.run(&["plan"]).success();
    assert!(!output.flat().contains("sold out"), "{output}");
    assert_eq!(cloud.requests(), 0);
}
