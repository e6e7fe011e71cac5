//! Who is served, and how.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::ResolvesClientCert;
use rustls::version;

use super::rules;
use crate::certificate::HostCertificate;
use crate::host::Process;
use crate::proto::grpc::health::v1::HealthCheckRequest;
use crate::proto::grpc::health::v1::health_client::HealthClient;
use crate::proto::tfplugin6 as pb;
use crate::session::{Calls, Checked, Session, Subject, client, ensure};
use crate::wire::with;

type S = Arc<Subject>;

rules! {
    "3" "a client without certificate gets no answer" no_certificate,
    "4" "a client with another certificate gets no answer" foreign_certificate,
    "4" "a client with the right certificate and another key gets no answer" stolen_certificate,
    "5" "Terraform's own certificate (P-521) is served over TLS 1.2 and 1.3 with h2" right_certificate,
    "6" "without PLUGIN_CLIENT_CERT it serves plainly" plainly,
    "6" "an empty or unreadable PLUGIN_CLIENT_CERT ends it, and nothing is served in the open" unreadable,
    "7" "nobody but the owner can connect (a socket, not a port)" owner,
    "7" "PLUGIN_UNIX_SOCKET_DIR is where the socket is" directory,
    "9" "it says that it is healthy" health,
    "12" "requests of 5 and of 60 MiB are understood" large,
    "46" "250 calls at once are answered" at_once,
}

/// Tries to get an answer with what `shown` says.
async fn is_refused(process: &Process, shown: Option<Arc<dyn ResolvesClientCert>>) -> Checked {
    for version in [&version::TLS12, &version::TLS13] {
        let tls = process.tls(shown.clone(), &[version])?;
        // With TLS 1.3 a client learns only later that it was refused.
        let Ok(channel) = process.connect_with(tls).await else { continue };
        let question = pb::get_provider_schema::Request {};
        let answer = client(&channel).get_provider_schema(question).await;
        ensure(answer.is_err(), || "it is served".to_owned())?;
    }
    Ok(())
}

async fn no_certificate(subject: S) -> Checked {
    is_refused(&subject.launch().start().await?, None).await
}

async fn foreign_certificate(subject: S) -> Checked {
    let foreign = HostCertificate::new();
    is_refused(&subject.launch().start().await?, Some(foreign.resolver())).await
}

async fn stolen_certificate(subject: S) -> Checked {
    let process = subject.launch().start().await?;
    let stolen = process.certificate().resolver_with_key_of(&HostCertificate::new());
    is_refused(&process, Some(stolen)).await
}

async fn right_certificate(subject: S) -> Checked {
    let process = subject.launch().start().await?;
    for version in [&version::TLS12, &version::TLS13] {
        let tls = process.tls(Some(process.certificate().resolver()), &[version])?;
        let channel = process.connect_with(tls).await?;
        client(&channel).get_provider_schema(pb::get_provider_schema::Request {}).await?;
    }
    Ok(())
}

async fn plainly(subject: S) -> Checked {
    let session = Session::over(&subject, subject.launch().plain()).await?;
    let certificate = session.process.handshake[5].clone();
    ensure(certificate.is_empty(), || "the line has a certificate".to_owned())?;
    session.calls.still_serves().await
}

async fn unreadable(subject: S) -> Checked {
    let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (pem, name) in [("", "an empty one"), ("junk", "no PEM"), (junk, "no certificate")] {
        let (process, line) = subject.launch().env("PLUGIN_CLIENT_CERT", pem).first_line().await?;
        if line.is_empty() {
            continue;
        }
        let open = process.handshake.get(5).is_some_and(String::is_empty);
        let how = if open { "in the open" } else { "encrypted, to anybody" };
        return Err(format!("{name}: it serves {how}").into());
    }
    Ok(())
}

async fn owner(subject: S) -> Checked {
    let process = subject.launch().start().await?;
    let [_, _, network, address, ..] = process.handshake.as_slice() else {
        return Err("no address".into());
    };
    ensure(network == "unix", || "a TCP port, open to every user of the machine".to_owned())?;
    let found = std::fs::metadata(address).map_err(|error| error.to_string())?;
    let mode = found.permissions().mode() & 0o777;
    ensure(mode & 0o022 == 0, || format!("mode {mode:o}"))
}

async fn directory(subject: S) -> Checked {
    let wanted = tempfile::tempdir().map_err(|error| error.to_string())?;
    let launch = subject.launch().env("PLUGIN_UNIX_SOCKET_DIR", wanted.path());
    let process = launch.start().await?;
    let address = std::path::PathBuf::from(&process.handshake[3]);
    ensure(address.parent() == Some(wanted.path()), || format!("{}", address.display()))
}

async fn health(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    let mut health = HealthClient::new(session.channel.clone());
    let answer = health.check(HealthCheckRequest { service: "plugin".to_owned() }).await?;
    let status = answer.into_inner().status;
    ensure(status == 1, || format!("status {status}"))
}

/// Validates configurations with one very long string.
async fn large(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    let block = subject.resource_schema()?.block.clone().unwrap_or_default();
    let texts = || block.attributes.iter().filter(|a| a.r#type == b"\"string\"");
    let text = texts().find(|attribute| attribute.required).or(texts().next());
    let name = text.map(|attribute| attribute.name.as_str()).ok_or("no string attribute")?;
    for megabytes in [5, 60] {
        let config = with(&subject.nothing()?, [(name, "x".repeat(megabytes << 20).into())]);
        session.calls.validate(&config).await?;
    }
    Ok(())
}

async fn at_once(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    let calls: Vec<_> = (0..250)
        .map(|_| {
            let calls: Calls = session.calls.clone();
            tokio::spawn(async move { calls.still_serves().await })
        })
        .collect();
    for call in calls {
        let answered = tokio::time::timeout(Duration::from_secs(30), call).await;
        answered.map_err(|_| "not all are answered")?.map_err(|error| error.to_string())??;
    }
    Ok(())
}
