//! A plugin host: starts a process, reads its handshake line and connects.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hyper_util::rt::TokioIo;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rustls::client::ResolvesClientCert;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};
use tempfile::{NamedTempFile, TempDir};
use terraform_provider_modelarts::plugin::proto::go_plugin::Empty;
use terraform_provider_modelarts::plugin::proto::go_plugin::grpc_controller_client::GrpcControllerClient;
use terraform_provider_modelarts::plugin::proto::tfplugin6::provider_client::ProviderClient;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, BufReader};
use tokio::net::{TcpStream, UnixStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use super::certificate::HostCertificate;

pub(super) const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");
/// The test of this executable that becomes a provider when [`PEER_MARK`] is set.
pub(super) const PEER_TEST: &str = "protocol::peer::serves_when_asked";
pub(super) const PEER_MARK: &str = "MODELARTS_TEST_PEER";
/// A file in which that provider notes what it begins and ends.
pub(super) const PEER_JOURNAL: &str = "MODELARTS_TEST_JOURNAL";
pub(super) const PRODUCT: &str = env!("CARGO_BIN_EXE_terraform-provider-modelarts");

/// Longer than anything here should take, even on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

pub(super) type Provider = ProviderClient<Channel>;

// === Setup ===

/// A process to be started.
pub(super) struct Setup {
    command: Command,
    certificate: Option<Arc<HostCertificate>>,
    /// The temporary directory of the process, for its socket.
    directory: TempDir,
    journal: NamedTempFile,
}

impl Setup {
    /// The product's binary, as Terraform starts it.
    pub(super) fn product() -> Self {
        Self::of(Command::new(PRODUCT))
    }

    /// The provider made for these tests, as Terraform would start it.
    pub(super) fn peer() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", PEER_TEST, "--nocapture"]);
        let setup = Self::of(command);
        setup.env(PEER_MARK, "1")
    }

    fn of(mut command: Command) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let journal = NamedTempFile::new().unwrap();
        let certificate = Arc::new(HostCertificate::new());
        command
            .env_clear()
            .env(COOKIE.0, COOKIE.1)
            .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
            .env("PLUGIN_MIN_PORT", "10000")
            .env("PLUGIN_MAX_PORT", "25000")
            .env("PLUGIN_CLIENT_CERT", certificate.pem())
            .env("TMPDIR", directory.path())
            .env(PEER_JOURNAL, journal.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        Self { command, certificate: Some(certificate), directory, journal }
    }

    pub(super) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(super) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub(super) fn arg(mut self, argument: &str) -> Self {
        self.command.arg(argument);
        self
    }

    /// Without encryption (`TF_DISABLE_PLUGIN_TLS`).
    pub(super) fn plain(mut self) -> Self {
        self.certificate = None;
        self.without("PLUGIN_CLIENT_CERT")
    }

    /// Starts the process through a shell that stays its parent.
    pub(super) fn behind_a_shell(mut self) -> Self {
        let inner = self.command.as_std();
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "\"$0\" \"$@\" & wait"]).arg(inner.get_program());
        command.args(inner.get_args()).env_clear();
        for (name, value) in inner.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        self.command = command;
        self
    }

    /// Starts the process and waits until it ends, for those that should not
    /// serve.
    pub(super) async fn refused(mut self) -> Ended {
        let began = Instant::now();
        let child = self.command.spawn().unwrap();
        let output = timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap();
        Ended {
            status: output.status,
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            took: began.elapsed(),
        }
    }

    /// Starts the process and reads its handshake line.
    pub(super) async fn start(self) -> Process {
        let certificate = self.certificate.clone();
        let (mut process, line) = self.start_until(|line| line.starts_with("1|")).await;
        process.certificate = certificate;
        process.handshake = line.split('|').map(str::to_owned).collect();
        process
    }

    /// Starts the process and reads its output up to a line that fits.
    pub(super) async fn start_until(mut self, fits: impl Fn(&str) -> bool) -> (Process, String) {
        let mut child = self.command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let stderr = tokio::spawn(async move {
            let mut text = String::new();
            stderr.read_to_string(&mut text).await.unwrap();
            text
        });
        let mut line = String::new();
        timeout(PATIENCE, async {
            while !fits(&line) {
                line.clear();
                let read = stdout.read_line(&mut line).await.unwrap();
                assert_ne!(read, 0, "the process said nothing");
            }
        })
        .await
        .unwrap();
        let process = Process {
            child,
            stdout,
            stderr,
            handshake: Vec::new(),
            certificate: None,
            directory: self.directory,
            journal: self.journal,
        };
        (process, line.trim_end_matches('\n').to_owned())
    }
}

// === Process ===

/// A running process.
pub(super) struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: JoinHandle<String>,
    /// The fields of the handshake line.
    pub(super) handshake: Vec<String>,
    certificate: Option<Arc<HostCertificate>>,
    directory: TempDir,
    journal: NamedTempFile,
}

/// How a process ended.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// What it wrote to standard output after the handshake line.
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// From the moment at which its end was asked for.
    pub(super) took: Duration,
}

impl Process {
    /// The certificate that this host told the process of.
    pub(super) fn certificate(&self) -> Arc<HostCertificate> {
        Arc::clone(self.certificate.as_ref().unwrap())
    }

    /// The certificate that the process told this host of.
    pub(super) fn server_certificate(&self) -> CertificateDer<'static> {
        STANDARD_NO_PAD.decode(&self.handshake[5]).unwrap().into()
    }

    pub(super) fn socket(&self) -> PathBuf {
        assert_eq!(self.handshake[2], "unix");
        PathBuf::from(&self.handshake[3])
    }

    pub(super) async fn connect(&self) -> Channel {
        match &self.certificate {
            Some(certificate) => {
                let tls = self.tls(Some(certificate.resolver()), &[&version::TLS13]);
                self.connect_with(tls).await.unwrap()
            }
            None => over(self.raw().await).await.unwrap(),
        }
    }

    pub(super) async fn provider(&self) -> Provider {
        provider(self.connect().await)
    }

    /// Settings for a client that shows what `shown` says.
    pub(super) fn tls(
        &self,
        shown: Option<Arc<dyn ResolvesClientCert>>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.server_certificate()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match shown {
            Some(shown) => config.with_client_cert_resolver(shown),
            None => config.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        config
    }

    /// Connects with these settings.
    pub(super) async fn connect_with(&self, tls: ClientConfig) -> Result<Channel, String> {
        let connector = TlsConnector::from(Arc::new(tls));
        let name = ServerName::try_from("localhost").unwrap();
        let stream =
            connector.connect(name, self.raw().await).await.map_err(|error| error.to_string())?;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
        over(Box::new(stream)).await
    }

    async fn raw(&self) -> Box<dyn Io> {
        match self.handshake[2].as_str() {
            "unix" => Box::new(UnixStream::connect(self.socket()).await.unwrap()),
            _ => Box::new(TcpStream::connect(&self.handshake[3]).await.unwrap()),
        }
    }

    /// Waits until the peer has noted `what` so many times.
    pub(super) async fn noted(&self, what: &str, times: usize) {
        let count = || {
            let journal = std::fs::read_to_string(self.journal.path()).unwrap();
            journal.lines().filter(|line| *line == what).count()
        };
        eventually(|| count() >= times, what).await;
    }

    /// Sends a signal.
    pub(super) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id().unwrap()).unwrap();
        kill(Pid::from_raw(pid), signal).unwrap();
    }

    pub(super) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Sends `Shutdown` and waits for the end.
    pub(super) async fn shut_down(self, channel: &Channel) -> Ended {
        let began = Instant::now();
        let mut controller = GrpcControllerClient::new(channel.clone());
        controller.shutdown(Empty {}).await.expect("Shutdown is answered");
        self.ended(began).await
    }

    /// Waits for the end. Whatever the end, no socket is left behind.
    pub(super) async fn ended(mut self, began: Instant) -> Ended {
        let status = timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
        let took = began.elapsed();
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).await.unwrap();
        let left = std::fs::read_dir(self.directory.path()).unwrap().count();
        assert_eq!(left, 0, "something is left in the temporary directory");
        Ended { status, stdout, stderr: self.stderr.await.unwrap(), took }
    }

    /// Kills the process that was started, and gives back what shows the life
    /// of its children: the end of their standard output.
    pub(super) async fn kill(mut self) -> BufReader<ChildStdout> {
        self.child.kill().await.unwrap();
        self.stdout
    }
}

trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

pub(super) fn provider(channel: Channel) -> Provider {
    ProviderClient::new(channel)
        .max_decoding_message_size(1 << 30)
        .max_encoding_message_size(1 << 30)
}

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

/// A channel to a socket, without encryption.
pub(super) async fn connect_plainly(socket: &Path) -> Channel {
    over(Box::new(UnixStream::connect(socket).await.unwrap())).await.unwrap()
}

/// Waits until something becomes true.
pub(super) async fn eventually(mut is_true: impl FnMut() -> bool, what: &str) {
    let waiting = async {
        while !is_true() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never happened: {what}"));
}
