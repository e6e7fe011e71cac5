//! The API client against a scripted server on this machine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod changes;
mod credentials;
mod fixtures;
mod neighbours;
mod nodes;
mod offer;
mod reads;
mod requests;
mod secrets;
mod server;
mod signing;
mod tls;

use std::time::Duration;

use terraform_provider_modelarts::modelarts::{
    Backoff, Call, Client, CredentialSource, Endpoint, Endpoints, Keys, ProjectRef, Settings,
    endpoints,
};

use server::Server;

/// The project of all tests.
pub const PROJECT: &str = "6f5da086876d4cd084d36f8bd3346036";
/// The pool of all tests.
pub const POOL: &str = "pool-ae01-6f5da086876d4cd084d36f8bd3346036";
/// The access key of all tests.
pub const ACCESS_KEY: &str = "TESTACCESSKEY0000001";
/// Its secret key.
pub const SECRET_KEY: &str = "dummy-secret-key-of-the-tests";

/// Reads a payload.
pub fn fixture(name: &str) -> String {
    let path = format!("{}/tests/data/api/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// Credentials that sign.
pub fn keys() -> CredentialSource {
    CredentialSource::Keys(Keys {
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.to_owned().into(),
        security_token: None,
    })
}

/// Settings in which every service is the given server and pauses are short.
pub fn settings(server: &Server, credentials: CredentialSource) -> Settings {
    let endpoint =
        |name: &str| Endpoint::parse(&server.url(), format!("endpoints.{name}")).unwrap();
    let endpoints = Endpoints {
        modelarts: endpoint("modelarts"),
        iam: endpoint("iam"),
        bss: endpoint("bss"),
        sts: endpoint("sts"),
        metadata: endpoint("metadata"),
    };
    let mut settings = Settings::new(ProjectRef::Id(PROJECT.to_owned()), credentials, endpoints);
    settings.backoff = Backoff { first: Duration::from_millis(1), cap: Duration::from_millis(3) };
    settings
}

/// A client with those keys.
pub fn client(server: &Server) -> Client {
    Client::new(settings(server, keys())).unwrap()
}

/// A call without an end.
pub fn call() -> Call {
    Call::default()
}

#[test]
fn a_client_is_made_without_any_network_and_names_the_setting_that_is_wrong() {
    let endpoints = endpoints::for_region("cn-north-4", None).unwrap();
    let good = || Settings::new(ProjectRef::Id(PROJECT.into()), keys(), endpoints.clone());
    assert!(Client::new(good()).is_ok());

    let mut plain = good();
    plain.endpoints.modelarts = Endpoint::parse("http://192.0.2.1", "endpoints.modelarts").unwrap();
    let refused = Client::new(plain.clone()).unwrap_err().to_string();
    assert!(refused.contains("endpoints.modelarts"), "{refused}");
    plain.insecure = true;
    assert!(Client::new(plain).is_ok());

    let mut headers = good();
    headers.extra_headers = vec![("Authorization".into(), "x".into())];
    assert!(Client::new(headers).unwrap_err().to_string().contains("Authorization"));

    let mut pem = good();
    pem.cacert_pem = Some(b"no certificate".to_vec());
    assert!(Client::new(pem).unwrap_err().to_string().contains("certificate authorities"));

    let mut rate = good();
    rate.max_requests_per_second = Some(0.0);
    assert!(Client::new(rate).unwrap_err().to_string().contains("max_requests_per_second"));
}
