//! What goes over the wire: methods, paths, headers, signatures and bodies.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::{Value, json};
use terraform_provider_modelarts::modelarts::pool::{PoolSpec, ResourceEntry};
use terraform_provider_modelarts::modelarts::sign::{
    Canonical, Unsigned, authorization, signature, string_to_sign,
};
use terraform_provider_modelarts::modelarts::{
    Client, CreatePool, CredentialSource, Keys, PatchPool, PatchSpec, PoolFilter, PoolId,
    labels as key,
};

use crate::server::{Reply, Seen, Server};
use crate::{ACCESS_KEY, POOL, PROJECT, SECRET_KEY, call, client, fixture, keys, settings};

fn decoded_query(seen: &Seen) -> Vec<(String, String)> {
    url::form_urlencoded::parse(seen.query.as_bytes()).into_owned().collect()
}

/// Signs what arrived again, from the names it says were signed.
fn expected_authorization(seen: &Seen) -> String {
    let sent = seen.header("authorization").unwrap();
    let names = sent.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap();
    let headers: Vec<(&str, &str)> =
        names.split(';').map(|n| (n, seen.header(n).unwrap())).collect();
    let query = decoded_query(seen);
    let canonical = Canonical::of(&Unsigned {
        method: &seen.method,
        path: &seen.path,
        query: &query,
        headers: &headers,
        body: seen.body.as_bytes(),
    });
    let to_sign = string_to_sign(seen.header("x-sdk-date").unwrap(), &canonical);
    authorization(ACCESS_KEY, &canonical, &signature(&SecretString::from(SECRET_KEY), &to_sign))
}

fn signed_names(seen: &Seen) -> &str {
    let sent = seen.header("authorization").unwrap();
    sent.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap()
}

fn patch() -> PatchPool {
    PatchPool {
        labels: BTreeMap::new(),
        annotations: BTreeMap::from([(key::DESCRIPTION.to_owned(), Some(String::new()))]),
        spec: PatchSpec::default(),
    }
}

#[tokio::test]
async fn every_method_is_signed_as_it_arrives() {
    let server = Server::replying([Reply::json(200, fixture("create.response.200.json"))]).await;
    let mut settings = settings(&server, keys());
    settings.extra_headers = vec![("request-type".into(), "console".into())];
    let client = Client::new(settings).unwrap();
    let id = PoolId::from(POOL);
    client.create_pool(&call(), &CreatePool::default()).await.unwrap();
    client.get_pool(&call(), &id).await.unwrap();
    client.patch_pool(&call(), &id, &patch()).await.unwrap();
    client.delete_pool(&call(), &id).await.unwrap();
    let seen = server.seen();
    let methods: Vec<_> = seen.iter().map(|seen| seen.method.as_str()).collect();
    assert_eq!(methods, ["POST", "GET", "PATCH", "DELETE"]);
    for seen in &seen {
        assert_eq!(seen.header("authorization").unwrap(), expected_authorization(seen));
        assert_eq!(signed_names(seen), "content-type;host;request-type;x-project-id;x-sdk-date");
        assert_eq!(seen.header("x-project-id"), Some(PROJECT));
        assert_eq!(seen.header("host"), Some(server.authority().as_str()));
        let patch = seen.method == "PATCH";
        let expected = if patch { "application/merge-patch+json" } else { "application/json" };
        assert_eq!(seen.header("content-type"), Some(expected));
    }
    assert_eq!(seen[0].path, format!("/v2/{PROJECT}/pools"));
    assert_eq!(seen[1].path, format!("/v2/{PROJECT}/pools/{POOL}"));
    assert_eq!(seen[3].body, "");
}

#[tokio::test]
async fn a_filter_becomes_a_sorted_escaped_and_signed_query() {
    let server = Server::replying([Reply::json(200, fixture("list.response.200.json"))]).await;
    let filter = PoolFilter {
        workspace_id: Some("0".into()),
        label_selector: Some("os.modelarts/name=pool 001,a in (b+c*~)&x=%y".into()),
        status: Some("created".into()),
        parent: None,
    };
    let pools = client(&server).list_pools(&call(), &filter).await.unwrap();
    assert!(!pools.is_empty());
    let seen = &server.seen()[0];
    assert_eq!(
        seen.query,
        "labelSelector=os.modelarts%2Fname%3Dpool%20001%2Ca%20in%20%28b%2Bc%2A~%29%26x%3D%25y\
         &status=created&workspaceId=0"
    );
    assert_eq!(seen.header("authorization").unwrap(), expected_authorization(seen));
}

#[tokio::test]
async fn a_security_token_is_sent_and_signed() {
    let server = Server::replying([Reply::json(200, fixture("show.running.json"))]).await;
    let credentials = CredentialSource::Keys(Keys {
        access_key: ACCESS_KEY.into(),
        secret_key: SECRET_KEY.to_owned().into(),
        security_token: Some("dummy-security-token".to_owned().into()),
    });
    let client = Client::new(settings(&server, credentials)).unwrap();
    client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.header("x-security-token"), Some("dummy-security-token"));
    assert!(signed_names(seen).contains("x-security-token"));
    assert_eq!(seen.header("authorization").unwrap(), expected_authorization(seen));
}

#[tokio::test]
async fn a_token_is_sent_in_its_own_header_and_nothing_is_signed() {
    let server = Server::replying([Reply::json(200, fixture("show.running.json"))]).await;
    let token = CredentialSource::Token("dummy-token".to_owned().into());
    let client = Client::new(settings(&server, token)).unwrap();
    client.get_pool(&call(), &PoolId::from(POOL)).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.header("x-auth-token"), Some("dummy-token"));
    assert_eq!((seen.header("authorization"), seen.header("x-sdk-date")), (None, None));
}

#[test]
fn a_create_body_is_what_the_reference_prints() {
    let expected: Value =
        serde_json::from_str(&fixture("create-physical.request.2024-2025.json")).unwrap();
    let map = |section: &str| -> BTreeMap<String, String> {
        serde_json::from_value(expected["metadata"][section].clone()).unwrap()
    };
    let create = CreatePool {
        labels: map("labels"),
        annotations: map("annotations"),
        spec: serde_json::from_value(expected["spec"].clone()).unwrap(),
    };
    assert_eq!(create.body().unwrap(), expected);
}

#[test]
fn every_printed_request_spec_survives_reading_and_writing() {
    for name in [
        "create-physical.request.2024-2025.json",
        "create-physical.request.rst.json",
        "create-logical.request.normalised.json",
        "show.running.json",
        "create.response.200.json",
    ] {
        let printed: Value = serde_json::from_str(&fixture(name)).unwrap();
        let spec: PoolSpec = serde_json::from_value(printed["spec"].clone()).unwrap();
        assert_eq!(serde_json::to_value(&spec).unwrap(), printed["spec"], "{name}");
    }
}

#[test]
fn an_entry_keeps_what_this_client_does_not_know() {
    let printed = json!({
        "flavor": "f", "count": 2, "maxCount": 2, "nodePool": "f-default",
        "azs": [{"az": "a", "count": 2}],
        "extendParams": {"dockerBaseSize": "50", "number": 7, "deep": {"x": [1, null]}},
        "os": {"name": "EulerOS", "imageId": "i", "future": true},
        "labels": {"a": "b"},
        "taints": [{"key": "k", "value": "v", "effect": "NoSchedule"}],
        "tags": [{"key": "k", "value": "v"}],
        "network": {"vpc": "v", "subnet": "s", "securityGroups": ["g"], "future": 1},
        "rootVolume": {"volumeType": "SSD", "size": "100Gi", "extendParams": {"a": "b"}},
        "dataVolumes": [{"volumeType": "SSD", "size": "500Gi", "count": 1,
            "extendParams": {"volumeGroup": "vgpaas"}, "future": [1]}],
        "volumeGroupConfigs": [{"volumeGroup": "vgpaas", "dockerThinPool": 90,
            "lvmConfig": {"lvType": "linear", "path": "/p"}, "types": ["volume"]}],
        "creatingStep": {"step": 4, "type": "hyperinstance", "future": 1},
        "driver": {"version": "1", "updateStrategy": "idle", "future": null},
        "future": {"nested": [1, 2.5, "x"]},
    });
    let entry: ResourceEntry = serde_json::from_value(printed.clone()).unwrap();
    assert_eq!(serde_json::to_value(&entry).unwrap(), printed);
}

#[test]
fn a_patch_body_has_only_what_changes() {
    let expected: Value =
        serde_json::from_str(&fixture("patch-description-clear.request.json")).unwrap();
    assert_eq!(patch().body().unwrap(), expected);
    let mut removal = PatchPool::default();
    assert!(removal.is_empty());
    removal.annotations.insert("free".into(), None);
    assert_eq!(removal.body().unwrap(), json!({"metadata": {"annotations": {"free": null}}}));
    let scale: Value = serde_json::from_str(&fixture("patch-scale-out.request.json")).unwrap();
    let resources = serde_json::from_value(scale["spec"]["resources"].clone()).unwrap();
    let mut patch = PatchPool::default();
    patch.spec.resources = Some(resources);
    assert_eq!(patch.body().unwrap()["spec"]["resources"], scale["spec"]["resources"]);
}

#[tokio::test]
async fn an_id_that_is_no_single_path_segment_is_never_sent() {
    let server = Server::replying([Reply::json(200, "{}")]).await;
    for id in ["", " ", ".", "..", "a/b"] {
        client(&server).delete_pool(&call(), &PoolId::from(id)).await.unwrap_err();
    }
    assert_eq!(server.seen().len(), 0);
}
