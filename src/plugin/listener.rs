//! Where the host connects: a Unix socket, or a loopback port where there are no
//! such sockets or its path would be too long.

use std::env;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

use crate::platform::{Socket, SocketError};

use super::environment::HostSettings;

/// Why there is nothing to connect to.
#[derive(Debug, Error)]
pub enum ListenError {
    /// The socket cannot be made.
    #[error("cannot make a socket in {directory}: {source}")]
    Socket {
        /// Where it was to be.
        directory: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The group that may connect is unknown or cannot be given the socket.
    #[error("cannot hand the socket to the group {group:?} of PLUGIN_UNIX_SOCKET_GROUP: {reason}")]
    Group {
        /// As given.
        group: String,
        /// Why not.
        reason: String,
    },
    /// No port in the allowed range is free.
    #[error("{socket}, and no port from {min} to {max} is free on 127.0.0.1: {source}")]
    Port {
        /// Why it was to be a port.
        socket: SocketError,
        /// PLUGIN_MIN_PORT.
        min: u16,
        /// PLUGIN_MAX_PORT.
        max: u16,
        /// The last attempt's reason.
        source: io::Error,
    },
    /// Only a port is possible, but nothing would protect it.
    #[error(
        "the path of a socket in {directory} would be too long, and a port without encryption \
         would be open to every user of this machine; set TMPDIR to a shorter directory"
    )]
    Unprotected {
        /// Where the socket was to be.
        directory: PathBuf,
    },
}

/// What to tell the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    Unix(PathBuf),
    Tcp(SocketAddr),
}

impl Address {
    /// The kind of network, in go-plugin's words.
    pub(crate) fn network(&self) -> &'static str {
        match self {
            Self::Unix(_) => "unix",
            Self::Tcp(_) => "tcp",
        }
    }

    /// The path, or address and port.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Unix(path) => path.to_string_lossy().into_owned(),
            Self::Tcp(address) => address.to_string(),
        }
    }
}

/// A stream of bytes to and from a host.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// A bound socket. The file of a Unix socket is removed when this is dropped.
#[derive(Debug)]
pub(crate) enum Listener {
    Unix(Socket),
    Tcp(TcpListener, SocketAddr),
}

impl Listener {
    /// Binds as the host wishes. `encrypted` says that strangers who connect
    /// will be refused, so that a port may be opened where there could be a
    /// socket.
    ///
    /// # Errors
    /// When neither a socket nor a port can be had.
    pub(crate) async fn bind(host: &HostSettings, encrypted: bool) -> Result<Self, ListenError> {
        let directory = host.socket_dir.clone().unwrap_or_else(env::temp_dir);
        let socket = Socket::bind(&directory, host.socket_group.as_deref());
        Self::settle(socket, host, directory, encrypted).await
    }

    /// Takes the socket, or a port in its place.
    async fn settle(
        socket: Result<Socket, SocketError>,
        host: &HostSettings,
        directory: PathBuf,
        encrypted: bool,
    ) -> Result<Self, ListenError> {
        match socket {
            Ok(socket) => Ok(Self::Unix(socket)),
            Err(SocketError::TooLong) if !encrypted => Err(ListenError::Unprotected { directory }),
            // Without sockets a port is all there is, and who turns encryption
            // off means it.
            Err(why @ (SocketError::TooLong | SocketError::Unsupported)) => {
                bind_tcp(host, why).await
            }
            Err(SocketError::Group(reason)) => {
                let group = host.socket_group.clone().unwrap_or_default();
                Err(ListenError::Group { group, reason })
            }
            Err(SocketError::System(source)) => Err(ListenError::Socket { directory, source }),
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> Address {
        match self {
            Self::Unix(socket) => Address::Unix(socket.path().to_path_buf()),
            Self::Tcp(_, address) => Address::Tcp(*address),
        }
    }

    /// Waits for the next connection.
    ///
    /// # Errors
    /// When the system refuses; the next attempt may succeed.
    pub(crate) async fn accept(&self) -> io::Result<Box<dyn Io>> {
        Ok(match self {
            Self::Unix(socket) => Box::new(socket.accept().await?),
            Self::Tcp(listener, _) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
        })
    }
}

/// Binds the first free port of the host's range, or any if it names none.
async fn bind_tcp(host: &HostSettings, socket: SocketError) -> Result<Listener, ListenError> {
    let (min, max) = (host.min_port, host.max_port);
    let mut source = io::Error::other("the range is empty");
    for port in min..=max {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => match listener.local_addr() {
                Ok(address) => return Ok(Listener::Tcp(listener, address)),
                Err(error) => source = error,
            },
            Err(error) => source = error,
        }
    }
    Err(ListenError::Port { socket, min, max, source })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn in_directory(directory: &Path) -> HostSettings {
        HostSettings { socket_dir: Some(directory.to_owned()), ..HostSettings::default() }
    }

    /// What comes of it where there are no sockets.
    async fn without_sockets(host: &HostSettings, encrypted: bool) -> Result<Address, ListenError> {
        let socket = Err(SocketError::Unsupported);
        let listener = Listener::settle(socket, host, env::temp_dir(), encrypted).await?;
        Ok(listener.address())
    }

    #[tokio::test]
    async fn without_sockets_there_is_a_port_of_the_hosts_range_with_and_without_encryption() {
        let host = HostSettings { min_port: 10_000, max_port: 25_000, ..HostSettings::default() };
        for encrypted in [true, false] {
            let Ok(Address::Tcp(address)) = without_sockets(&host, encrypted).await else {
                panic!("no port")
            };
            assert!(address.ip().is_loopback() && (10_000..=25_000).contains(&address.port()));
        }
        let any = without_sockets(&HostSettings::default(), true).await;
        assert!(matches!(any, Ok(Address::Tcp(address)) if address.port() != 0));
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_passed_over_and_an_empty_range_is_an_error() {
        let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let taken = other.local_addr().unwrap().port();
        let range = |max_port| HostSettings { min_port: taken, max_port, ..Default::default() };
        let refused = without_sockets(&range(taken), true).await;
        assert!(matches!(refused, Err(ListenError::Port { .. })), "{refused:?}");
        let next = without_sockets(&range(u16::MAX), true).await;
        assert!(matches!(next, Ok(Address::Tcp(address)) if address.port() > taken), "{next:?}");
        let empty = HostSettings { min_port: 9, max_port: 8, ..HostSettings::default() };
        let told = without_sockets(&empty, true).await.unwrap_err().to_string();
        assert!(told.contains("no port from 9 to 8"), "{told}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_path_that_is_too_long_gives_a_port_but_only_under_encryption() {
        let directory = tempfile::tempdir().unwrap();
        let long = directory.path().join("x".repeat(100));
        std::fs::create_dir(&long).unwrap();
        let host = HostSettings { min_port: 20_000, max_port: 25_000, ..in_directory(&long) };
        let listener = Listener::bind(&host, true).await.unwrap();
        let Address::Tcp(address) = listener.address() else { panic!("not a port") };
        assert!(address.ip().is_loopback() && (20_000..=25_000).contains(&address.port()));
        assert!(matches!(Listener::bind(&host, false).await, Err(ListenError::Unprotected { .. })));
        let empty = HostSettings { min_port: 9, max_port: 8, ..host };
        assert!(matches!(Listener::bind(&empty, true).await, Err(ListenError::Port { .. })));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_is_wrong_with_a_directory_or_a_group_is_said_with_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let missing = in_directory(&directory.path().join("missing"));
        let group = HostSettings {
            socket_group: Some("no such group".to_owned()),
            ..in_directory(directory.path())
        };
        for (host, name) in [(missing, "missing"), (group, "no such group")] {
            let error = Listener::bind(&host, true).await.unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
