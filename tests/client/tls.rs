//! Encrypted connections: whom the client trusts.

use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use terraform_provider_modelarts::modelarts::{
    Client, Endpoint, Error, ErrorKind, Pool, PoolId, Settings,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::server::Server;
use crate::{POOL, call, fixture, keys, settings};

/// Serves the running pool over TLS; gives its URL and certificate.
async fn secure() -> (String, String, JoinHandle<()>) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = Vec::new();
            while !request.windows(4).any(|window| window == b"\r\n\r\n") {
                if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                    break;
                }
            }
            let body = fixture("show.running.json");
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (url, certificate.pem(), task)
}

async fn get(url: &str, change: impl FnOnce(&mut Settings)) -> Result<Pool, Error> {
    let plain = Server::replying([]).await;
    let mut settings = settings(&plain, keys());
    settings.endpoints.modelarts = Endpoint::parse(url, "endpoints.modelarts").unwrap();
    // Keeps the test independent of the system's certificates.
    settings.cacert_pem = Some(secure().await.1.into_bytes());
    change(&mut settings);
    Client::new(settings).unwrap().get_pool(&call(), &PoolId::from(POOL)).await
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_at_once() {
    let (url, _, task) = secure().await;
    let error = get(&url, |_| {}).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unreachable, 1));
    assert!(error.to_string().contains("certificate"), "{error}");
    task.abort();
}

#[tokio::test]
async fn a_certificate_of_a_given_authority_is_accepted() {
    let (url, pem, task) = secure().await;
    get(&url, |settings| settings.cacert_pem = Some(pem.into_bytes())).await.unwrap();
    task.abort();
}

#[tokio::test]
async fn any_certificate_is_accepted_when_insecure() {
    let (url, _, task) = secure().await;
    get(&url, |settings| settings.insecure = true).await.unwrap();
    task.abort();
}
