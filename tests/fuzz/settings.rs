//! What a person writes: provider arguments, environment, the hcloud profile
//! file, durations and addresses.
//!
//! An input is a line for an environment variable and a JSON object. The
//! object is the profile file, and its member `block` the provider block.

use std::fs;

use serde_json::Value as Json;
use terraform_provider_modelarts::modelarts::Endpoint;
use terraform_provider_modelarts::provider::config::{Resolved, resolve};
use terraform_provider_modelarts::provider::{Environment, ModelArtsProvider, Offer};
use terraform_provider_modelarts::tf::codec::json;
use terraform_provider_modelarts::tf::duration;
use terraform_provider_modelarts::tf::provider::Provider;
use terraform_provider_modelarts::tf::ty::Type;
use terraform_provider_modelarts::tf::value::Value;

use super::harness::fuzz;

/// A secret of the profile: no message may show it.
const SECRET: &str = "dummy-secret-of-a-profile";

fn seeds() -> Vec<Vec<u8>> {
    let profiles = format!(
        r#"{{"current":"default","profiles":[
            {{"name":"default","mode":"AKSK","accessKeyId":"AK1","secretAccessKey":"{SECRET}",
              "region":"cn-north-4","projectId":"0a1b2c3d4e5f60718293a4b5c6d7e8f9"}},
            {{"name":"sso","mode":"SSO","region":"eu-west-101","ssoAuth":{{"stsToken":{{
              "accessKeyId":"AK2","secretAccessKey":"{SECRET}","securityToken":"t"}}}}}},
            {{"name":"vm","mode":"ecsAgency","region":"cn-north-4"}},
            {{"name":"agency","mode":"agency","accessKeyId":"AK3","secretAccessKey":"{SECRET}",
              "agencyName":"a","agencyDomainId":"d","region":"cn-north-4"}}],
            "block":{{"max_retries":3,"region":"cn-north-4"}}}}"#
    );
    let blocks = [
        r#"{"block":{"region":"cn-north-4","cloud":"myhuaweicloud.com","insecure":true,
            "endpoints":{"modelarts":"https://ma.example:8443/v1/","iam":"http://127.0.0.1:1/v3"},
            "max_requests_per_second":0.5,"token":"x","project_name":"p"}}"#,
        r#"{"block":{"user_name":"u","password":"p","domain_name":"d","auth_url":"https://i/v3",
            "cacert_file":"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
            "assume_role":[{"agency_name":"a","domain_name":"d","duration":"1h30m"}],
            "assume_role_with_oidc":{"idp_id":"i","id_token":"t","agency_name":"a"},
            "extra_headers":{"x-a":"b"}}}"#,
        r#"{"block":{"simulator":{"state_file":"s.json"},"workspace_id":"0"}}"#,
        r#"{"current":"x","profiles":null}"#,
    ];
    let mut seeds = Vec::new();
    let environments =
        ["", "HW_PROFILE=sso", "HW_REGION_NAME=eu-west-101", "HW_AUTH_URL=https://[::1]/v3"];
    for line in environments {
        for text in blocks.iter().copied().chain([profiles.as_str()]) {
            seeds.push(format!("{line}\n{text}").into_bytes());
        }
    }
    seeds.push(b"HW_MODELARTS_MAX_RETRIES=5\n1h30m0.5s".to_vec());
    seeds.push(b"HW_INSECURE=yes\nhttps://modelarts.cn-north-4.myhuaweicloud.com/v3".to_vec());
    seeds
}

/// The provider block of an input; unknown where it says so.
fn block(tree: &Json, ty: &Type, profile_file: &str) -> Value {
    let empty = Json::Object(serde_json::Map::new());
    let written = tree.get("block").unwrap_or(&empty);
    let mut block = json::from_json(written, ty, json::Mode::Tolerant)
        .ok()
        .filter(|block| !block.is_null())
        .unwrap_or_else(|| json::from_json(&empty, ty, json::Mode::Tolerant).unwrap());
    for value in block.entries_mut().unwrap().values_mut() {
        if value.as_str() == Some("unknown") {
            *value = Value::UNKNOWN;
        }
    }
    if tree.get("profiles").is_some() {
        block.set_entry("shared_config_file", profile_file.into());
    }
    block
}

/// Whether what was a secret stands where nobody would put one.
fn is_told(tree: &Json) -> bool {
    let told = |value: &Json| value.as_str().map_or_else(|| is_told(value), |t| t.contains(SECRET));
    match tree {
        Json::Array(items) => items.iter().any(told),
        Json::Object(map) => map
            .iter()
            .any(|(key, value)| key.contains(SECRET) || key != "secretAccessKey" && told(value)),
        _ => false,
    }
}

#[test]
fn nothing_that_a_person_writes_breaks_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.json").display().to_string();
    let none: [(&str, &str); 0] = [];
    let provider = ModelArtsProvider::with(Environment::fixed(none), |_| Offer::default());
    let ty = provider.schema().ty();
    fuzz("settings", seeds(), |bytes| {
        let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
        let (line, rest) = bytes.split_at(end);
        let rest = rest.get(1..).unwrap_or_default();
        let (line, text) = (String::from_utf8_lossy(line), String::from_utf8_lossy(rest));
        let variable = line.split_once('=');
        let environment = Environment::fixed(variable);
        fs::write(&file, rest).unwrap();
        let tree = serde_json::from_slice(rest).unwrap_or_else(|_| {
            // A file that is no JSON is read as the profile file.
            serde_json::json!({ "profiles": [] })
        });
        let resolution = resolve(&block(&tree, ty, &file), &environment, "1.9.0");
        let shown = match &resolution.resolved {
            Resolved::Invalid(errors) | Resolved::Incomplete(errors) => format!("{errors:?}"),
            other => format!("{other:?}"),
        };
        let shown = format!("{shown} {:?}", resolution.warnings);
        // A name that serde_json keeps for itself makes a tree unreadable, and
        // only a tree: what stands where is not known then.
        let is_told = is_told(&tree) || text.contains("$serde_json::private");
        assert!(!shown.contains(SECRET) || is_told, "{shown}");
        if let Ok(length) = duration::parse(&text) {
            let again = format!("{}ns", length.as_nanos());
            assert_eq!(duration::parse(&again), Ok(length));
        }
        if let Ok(endpoint) = Endpoint::parse(&text, "test") {
            assert!(Endpoint::parse(endpoint.url.as_str(), "test").is_ok());
        }
    });
}
