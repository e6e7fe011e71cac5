//! Mistakes are told where they were made, and nothing is made.

use crate::harness::{Cloud, KEY, PROJECT, REGION, SECRET, Workspace, provider};
use crate::pools::{CPU, entry, entry_with, named, network_argument, pool, pool_with};

/// Plans a configuration that must be refused at plan time with these words.
#[track_caller]
fn refused(configuration: &str, words: &[&str]) {
    let cloud = Cloud::start();
    let work = Workspace::new("bad", &cloud);
    work.write("main.tf", configuration);
    let mut output = work.plan_fails();
    for word in words {
        output = output.says(word);
    }
    work.apply_fails();
    assert_eq!(cloud.count("POST", "/pools"), 0);
    assert!(cloud.pools().is_empty());
}

#[test]
fn a_name_of_three_characters_is_refused() {
    refused(&named("abc", &[entry(CPU, 1)], ""), &["name", "4 to 64"]);
}

#[test]
fn a_count_of_zero_is_refused() {
    refused(&pool(0), &["resources[0].count", "at least 1"]);
}

#[test]
fn zones_that_do_not_add_up_are_refused() {
    let zones = "azs = [{ az = \"cn-north-4a\", count = 1 }]";
    refused(&pool_with(&[entry_with(CPU, 3, zones)], ""), &["azs", "3"]);
}

#[test]
fn a_dedicated_pool_without_a_network_is_refused() {
    let without = pool(1).replace(&network_argument(), "");
    refused(&without, &["network", "Dedicate"]);
}

#[test]
fn a_logical_pool_with_a_network_is_refused() {
    refused(&pool_with(&[entry(CPU, 1)], "type = \"Logical\""), &["network", "Logical"]);
}

#[test]
fn an_annotation_that_an_argument_owns_is_refused_with_the_arguments_name() {
    let further = "annotations = { \"os.modelarts/description\" = \"x\" }";
    refused(&pool_with(&[entry(CPU, 1)], further), &["description"]);
}

#[test]
fn several_mistakes_are_told_at_once() {
    let wrong = named("abc", &[entry(CPU, 0)], "description = \"a & b\"");
    refused(&wrong, &["4 to 64", "at least 1", "description"]);
}

#[test]
fn mistakes_of_different_kinds_are_told_by_one_plan_that_asks_nobody() {
    let cloud = Cloud::start();
    let work = Workspace::new("kinds", &cloud);
    let disk = r#"      data_volumes = [{
        volume_type   = "SSD"
        size          = 100
        extend_params = { volumeGroup = "vgpaas" }
      }]"#;
    let further = r#"
  charging_mode     = "prePaid"
  period_unit       = "year"
  period            = 4
  container_network = { cidr = "172.16.3.0/16" }
"#;
    work.write("main.tf", &pool_with(&[entry_with(CPU, 1, disk)], further));
    work.plan_fails()
        .says("period is 4. Use a whole number from 1 to 3.")
        .says("Write \"172.16.0.0/16\"")
        .says("resources[0].volume_group_configs has no item for it");
    assert_eq!(cloud.count("GET", "") + cloud.count("POST", ""), 0);
}

#[test]
fn wrong_keys_are_told_without_hammering_the_service() {
    let cloud = Cloud::start();
    let work = Workspace::with_provider(
        "keys",
        &provider(&cloud, "").replace(SECRET, "some-other-secret-not-real"),
    );
    work.write("main.tf", &pool(1));
    let output = work.apply_fails().says("401");
    assert!(!output.flat().contains("some-other-secret-not-real"), "{output}");
    assert!(cloud.refused() <= 2, "{} calls were refused", cloud.refused());
    assert!(cloud.pools().is_empty());
}

#[test]
fn an_endpoint_that_nobody_listens_on_is_named_with_its_setting() {
    let url = {
        // A port that was free a moment ago and is closed again.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let work = Workspace::with_provider(
        "unreachable",
        &format!(
            r#"
provider "modelarts" {{
  region      = "{REGION}"
  project_id  = "{PROJECT}"
  access_key  = "{KEY}"
  secret_key  = "{SECRET}"
  max_retries = 0
  endpoints   = {{ modelarts = "{url}" }}
}}
"#
        ),
    );
    work.write("main.tf", &pool(1));
    let host = url.trim_start_matches("http://").to_owned();
    work.apply_fails().says(&host).says("endpoints");
    assert!(work.state().addresses().is_empty());
}

#[test]
fn a_plain_http_endpoint_elsewhere_is_refused() {
    let work = Workspace::with_provider(
        "plain",
        &format!(
            r#"
provider "modelarts" {{
  region     = "{REGION}"
  project_id = "{PROJECT}"
  access_key = "{KEY}"
  secret_key = "{SECRET}"
  endpoints  = {{ modelarts = "http://modelarts.invalid" }}
}}
"#
        ),
    );
    work.write("main.tf", &pool(1));
    work.plan_fails().says("endpoints.modelarts").says("insecure");
}

#[test]
fn a_missing_region_is_told_with_the_ways_to_set_it() {
    let work = Workspace::with_provider("regionless", "provider \"modelarts\" {}");
    work.write("main.tf", &pool(1));
    work.apply_fails().says("region").says("HW_REGION_NAME");
}
