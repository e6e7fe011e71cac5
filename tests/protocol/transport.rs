//! Checklist 3, 4, 5, 9 and 12: who is served, and how.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::ResolvesClientCert;
use rustls::{SupportedProtocolVersion, version};
use terraform_provider_modelarts::plugin::proto::go_plugin::grpc_broker_client::GrpcBrokerClient;
use terraform_provider_modelarts::plugin::proto::go_plugin::grpc_controller_client::GrpcControllerClient;
use terraform_provider_modelarts::plugin::proto::go_plugin::grpc_stdio_client::GrpcStdioClient;
use terraform_provider_modelarts::plugin::proto::go_plugin::{ConnInfo, Empty};
use terraform_provider_modelarts::plugin::proto::health::HealthCheckRequest;
use terraform_provider_modelarts::plugin::proto::health::health_check_response::ServingStatus;
use terraform_provider_modelarts::plugin::proto::health::health_client::HealthClient;
use terraform_provider_modelarts::plugin::proto::tfplugin6 as pb;
use terraform_provider_modelarts::tf::value::Value;
use tokio::time::timeout;
use tonic::Code;

use super::certificate::HostCertificate;
use super::host::{Process, Setup, provider};
use super::peer;

const BOTH: [&SupportedProtocolVersion; 2] = [&version::TLS12, &version::TLS13];

/// Tries to use the process with what `shown` says; nothing may work, and the
/// process must not mind.
async fn is_refused(process: &mut Process, shown: Option<Arc<dyn ResolvesClientCert>>) {
    for version in BOTH {
        let tls = process.tls(shown.clone(), &[version]);
        // With TLS 1.3 a client learns only later that it was refused.
        if let Ok(channel) = process.connect_with(tls).await {
            let mut provider = provider(channel.clone());
            let schema = provider.get_provider_schema(pb::get_provider_schema::Request {});
            assert!(schema.await.is_err());
            let stop = provider.stop_provider(pb::stop_provider::Request {}).await;
            assert!(stop.is_err());
            assert!(GrpcControllerClient::new(channel).shutdown(Empty {}).await.is_err());
        }
    }
    assert!(process.is_running());
    let mut provider = process.provider().await;
    provider.get_provider_schema(pb::get_provider_schema::Request {}).await.unwrap();
}

// 3
#[tokio::test]
async fn a_client_without_certificate_gets_no_answer() {
    let mut process = Setup::product().start().await;
    is_refused(&mut process, None).await;
}

// 4
#[tokio::test]
async fn a_client_with_another_certificate_gets_no_answer() {
    let mut process = Setup::product().start().await;
    let foreign = HostCertificate::new();
    is_refused(&mut process, Some(foreign.resolver())).await;
}

// 4
#[tokio::test]
async fn a_client_with_the_right_certificate_but_another_key_gets_no_answer() {
    let mut process = Setup::product().start().await;
    let stolen = process.certificate().resolver_with_key_of(&HostCertificate::new());
    is_refused(&mut process, Some(stolen)).await;
}

// 5
#[tokio::test]
async fn the_host_is_served_over_both_tls_versions_and_speaks_h2() {
    let process = Setup::product().start().await;
    for version in BOTH {
        let tls = process.tls(Some(process.certificate().resolver()), &[version]);
        let mut provider = provider(process.connect_with(tls).await.unwrap());
        provider.get_provider_schema(pb::get_provider_schema::Request {}).await.unwrap();
    }
}

// 9
#[tokio::test]
async fn it_says_that_it_is_healthy() {
    let process = Setup::product().start().await;
    let mut health = HealthClient::new(process.connect().await);
    for service in ["plugin", ""] {
        let request = HealthCheckRequest { service: service.to_owned() };
        let answer = health.check(request).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving);
    }
    let unknown = HealthCheckRequest { service: "other".to_owned() };
    assert_eq!(health.check(unknown).await.unwrap_err().code(), Code::NotFound);
    let request = HealthCheckRequest { service: "plugin".to_owned() };
    let mut watch = health.watch(request).await.unwrap().into_inner();
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
}

// 9, 10
#[tokio::test]
async fn the_side_streams_stay_open_and_silent_until_shutdown() {
    let process = Setup::product().start().await;
    let channel = process.connect().await;
    let mut stdio = GrpcStdioClient::new(channel.clone());
    let mut stdio = stdio.stream_stdio(()).await.unwrap().into_inner();
    let said = futures_util::stream::pending::<ConnInfo>();
    let mut broker = GrpcBrokerClient::new(channel.clone());
    let mut broker = broker.start_stream(said).await.unwrap().into_inner();
    let moment = Duration::from_millis(100);
    assert!(timeout(moment, stdio.message()).await.is_err());
    assert!(timeout(moment, broker.message()).await.is_err());

    let ended = process.shut_down(&channel).await;
    assert!(ended.status.success());
    assert!(ended.took < Duration::from_millis(500), "{:?}", ended.took);
    assert!(!matches!(stdio.message().await, Ok(Some(_))));
    assert!(!matches!(broker.message().await, Ok(Some(_))));
}

// 12
#[tokio::test]
async fn a_request_of_sixty_megabytes_is_understood_and_answered() {
    let process = Setup::peer().start().await;
    let mut provider = process.provider().await;
    let state = peer::thing([("name", "x".repeat(60 << 20).into())]);
    let request = pb::read_resource::Request {
        type_name: peer::THING.to_owned(),
        current_state: Some(peer::dynamic(&state)),
        ..Default::default()
    };
    let answer = provider.read_resource(request).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    let read = peer::value(answer.new_state.as_ref());
    assert_eq!(read.get("name").as_str().map(str::len), Some(60 << 20));
    assert_ne!(read, Value::Null);
}

#[tokio::test]
async fn two_hundred_and_fifty_calls_run_at_once() {
    let process = Setup::peer().start().await;
    let provider = process.provider().await;
    let calls = (0..250).map(|_| {
        let mut provider = provider.clone();
        tokio::spawn(async move {
            let change = peer::create("wait for stop");
            provider.apply_resource_change(change).await.unwrap().into_inner()
        })
    });
    let calls: Vec<_> = calls.collect();
    process.noted("started", 250).await;
    provider.clone().stop_provider(pb::stop_provider::Request {}).await.unwrap();
    for call in calls {
        assert!(!peer::value(call.await.unwrap().new_state.as_ref()).is_null());
    }
}
