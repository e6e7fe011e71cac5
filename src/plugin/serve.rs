//! The life of a provider process, from its first line to its end.

use std::io;
use std::sync::Arc;

use thiserror::Error;
use tokio_rustls::TlsAcceptor;
use tonic::transport::Server;
use tracing::{debug, info};

use crate::platform::Signals;
use crate::tf::provider::Provider;

use super::environment::{HostSettings, process_environment};
use super::host_services::HostServices;
use super::incoming;
use super::listener::{ListenError, Listener};
use super::proto::go_plugin::grpc_broker_server::GrpcBrokerServer;
use super::proto::go_plugin::grpc_controller_server::GrpcControllerServer;
use super::proto::go_plugin::grpc_stdio_server::GrpcStdioServer;
use super::proto::health::health_server::HealthServer;
use super::proto::tfplugin6::provider_server::ProviderServer;
use super::service::Service;
use super::shutdown::{Lifetime, Mode};
use super::tls::{self, TlsSetupError};
use super::{handshake, panics, reattach};

/// The largest message in either direction, in bytes (what other providers
/// allow).
const LARGEST_MESSAGE: usize = 256 * 1024 * 1024;

/// What the process is.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The provider's full source address, host included, such as
    /// `registry.terraform.io/modelarts/modelarts`.
    pub address: &'static str,
    /// The provider's type name, such as `modelarts`.
    pub name: &'static str,
    /// The provider's version, for the log.
    pub version: &'static str,
    /// Serves any number of Terraform runs, until a person ends it.
    pub debug: bool,
}

/// Why the process cannot serve.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The system refuses something basic.
    #[error("cannot {action}: {source}")]
    System {
        /// What was to be done.
        action: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// There is nothing to connect to.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// There can be no encrypted connection.
    #[error(transparent)]
    Tls(#[from] TlsSetupError),
    /// The server failed.
    #[error("the server failed: {0}")]
    Transport(#[from] tonic::transport::Error),
}

/// Serves a provider to the host that started this process, and returns when
/// the process is to end; the caller then ends it without waiting for threads.
///
/// The provider is made after the host has been told where to connect, so that
/// it costs no time there.
///
/// # Errors
/// When the host cannot be served: its certificate is unreadable, there is no
/// place for a socket, or standard output is closed.
pub async fn serve<F>(provider: F, options: Options) -> Result<(), ServeError>
where
    F: FnOnce() -> Arc<dyn Provider>,
{
    panics::install_hook();
    // Asked first: the later, the likelier that the parent is gone already.
    let mode = if options.debug { Mode::Debug } else { Mode::managed() };
    let system = |action| move |source| ServeError::System { action, source };
    let signals = Signals::take().map_err(system("handle signals"))?;
    let host = HostSettings::read(&process_environment);
    let identity = match host.client_cert.as_deref() {
        // Terraform sends no certificate to a process that it did not start.
        Some(pem) if !options.debug => Some(tls::identity(pem)?),
        _ => None,
    };
    let listener = Listener::bind(&host, identity.is_some()).await?;
    let address = listener.address();
    if options.debug {
        reattach::announce(options.address, &address).map_err(system("tell how to reattach"))?;
    } else {
        let certificate = identity.as_ref().map(|identity| identity.certificate.as_ref());
        let line = handshake::line(&host, &address, certificate);
        handshake::announce(&line).map_err(system("tell the host where to connect"))?;
    }
    info!(version = options.version, protocols = ?host.protocol_versions, "serving");

    let lifetime = Arc::new(Lifetime::new());
    let tls = identity.map(|identity| TlsAcceptor::from(identity.config));
    let service = Service::new(provider(), options.address, Arc::clone(&lifetime));
    run(service, listener, tls, &lifetime, signals, mode).await
}

async fn run(
    service: Service,
    listener: Listener,
    tls: Option<TlsAcceptor>,
    lifetime: &Arc<Lifetime>,
    signals: Signals,
    mode: Mode,
) -> Result<(), ServeError> {
    let (accepting, connections) = incoming::accept(listener, tls, Arc::clone(lifetime));
    let beside = HostServices(Arc::clone(lifetime));
    let provider = ProviderServer::new(service)
        .max_decoding_message_size(LARGEST_MESSAGE)
        .max_encoding_message_size(LARGEST_MESSAGE);
    let serving = Server::builder()
        // How many calls run at once is the host's business (-parallelism).
        .max_concurrent_streams(u32::MAX)
        .add_service(provider)
        .add_service(GrpcControllerServer::new(beside.clone()))
        .add_service(GrpcStdioServer::new(beside.clone()))
        .add_service(GrpcBrokerServer::new(beside.clone()))
        .add_service(HealthServer::new(beside))
        .serve_with_incoming_shutdown(connections, lifetime.over().cancelled_owned());

    let both = async { tokio::join!(accepting, serving).1 };
    let mut both = std::pin::pin!(both);
    let end = tokio::select! {
        end = lifetime.wait(signals, mode) => end,
        served = &mut both => return Ok(served?),
    };
    let mut served = Ok(());
    lifetime.wind_down(end, async { served = both.await }).await;
    debug!(?end, "leaving");
    Ok(served?)
}
