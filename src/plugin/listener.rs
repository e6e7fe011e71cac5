//! Where the host connects: a Unix socket, or a loopback port if its path
//! would be too long.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::{env, fs};

use nix::sys::stat::{Mode, umask};
use nix::unistd::{Gid, Group, chown};
use tempfile::TempPath;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};

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
    #[error(
        "the path of a socket in {directory} would be too long, and no port from {min} to {max} \
         is free on 127.0.0.1: {source}"
    )]
    Port {
        /// Where the socket was to be.
        directory: PathBuf,
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
pub(crate) enum Listener {
    Unix(UnixListener, TempPath),
    Tcp(TcpListener, SocketAddr),
}

impl Listener {
    /// Binds as the host wishes. `encrypted` says that strangers who connect
    /// will be refused, so that a port may be opened.
    ///
    /// # Errors
    /// When neither a socket nor a port can be had.
    pub(crate) async fn bind(host: &HostSettings, encrypted: bool) -> Result<Self, ListenError> {
        let directory = host.socket_dir.clone().unwrap_or_else(env::temp_dir);
        match bind_unix(&directory) {
            Ok((listener, path)) => {
                protect(&path, host.socket_group.as_deref())?;
                Ok(Self::Unix(listener, path))
            }
            // What the standard library says of a path that does not fit.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput && encrypted => {
                bind_tcp(host, directory).await
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                Err(ListenError::Unprotected { directory })
            }
            Err(source) => Err(ListenError::Socket { directory, source }),
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> Address {
        match self {
            Self::Unix(_, path) => Address::Unix(path.to_path_buf()),
            Self::Tcp(_, address) => Address::Tcp(*address),
        }
    }

    /// Waits for the next connection.
    ///
    /// # Errors
    /// When the system refuses; the next attempt may succeed.
    pub(crate) async fn accept(&self) -> io::Result<Box<dyn Io>> {
        Ok(match self {
            Self::Unix(listener, _) => Box::new(listener.accept().await?.0),
            Self::Tcp(listener, _) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
        })
    }
}

/// Binds a socket with an unpredictable name. Nobody but the owner can connect
/// from the first moment on, whatever the umask.
fn bind_unix(directory: &Path) -> io::Result<(UnixListener, TempPath)> {
    let before = umask(Mode::from_bits_truncate(0o077));
    let bound = tempfile::Builder::new()
        .prefix("plugin")
        .make_in(directory, |path| UnixListener::bind(path));
    umask(before);
    Ok(bound?.into_parts())
}

fn protect(path: &Path, group: Option<&str>) -> Result<(), ListenError> {
    let Some(group) = group else {
        return fs::set_permissions(path, fs::Permissions::from_mode(0o700))
            .map_err(|source| ListenError::Socket { directory: path.to_path_buf(), source });
    };
    let refuse = |reason: String| ListenError::Group { group: group.to_owned(), reason };
    let gid = match group.parse::<u32>() {
        Ok(number) => Gid::from_raw(number),
        Err(_) => {
            Group::from_name(group)
                .map_err(|error| refuse(error.to_string()))?
                .ok_or_else(|| refuse("there is no such group".to_owned()))?
                .gid
        }
    };
    chown(path, None, Some(gid)).map_err(|error| refuse(error.to_string()))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o660))
        .map_err(|error| refuse(error.to_string()))
}

async fn bind_tcp(host: &HostSettings, directory: PathBuf) -> Result<Listener, ListenError> {
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
    Err(ListenError::Port { directory, min, max, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_directory(directory: &Path) -> HostSettings {
        HostSettings { socket_dir: Some(directory.to_owned()), ..HostSettings::default() }
    }

    #[tokio::test]
    async fn the_socket_is_the_owners_alone_and_goes_with_its_listener() {
        let directory = tempfile::tempdir().unwrap();
        let listener = Listener::bind(&in_directory(directory.path()), false).await.unwrap();
        let Address::Unix(path) = listener.address() else { panic!("not a socket") };
        assert_eq!(path.parent(), Some(directory.path()));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        drop(listener);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_group_may_connect_when_the_host_says_so() {
        let directory = tempfile::tempdir().unwrap();
        let own = nix::unistd::getgid().as_raw().to_string();
        let host = HostSettings { socket_group: Some(own), ..in_directory(directory.path()) };
        let listener = Listener::bind(&host, false).await.unwrap();
        let Address::Unix(path) = listener.address() else { panic!("not a socket") };
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o660);

        let unknown = HostSettings { socket_group: Some("no such group".into()), ..host };
        assert!(matches!(Listener::bind(&unknown, false).await, Err(ListenError::Group { .. })));
    }

    #[tokio::test]
    async fn a_path_that_is_too_long_gives_a_port_but_only_under_encryption() {
        let directory = tempfile::tempdir().unwrap();
        let long = directory.path().join("x".repeat(100));
        fs::create_dir(&long).unwrap();
        let host = HostSettings { min_port: 20_000, max_port: 25_000, ..in_directory(&long) };
        let listener = Listener::bind(&host, true).await.unwrap();
        let Address::Tcp(address) = listener.address() else { panic!("not a port") };
        assert!(address.ip().is_loopback() && (20_000..=25_000).contains(&address.port()));
        assert!(matches!(Listener::bind(&host, false).await, Err(ListenError::Unprotected { .. })));
        let empty = HostSettings { min_port: 9, max_port: 8, ..host };
        assert!(matches!(Listener::bind(&empty, true).await, Err(ListenError::Port { .. })));
    }

    #[tokio::test]
    async fn a_missing_directory_is_an_error_that_names_it() {
        let directory = tempfile::tempdir().unwrap();
        let missing = directory.path().join("missing");
        let error = Listener::bind(&in_directory(&missing), true).await.err().unwrap();
        assert!(error.to_string().contains("missing"));
    }
}
