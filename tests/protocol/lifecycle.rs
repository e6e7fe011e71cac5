//! Checklist 10, 11 and 15: signals, the end, and debugging.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use terraform_provider_modelarts::plugin::proto::tfplugin6 as pb;
use terraform_provider_modelarts::tf::value::Value;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use tonic::transport::Channel;

use super::host::{Process, Provider, Setup, connect_plainly, provider};
use super::peer::{self, create};

async fn apply(provider: &Provider, behaviour: &'static str) -> Value {
    let mut provider = provider.clone();
    let answer = provider.apply_resource_change(create(behaviour)).await.unwrap().into_inner();
    peer::value(answer.new_state.as_ref())
}

/// Starts a change and waits until it runs.
async fn running(
    process: &Process,
    provider: &Provider,
    behaviour: &'static str,
) -> tokio::task::JoinHandle<Value> {
    let provider = provider.clone();
    let call = tokio::spawn(async move { apply(&provider, behaviour).await });
    process.noted("started", 1).await;
    call
}

// 10
#[tokio::test]
async fn shutdown_does_not_wait_for_a_change_that_ignores_it() {
    let process = Setup::peer().start().await;
    let channel = process.connect().await;
    let provider = provider(channel.clone());
    let hanging = {
        let mut provider = provider.clone();
        tokio::spawn(async move { provider.apply_resource_change(create("hang")).await })
    };
    process.noted("started", 1).await;
    let ended = process.shut_down(&channel).await;
    assert!(ended.status.success());
    assert!(ended.took < Duration::from_millis(500), "{:?}", ended.took);
    assert!(hanging.await.unwrap().is_err());
}

// 10
#[tokio::test]
async fn a_change_that_ends_quickly_is_still_answered_at_shutdown() {
    let process = Setup::peer().start().await;
    let channel = process.connect().await;
    let call = running(&process, &provider(channel.clone()), "wait for stop").await;
    let ended = process.shut_down(&channel).await;
    assert!(ended.status.success());
    assert!(!call.await.unwrap().is_null());
}

// 11
#[tokio::test]
async fn an_interrupt_is_ignored_while_idle_and_while_working() {
    let mut process = Setup::peer().start().await;
    let channel = process.connect().await;
    let mut provider = provider(channel.clone());
    process.signal(Signal::SIGINT);
    let call = running(&process, &provider, "wait for stop").await;
    process.signal(Signal::SIGINT);
    process.signal(Signal::SIGINT);
    assert!(!apply(&provider, "ok").await.is_null());
    assert!(process.is_running() && !call.is_finished());
    provider.stop_provider(pb::stop_provider::Request {}).await.unwrap();
    assert!(!call.await.unwrap().is_null());
    assert!(process.shut_down(&channel).await.status.success());
}

// 11
#[tokio::test]
async fn a_termination_stops_work_and_still_delivers_its_answer() {
    let process = Setup::peer().start().await;
    let channel = process.connect().await;
    let working = provider(channel.clone());
    let call = running(&process, &working, "wait for stop").await;
    process.signal(Signal::SIGTERM);
    assert!(!call.await.unwrap().is_null());
    // Terraform may go on using it, and says when it is done.
    assert!(!apply(&working, "ok").await.is_null());
    let ended = process.shut_down(&channel).await;
    assert!(ended.status.success());
}

// 11
#[tokio::test]
async fn a_termination_ends_after_a_grace_although_the_host_stays_connected() {
    let process = Setup::peer().start().await;
    let channel = process.connect().await;
    let working = provider(channel.clone());
    let call = running(&process, &working, "wait for stop").await;
    let began = Instant::now();
    process.signal(Signal::SIGTERM);
    assert!(!call.await.unwrap().is_null());
    // Work that begins in the meantime is told at once.
    let late = {
        let mut provider = working.clone();
        provider.apply_resource_change(create("fail if stopped")).await.unwrap().into_inner()
    };
    assert_eq!(late.diagnostics.len(), 1);
    assert!(!peer::value(late.new_state.as_ref()).is_null());
    let ended = process.ended(began).await;
    assert!(ended.status.success());
    assert!(ended.took > Duration::from_secs(3), "the host had no time: {:?}", ended.took);
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
}

// 11
#[tokio::test]
async fn a_termination_does_not_wait_for_ever_for_a_change_that_ignores_it() {
    let process = Setup::peer().start().await;
    let channel = process.connect().await;
    let hanging = running(&process, &provider(channel.clone()), "hang").await;
    let began = Instant::now();
    process.signal(Signal::SIGTERM);
    // Asking again does not prolong it.
    process.signal(Signal::SIGTERM);
    let ended = process.ended(began).await;
    assert!(ended.status.success());
    assert!(ended.took < Duration::from_secs(12), "{:?}", ended.took);
    hanging.abort();
}

#[tokio::test]
async fn a_termination_ends_a_process_that_nobody_uses() {
    let process = Setup::product().start().await;
    process.signal(Signal::SIGTERM);
    let ended = process.ended(Instant::now()).await;
    assert!(ended.status.success());
    assert!(ended.took < Duration::from_secs(1));
}

/// Kills the parent, which stands for Terraform, together with its connection,
/// and waits until the process is gone too.
async fn dies_with_its_parent(process: Process, channel: Channel) {
    let (socket, began) = (process.socket(), Instant::now());
    let mut stdout = process.kill().await;
    drop(channel);
    let mut rest = String::new();
    let closed = timeout(Duration::from_secs(10), stdout.read_to_string(&mut rest)).await;
    closed.expect("it is gone within 10 s").unwrap();
    assert!(began.elapsed() < Duration::from_secs(10));
    assert!(!socket.exists());
}

#[tokio::test]
async fn it_goes_when_terraform_dies_without_a_word() {
    let process = Setup::product().behind_a_shell().start().await;
    let channel = process.connect().await;
    dies_with_its_parent(process, channel).await;
}

#[tokio::test]
async fn it_goes_when_terraform_dies_although_a_change_hangs() {
    let process = Setup::peer().behind_a_shell().start().await;
    let channel = process.connect().await;
    let hanging = running(&process, &provider(channel.clone()), "hang").await;
    hanging.abort();
    dies_with_its_parent(process, channel).await;
}

#[tokio::test]
async fn it_goes_when_the_connection_is_lost_although_its_parent_lives() {
    let process = Setup::product().start().await;
    let channel = process.connect().await;
    let mut provider = provider(channel.clone());
    provider.get_provider_schema(pb::get_provider_schema::Request {}).await.unwrap();
    let began = Instant::now();
    drop((provider, channel));
    let ended = process.ended(began).await;
    assert!(ended.status.success());
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
}

// 15
#[tokio::test]
async fn a_debugged_provider_serves_one_run_after_another() {
    let setup = Setup::peer().env(peer::MARK, "debug").without(super::host::COOKIE.0);
    let (process, line) = setup.start_until(|line| line.contains("TF_REATTACH_PROVIDERS=")).await;
    let value = line.trim().strip_prefix("TF_REATTACH_PROVIDERS='").unwrap();
    let value: serde_json::Value = serde_json::from_str(value.strip_suffix('\'').unwrap()).unwrap();
    let provider = &value[peer::ADDRESS];
    assert_eq!((&provider["Protocol"], &provider["ProtocolVersion"]), (&"grpc".into(), &6.into()));
    let socket = provider["Addr"]["String"].as_str().unwrap().to_owned();

    for run in 1..=2 {
        let mut provider = super::host::provider(connect_plainly(socket.as_ref()).await);
        let request = pb::configure_provider::Request {
            config: Some(peer::setting("setting", format!("run {run}"))),
            ..Default::default()
        };
        let configured = provider.configure_provider(request).await.unwrap().into_inner();
        assert_eq!(configured.diagnostics, []);
        let call = {
            let provider = provider.clone();
            tokio::spawn(async move { apply(&provider, "wait for stop").await })
        };
        process.noted("started", run).await;
        provider.stop_provider(pb::stop_provider::Request {}).await.unwrap();
        assert!(!call.await.unwrap().is_null());
        let request = pb::read_data_source::Request {
            type_name: peer::SETTING.to_owned(),
            config: Some(peer::setting("setting", Value::Null)),
            ..Default::default()
        };
        let read = provider.read_data_source(request).await.unwrap().into_inner();
        assert_eq!(read.state, Some(peer::setting("setting", format!("run {run}"))));
    }
    process.signal(Signal::SIGINT);
    assert!(process.ended(Instant::now()).await.status.success());
}

// 15
#[tokio::test]
async fn the_product_can_be_debugged_too() {
    let setup = Setup::product().arg("--debug").without(super::host::COOKIE.0);
    let (process, line) = setup.start_until(|line| line.contains("TF_REATTACH_PROVIDERS=")).await;
    let value = line.trim().strip_prefix("TF_REATTACH_PROVIDERS='").unwrap();
    let value: serde_json::Value = serde_json::from_str(value.strip_suffix('\'').unwrap()).unwrap();
    let of = |host: &str| &value[format!("{host}/modelarts/modelarts")];
    assert_eq!(of("registry.terraform.io"), of("registry.opentofu.org"));
    let place = of("registry.opentofu.org")["Addr"]["String"].as_str().unwrap();
    let mut provider = provider(connect_plainly(place.as_ref()).await);
    provider.get_provider_schema(pb::get_provider_schema::Request {}).await.unwrap();
    process.signal(Signal::SIGINT);
    assert!(process.ended(Instant::now()).await.status.success());
}
