//! How a process starts, what it says and how it leaves.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use x509_parser::prelude::GeneralName;

use super::rules;
use crate::figures;
use crate::host::{COOKIE, Launch};
use crate::proto::plugin::ConnInfo;
use crate::proto::plugin::grpc_broker_client::GrpcBrokerClient;
use crate::proto::plugin::grpc_stdio_client::GrpcStdioClient;
use crate::proto::tfplugin6 as pb;
use crate::session::{Checked, Session, Subject, client, ensure};

type S = Arc<Subject>;

rules! {
    "1" "without or with a wrong cookie it explains itself and ends with status 1" cookie,
    "2" "the handshake line has six fields and a certificate for localhost" handshake,
    "2" "the line is there within 20 ms (median of 11)" early,
    "2" "standard output is silent after the line" silent,
    "8" "it answers 6 to whatever versions the host offers" versions,
    "9" "the side streams stay open and silent" streams,
    "10" "after Shutdown it is gone within 500 ms with status 0" leaves,
    "11" "an interrupt while idle is ignored" interrupt,
    "11" "it does not outlive a Terraform that was killed" orphan,
    "13" "it writes log lines that Terraform understands" logs,
    "15" "it can be debugged: `-debug` or `--debug` prints TF_REATTACH_PROVIDERS" debug,
}

async fn cookie(subject: S) -> Checked {
    for launch in [subject.launch().without(COOKIE.0), subject.launch().env(COOKIE.0, "wrong")] {
        let (process, line) = launch.first_line().await?;
        ensure(line.is_empty(), || "it serves anybody who starts it".to_owned())?;
        let ended = process.ended(Instant::now()).await?;
        ensure(ended.status.code() == Some(1), || format!("it ends with {}", ended.status))?;
        ensure(!ended.stderr.trim().is_empty(), || "it says nothing".to_owned())?;
    }
    Ok(())
}

async fn handshake(subject: S) -> Checked {
    let process = subject.launch().start().await?;
    let [core, protocol, _, _, kind, certificate] = process.handshake.as_slice() else {
        return Err(format!("{} fields", process.handshake.len()).into());
    };
    let fixed = [core, protocol, kind].map(String::as_str);
    ensure(fixed == ["1", "6", "grpc"], || format!("{fixed:?}"))?;
    ensure(!certificate.ends_with('='), || "the base64 is padded".to_owned())?;
    let der = process.server_certificate()?;
    let (_, parsed) =
        x509_parser::parse_x509_certificate(&der).map_err(|error| error.to_string())?;
    let names = parsed.subject_alternative_name().ok().flatten();
    let names = names.map(|names| names.value.general_names.clone()).unwrap_or_default();
    ensure(names == [GeneralName::DNSName("localhost")], || format!("names: {names:?}"))?;
    let usage = parsed.extended_key_usage().ok().flatten();
    ensure(usage.is_some_and(|usage| usage.value.server_auth), || "not for servers".to_owned())?;
    ensure(parsed.validity().is_valid(), || "not valid now".to_owned())
}

async fn early(subject: S) -> Checked {
    let mut times: Vec<_> =
        (0..11).map(|_| figures::to_first_line(&subject.binary)).collect::<Result<_, _>>()?;
    times.sort_unstable();
    ensure(times[5] <= Duration::from_millis(20), || format!("{:?}", times[5]))
}

async fn silent(subject: S) -> Checked {
    let session = Session::over(&subject, subject.launch().env("TF_LOG", "TRACE")).await?;
    session.calls.still_serves().await?;
    if subject.is_bucket() {
        session.calls.create(&subject.bucket("quiet")?).await?;
    }
    let ended = session.process.shut_down(&session.channel).await?;
    ensure(ended.stdout.is_empty(), || format!("{:?}", ended.stdout))
}

async fn versions(subject: S) -> Checked {
    for versions in ["6,5", "6", "junk,6,,-3"] {
        let process = subject.launch().env("PLUGIN_PROTOCOL_VERSIONS", versions).start().await?;
        let answer = process.handshake[1].clone();
        ensure(answer == "6", || format!("{answer} to {versions:?}"))?;
    }
    Ok(())
}

async fn streams(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    let mut stdio = GrpcStdioClient::new(session.channel.clone());
    let mut stdio = stdio.stream_stdio(()).await?.into_inner();
    // Like Terraform, which opens the stream and says nothing on it.
    let says_nothing = tokio_stream_of_nothing();
    let mut broker = GrpcBrokerClient::new(session.channel.clone());
    let mut broker = broker.start_stream(says_nothing).await?.into_inner();
    session.calls.still_serves().await?;
    let moment = Duration::from_millis(200);
    let said = tokio::time::timeout(moment, stdio.message()).await;
    ensure(said.is_err(), || "stdio speaks or ends".to_owned())?;
    let said = tokio::time::timeout(moment, broker.message()).await;
    ensure(said.is_err(), || "the broker speaks or ends".to_owned())
}

fn tokio_stream_of_nothing() -> impl tonic::IntoStreamingRequest<Message = ConnInfo> {
    futures_util::stream::pending::<ConnInfo>()
}

async fn leaves(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    session.calls.still_serves().await?;
    let mut stdio = GrpcStdioClient::new(session.channel.clone());
    let _open = stdio.stream_stdio(()).await?;
    let ended = session.process.shut_down(&session.channel).await?;
    ensure(ended.status.success(), || format!("it ends with {}", ended.status))?;
    ensure(ended.left == 0, || "it leaves files behind".to_owned())?;
    ensure(ended.took < Duration::from_millis(500), || format!("after {:?}", ended.took))
}

async fn interrupt(subject: S) -> Checked {
    let mut session = Session::start(&subject).await?;
    session.process.signal(Signal::SIGINT);
    tokio::time::sleep(Duration::from_millis(200)).await;
    ensure(session.process.is_running(), || "it dies of it".to_owned())?;
    session.calls.still_serves().await
}

async fn orphan(subject: S) -> Checked {
    let process = Launch::new(&subject.binary).behind_a_shell().start().await?;
    let channel = process.connect().await?;
    let schema = client(&channel).get_provider_schema(pb::get_provider_schema::Request {}).await;
    schema?;
    let children = child_of(process.id());
    let waited = tokio::join!(process.kill_and_wait_for_children(Duration::from_secs(10)), async {
        drop(channel)
    },);
    if waited.0.is_err() {
        // Ours to clear away.
        for child in children {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(child), Signal::SIGKILL);
        }
    }
    Ok(waited.0?)
}

fn child_of(parent: u32) -> Vec<i32> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let children = std::fs::read_to_string(path).unwrap_or_default();
    children.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

async fn logs(subject: S) -> Checked {
    let session = Session::over(&subject, subject.launch().env("TF_LOG", "TRACE")).await?;
    session.calls.still_serves().await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let said = session.process.said();
    ensure(!said.is_empty(), || "nothing on standard error at TF_LOG=TRACE".to_owned())?;
    for line in said.lines() {
        let record: Option<serde_json::Value> = serde_json::from_str(line).ok();
        let keys = ["@level", "@message", "@timestamp"];
        let fits = record.is_some_and(|r| keys.iter().all(|key| r[*key].is_string()));
        ensure(fits, || format!("no record: {line}"))?;
    }
    Ok(())
}

async fn debug(subject: S) -> Checked {
    for flag in ["--debug", "-debug"] {
        let launch = subject.launch().without(COOKIE.0).plain().arg(flag);
        let Ok((mut process, line)) = launch.first_line().await else { continue };
        // What it prints may have an introduction.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let running = process.is_running();
        process.signal(Signal::SIGINT);
        tokio::time::sleep(Duration::from_millis(100)).await;
        process.signal(Signal::SIGKILL);
        let ended = process.ended(Instant::now()).await?;
        if running && format!("{line}\n{}", ended.stdout).contains("TF_REATTACH_PROVIDERS=") {
            return Ok(());
        }
    }
    Err("it knows no such mode".into())
}
