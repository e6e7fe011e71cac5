//! Networks, nodes, flavours, orders, workspaces and billing.

use std::collections::BTreeMap;

use serde_json::json;
use terraform_provider_modelarts::modelarts::network::{CreateNetwork, NetworkSpec, PatchNetwork};
use terraform_provider_modelarts::modelarts::{ErrorKind, Object, PoolId, labels as key};

use crate::server::{Reply, Server};
use crate::{POOL, PROJECT, call, client, fixture};

#[tokio::test]
async fn a_network_is_created_shown_patched_and_deleted() {
    let server = Server::start(|_, seen| match seen.method.as_str() {
        "DELETE" => Reply::json(200, ""),
        "GET" => Reply::json(200, fixture("network-show.response.200.json")),
        _ => Reply::json(200, fixture("network-create.response.200.json")),
    })
    .await;
    let client = client(&server);
    let create = CreateNetwork {
        labels: BTreeMap::from([(key::NAME.to_owned(), "network-7a03".to_owned())]),
        spec: NetworkSpec { cidr: Some("192.168.128.0/17".into()), ..NetworkSpec::default() },
        ..CreateNetwork::default()
    };
    let network = client.create_network(&call(), &create).await.unwrap();
    assert_eq!(client.get_network(&call(), &network.id()).await.unwrap().phase(), Some("Active"));
    let mut patch = PatchNetwork::default();
    patch.annotations.insert(key::DESCRIPTION.to_owned(), Some(String::new()));
    client.patch_network(&call(), &network.id(), &patch).await.unwrap();
    assert_eq!(client.delete_network(&call(), &network.id()).await.unwrap(), None);
    let seen = server.seen();
    let printed: serde_json::Value =
        serde_json::from_str(&fixture("network-create.request.json")).unwrap();
    assert_eq!(seen[0].json(), printed);
    assert_eq!(seen[0].path, format!("/v1/{PROJECT}/networks"));
    assert_eq!(seen[2].header("content-type"), Some("application/merge-patch+json"));
    assert_eq!(seen[2].json(), json!({"metadata": {"annotations": {key::DESCRIPTION: ""}}}));
}

#[tokio::test]
async fn a_network_is_gone_by_its_own_code_and_busy_while_used() {
    let in_use = r#"{"error_code":"ModelArts.50025002","error_msg":"in use"}"#;
    for (status, body, kind) in [
        (404, fixture("error.404.network.json"), ErrorKind::NotFound),
        (404, fixture("error.404.json"), ErrorKind::Unexpected),
        (400, in_use.to_owned(), ErrorKind::Busy),
        (409, in_use.to_owned(), ErrorKind::Busy),
    ] {
        let server = Server::replying([Reply::json(status, body)]).await;
        let error = client(&server).delete_network(&call(), &"n".into()).await.unwrap_err();
        assert_eq!(error.kind(), kind);
    }
}

fn page(names: &[&str], next: Option<&str>) -> Reply {
    let items: Vec<_> = names.iter().map(|name| json!({"metadata": {"name": name}})).collect();
    let body = json!({"kind": "NodeList", "metadata": {"continue": next}, "items": items});
    Reply::json(200, body.to_string())
}

#[tokio::test]
async fn all_pages_of_nodes_are_read() {
    let server = Server::replying([page(&["a", "b"], Some("x/1")), page(&["c"], None)]).await;
    let nodes = client(&server).list_nodes(&call(), &PoolId::from(POOL)).await.unwrap();
    let names: Vec<_> = nodes.iter().map(|node| node.metadata.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    let queries: Vec<_> = server.seen().into_iter().map(|seen| seen.query).collect();
    assert_eq!(queries, ["limit=500", "continue=x%2F1&limit=500"]);
}

#[tokio::test]
async fn pages_that_go_round_in_circles_are_an_error() {
    let server = Server::replying([page(&["a"], Some("x"))]).await;
    let error = client(&server).list_nodes(&call(), &PoolId::from(POOL)).await.unwrap_err();
    assert_eq!((error.kind(), server.seen().len()), (ErrorKind::Undecodable, 2));
}

#[tokio::test]
async fn flavors_and_orders_and_workspaces_are_listed() {
    let server = Server::start(|_, seen| match seen.path.rsplit('/').next().unwrap() {
        "resourceflavors" => Reply::json(200, fixture("resource-flavors.response.200.json")),
        "orders" => Reply::json(200, fixture("orders-list.response.200.json")),
        "order.x" => Reply::json(200, fixture("order-show.partial.json")),
        _ => Reply::json(
            200,
            r#"{"total_count":1,"count":1,"workspaces":[{"id":"0","name":"default"}]}"#,
        ),
    })
    .await;
    let client = client(&server);
    assert_eq!(client.list_flavors(&call(), None).await.unwrap().len(), 1);
    let since = "2024-01-02T03:04:05Z".parse().unwrap();
    let orders = client.list_orders(&call(), &PoolId::from(POOL), None, Some(since)).await.unwrap();
    assert_eq!(orders[0].order_name, "order.pool-5ed5-w4l2n");
    let steps = client.get_order(&call(), "order.x").await.unwrap();
    assert_eq!(steps[1].message.as_deref(), Some("insufficient resources"));
    let workspaces = client.list_workspaces(&call(), None, None).await.unwrap();
    assert_eq!(workspaces[0].name, "default");
    let queries: Vec<_> = server.seen().into_iter().map(|seen| seen.query).collect();
    assert!(queries[1].contains("since=1704164645000"), "{queries:?}");
}

#[tokio::test]
async fn prepaid_resources_are_unsubscribed_and_queried() {
    let server = Server::start(|n, _| match n {
        0 => Reply::json(200, r#"{"fail_resource_infos":[{"resource_id":"b","error_msg":"no"}]}"#),
        1 => Reply::json(200, r#"{"data":[{"resource_id":"b"}],"total_count":1}"#),
        _ => Reply::json(200, r#"{"total_count":0}"#),
    })
    .await;
    let client = client(&server);
    let ids = ["a".to_owned(), "b".to_owned()];
    let failed = client.unsubscribe(&call(), &ids).await.unwrap();
    assert_eq!(failed[0].resource_id, "b");
    assert_eq!(client.subscribed(&call(), &ids).await.unwrap(), ["b"]);
    assert!(client.subscribed(&call(), &ids).await.unwrap().is_empty());
    let seen = server.seen();
    assert_eq!(seen[0].json(), json!({"resource_ids": ["a", "b"], "unsubscribe_type": 1}));
    assert_eq!(seen[1].path, "/v2/orders/suscriptions/resources/query");
    assert_eq!(seen[1].header("x-project-id"), None);
}

#[tokio::test]
async fn an_unsubscription_in_doubt_is_not_repeated() {
    let server = Server::replying([Reply::Close]).await;
    let error = client(&server).unsubscribe(&call(), &["a".to_owned()]).await.unwrap_err();
    assert_eq!((error.kind(), server.seen().len()), (ErrorKind::Ambiguous, 1));
}
