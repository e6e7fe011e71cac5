//! A plugin host: starts a provider's process, reads its handshake line and
//! connects, as Terraform does.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hyper_util::rt::TokioIo;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rustls::client::ResolvesClientCert;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, SupportedProtocolVersion, version};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, BufReader};
use tokio::net::{TcpStream, UnixStream};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use crate::certificate::HostCertificate;
use crate::pinned::Pinned;
use crate::proto::plugin::Empty;
use crate::proto::plugin::grpc_controller_client::GrpcControllerClient;

pub const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// How long a process may take to start or to end before it counts as hanging.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A process to be started.
pub struct Launch {
    command: Command,
    certificate: Option<Arc<HostCertificate>>,
    directory: TempDir,
}

/// How a process ended.
pub struct Ended {
    pub status: ExitStatus,
    /// After the handshake line.
    pub stdout: String,
    pub stderr: String,
    /// From the moment at which its end was asked for.
    pub took: Duration,
    /// Names left in its temporary directory.
    pub left: usize,
}

impl Launch {
    pub fn new(binary: &Path) -> Self {
        let certificate = Arc::new(HostCertificate::new());
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let mut command = Command::new(binary);
        command
            .env_clear()
            .env(COOKIE.0, COOKIE.1)
            .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
            .env("PLUGIN_MIN_PORT", "10000")
            .env("PLUGIN_MAX_PORT", "25000")
            .env("PLUGIN_CLIENT_CERT", certificate.pem())
            .env("TMPDIR", directory.path());
        Self { command, certificate: Some(certificate), directory }
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub fn arg(mut self, argument: &str) -> Self {
        self.command.arg(argument);
        self
    }

    /// Without encryption, as with `TF_DISABLE_PLUGIN_TLS`.
    pub fn plain(mut self) -> Self {
        self.certificate = None;
        self.without("PLUGIN_CLIENT_CERT")
    }

    /// Starts the process through a shell that stays its parent.
    pub fn behind_a_shell(mut self) -> Self {
        let inner = self.command.as_std();
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "\"$0\" \"$@\" & wait"]).arg(inner.get_program()).env_clear();
        for (name, value) in inner.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        self.command = command;
        self
    }

    /// Starts the process and waits for its first line or its end.
    pub async fn first_line(mut self) -> Result<(Process, String), String> {
        self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.kill_on_drop(true).spawn().map_err(|error| {
            format!("{}: {error}", self.command.as_std().get_program().display())
        })?;
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let stderr = Arc::new(Mutex::new(String::new()));
        let said = Arc::clone(&stderr);
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let listening = tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let mut said = said.lock().expect("nobody panics with it");
                said.push_str(&line);
                said.push('\n');
            }
        });
        let mut line = String::new();
        let read = timeout(PATIENCE, stdout.read_line(&mut line)).await;
        read.map_err(|_| "it says nothing".to_owned())?.map_err(|error| error.to_string())?;
        let rest = tokio::spawn(async move {
            let mut rest = String::new();
            let _ = stdout.read_to_string(&mut rest).await;
            rest
        });
        let line = line.trim_end().to_owned();
        let handshake = line.split('|').map(str::to_owned).collect();
        let Self { certificate, directory, .. } = self;
        Ok((Process { child, rest, stderr, listening, handshake, certificate, directory }, line))
    }

    /// Starts the process and reads its handshake line.
    pub async fn start(self) -> Result<Process, String> {
        let (process, line) = self.first_line().await?;
        if !line.starts_with("1|") || process.handshake.len() < 6 {
            return Err(format!("no handshake line: {line:?}; {}", process.said().trim()));
        }
        Ok(process)
    }
}

/// A running process.
pub struct Process {
    child: Child,
    rest: JoinHandle<String>,
    stderr: Arc<Mutex<String>>,
    listening: JoinHandle<()>,
    /// The fields of the handshake line.
    pub handshake: Vec<String>,
    certificate: Option<Arc<HostCertificate>>,
    directory: TempDir,
}

impl Process {
    /// What it has written to standard error so far.
    pub fn said(&self) -> String {
        self.stderr.lock().expect("nobody panics with it").clone()
    }

    pub fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// The certificate that this host told the process of.
    pub fn certificate(&self) -> Arc<HostCertificate> {
        Arc::clone(self.certificate.as_ref().expect("only encrypted processes are asked"))
    }

    /// The certificate that the process told this host of.
    pub fn server_certificate(&self) -> Result<CertificateDer<'static>, String> {
        let der = STANDARD_NO_PAD.decode(&self.handshake[5]);
        der.map(Into::into).map_err(|error| format!("the certificate: {error}"))
    }

    pub async fn connect(&self) -> Result<Channel, String> {
        match &self.certificate {
            Some(certificate) => {
                let tls = self.tls(Some(certificate.resolver()), &[&version::TLS13])?;
                self.connect_with(tls).await
            }
            None => over(self.raw().await?).await,
        }
    }

    /// Settings for a client that shows what `shown` says.
    pub fn tls(
        &self,
        shown: Option<Arc<dyn ResolvesClientCert>>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<ClientConfig, String> {
        let ring = Arc::new(ring::default_provider());
        let trust = Pinned {
            certificate: self.server_certificate()?,
            algorithms: ring.signature_verification_algorithms,
        };
        let config = ClientConfig::builder_with_provider(ring)
            .with_protocol_versions(versions)
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(trust));
        let mut config = match shown {
            Some(shown) => config.with_client_cert_resolver(shown),
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(config)
    }

    pub async fn connect_with(&self, tls: ClientConfig) -> Result<Channel, String> {
        let connector = TlsConnector::from(Arc::new(tls));
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = connector.connect(name, self.raw().await?).await;
        let stream = stream.map_err(|error| format!("TLS: {error}"))?;
        if stream.get_ref().1.alpn_protocol() != Some(b"h2".as_slice()) {
            return Err("TLS: h2 is not negotiated".to_owned());
        }
        over(Box::new(stream)).await
    }

    async fn raw(&self) -> Result<Box<dyn Io>, String> {
        let address = &self.handshake[3];
        let failed = |error: std::io::Error| format!("{address}: {error}");
        Ok(match self.handshake[2].as_str() {
            "unix" => Box::new(UnixStream::connect(address).await.map_err(failed)?),
            _ => {
                let stream = TcpStream::connect(address).await.map_err(failed)?;
                // As Go's connections are.
                stream.set_nodelay(true).map_err(failed)?;
                Box::new(stream)
            }
        })
    }

    pub fn signal(&self, signal: Signal) {
        if let Some(id) = self.child.id().and_then(|id| i32::try_from(id).ok()) {
            let _ = kill(Pid::from_raw(id), signal);
        }
    }

    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends `Shutdown` and waits for the end.
    pub async fn shut_down(self, channel: &Channel) -> Result<Ended, String> {
        let began = Instant::now();
        let mut controller = GrpcControllerClient::new(channel.clone());
        let answer = timeout(PATIENCE, controller.shutdown(Empty {})).await;
        answer.map_err(|_| "Shutdown is not answered")?.map_err(|status| status.to_string())?;
        self.ended(began).await
    }

    pub async fn ended(mut self, began: Instant) -> Result<Ended, String> {
        let status = timeout(PATIENCE, self.child.wait()).await;
        let status = status.map_err(|_| "it does not end")?.map_err(|error| error.to_string())?;
        let took = began.elapsed();
        let stdout = (&mut self.rest).await.map_err(|error| error.to_string())?;
        let left = std::fs::read_dir(self.directory.path()).map_or(0, Iterator::count);
        // Closed now, unless a child has inherited it.
        let _ = timeout(PATIENCE, &mut self.listening).await;
        let stderr = self.said();
        Ok(Ended { status, stdout, stderr, took, left })
    }

    /// Kills the process that was started and waits until all of its children
    /// have closed their standard output.
    pub async fn kill_and_wait_for_children(mut self, within: Duration) -> Result<(), String> {
        self.child.kill().await.map_err(|error| error.to_string())?;
        match timeout(within, self.rest).await {
            Ok(_) => Ok(()),
            Err(_) => Err(format!("it still runs after {} s", within.as_secs())),
        }
    }
}

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A channel over one connection that exists already.
async fn over(stream: Box<dyn Io>) -> Result<Channel, String> {
    let mut stream = Some(TokioIo::new(stream));
    let connector = service_fn(move |_| {
        let stream = stream.take().ok_or_else(|| std::io::Error::other("connected once only"));
        std::future::ready(stream)
    });
    let endpoint = Endpoint::from_static("http://localhost");
    endpoint.connect_with_connector(connector).await.map_err(|error| error.to_string())
}
