//! Checklist 1, 2, 6, 7 and 8: how a process starts and what it says.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use terraform_provider_modelarts::plugin::proto::tfplugin6 as pb;
use x509_parser::prelude::GeneralName;

use super::host::{COOKIE, Setup};

// 1
#[tokio::test]
async fn without_the_cookie_it_explains_itself_and_leaves_stdout_alone() {
    let wrong = |setup: Setup| setup.env(COOKIE.0, "wrong");
    for setup in [Setup::product().without(COOKIE.0), wrong(Setup::product())] {
        let ended = setup.refused().await;
        assert_eq!(ended.status.code(), Some(1));
        assert_eq!(ended.stdout, "");
        assert!(ended.stderr.to_lowercase().contains("terraform"), "{}", ended.stderr);
    }
}

// 2
#[tokio::test]
async fn the_line_has_six_fields_with_a_certificate_for_localhost() {
    let process = Setup::product().start().await;
    let [core, protocol, network, _, kind, certificate] = process.handshake.as_slice() else {
        panic!("{:?}", process.handshake)
    };
    assert_eq!([core, protocol, network, kind].map(String::as_str), ["1", "6", "unix", "grpc"]);
    assert!(!certificate.ends_with('='));
    let der = process.server_certificate();
    let (_, parsed) = x509_parser::parse_x509_certificate(&der).unwrap();
    let names = &parsed.subject_alternative_name().unwrap().unwrap().value.general_names;
    assert_eq!(names.as_slice(), [GeneralName::DNSName("localhost")]);
    assert!(parsed.extended_key_usage().unwrap().unwrap().value.server_auth);
    assert!(!parsed.is_ca());
    assert!(parsed.validity().is_valid());
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let slack = i64::try_from(now).unwrap() - parsed.validity().not_before.timestamp();
    assert!(slack >= 25, "the host's clock may be a little behind");
}

// 2
#[tokio::test]
async fn stdout_is_silent_after_the_line() {
    let process = Setup::product().env("TF_LOG", "TRACE").start().await;
    let channel = process.connect().await;
    let mut provider = super::host::provider(channel.clone());
    provider.get_provider_schema(pb::get_provider_schema::Request {}).await.unwrap();
    let ended = process.shut_down(&channel).await;
    assert_eq!(ended.stdout, "");
}

// 6
#[tokio::test]
async fn without_a_certificate_from_the_host_it_serves_plainly() {
    let process = Setup::product().plain().start().await;
    assert_eq!(process.handshake.len(), 6);
    assert_eq!(process.handshake[5], "");
    let mut provider = process.provider().await;
    provider.get_provider_schema(pb::get_provider_schema::Request {}).await.unwrap();
}

// 6
#[tokio::test]
async fn an_unreadable_certificate_from_the_host_is_fatal() {
    let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in ["", "junk", junk] {
        let ended = Setup::product().env("PLUGIN_CLIENT_CERT", pem).refused().await;
        assert_eq!(ended.status.code(), Some(1));
        assert_eq!(ended.stdout, "");
        assert!(ended.stderr.contains("PLUGIN_CLIENT_CERT"), "{}", ended.stderr);
    }
}

// 7
#[tokio::test]
async fn the_socket_is_where_the_host_wants_it_and_goes_with_the_process() {
    let directory = tempfile::tempdir().unwrap();
    let group = nix::unistd::getgid().to_string();
    let setup = Setup::product()
        .env("PLUGIN_UNIX_SOCKET_DIR", directory.path())
        .env("PLUGIN_UNIX_SOCKET_GROUP", group);
    let process = setup.start().await;
    let socket = process.socket();
    assert_eq!(socket.parent(), Some(directory.path()));
    assert_eq!(std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o660);
    let channel = process.connect().await;
    process.shut_down(&channel).await;
    assert!(!socket.exists());
}

// 7
#[tokio::test]
async fn the_socket_is_the_owners_alone_and_has_no_guessable_name() {
    let (one, two) = tokio::join!(Setup::product().start(), Setup::product().start());
    assert_ne!(one.socket().file_name(), two.socket().file_name());
    let mode = std::fs::metadata(one.socket()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

// 7
#[tokio::test]
async fn a_temporary_directory_that_is_too_long_gives_a_port() {
    let directory = tempfile::tempdir().unwrap();
    let long = directory.path().join("x".repeat(100));
    std::fs::create_dir(&long).unwrap();
    let process = Setup::product().env("TMPDIR", &long).start().await;
    assert_eq!(process.handshake[2], "tcp");
    let port: u16 = process.handshake[3].strip_prefix("127.0.0.1:").unwrap().parse().unwrap();
    assert!((10_000..=25_000).contains(&port));
    let mut provider = process.provider().await;
    provider.get_provider_schema(pb::get_provider_schema::Request {}).await.unwrap();
}

// 8
#[tokio::test]
async fn whatever_versions_the_host_offers_the_answer_is_six() {
    for versions in ["5,6", "6,5", "6", "junk,6,,-3", "5", "junk"] {
        let process = Setup::product().env("PLUGIN_PROTOCOL_VERSIONS", versions).start().await;
        assert_eq!(process.handshake[1], "6", "for {versions:?}");
    }
    let process = Setup::product().without("PLUGIN_PROTOCOL_VERSIONS").start().await;
    assert_eq!(process.handshake[1], "6");
}

#[tokio::test]
async fn a_host_that_asks_for_multiplexing_is_told_no() {
    let process = Setup::product().env("PLUGIN_MULTIPLEX_GRPC", "true").start().await;
    assert_eq!(process.handshake.len(), 7);
    assert_eq!(process.handshake[6], "false");
}

// 10
#[tokio::test]
async fn it_goes_soon_after_shutdown() {
    let process = Setup::product().start().await;
    let channel = process.connect().await;
    let ended = process.shut_down(&channel).await;
    assert!(ended.status.success());
    assert!(ended.took < Duration::from_millis(500), "{:?}", ended.took);
    assert_eq!(ended.stderr, "");
}
