//! Linux, macOS and the other systems of that family.

use std::fs::{self, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::Path;

use nix::sys::signal::{Signal as Number, kill, killpg};
use nix::sys::stat::{Mode, umask};
use nix::unistd::{Group, Pid, getppid};
use tempfile::TempPath;
use tokio::net::{UnixListener, UnixStream};
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Event, SocketError};

// === Socket ===

/// A listening socket with a path, which is removed when this is dropped.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    path: TempPath,
}

impl Socket {
    /// Binds a socket with an unpredictable name in `directory`. Nobody but the
    /// owner can connect, from the first moment on and whatever the umask,
    /// until the socket is given to `group` (a name or a number).
    ///
    /// # Errors
    /// When the path does not fit, the group is unknown or cannot be given the
    /// socket, or the system refuses.
    pub fn bind(directory: &Path, group: Option<&str>) -> Result<Self, SocketError> {
        let before = umask(Mode::from_bits_truncate(0o077));
        let bound = tempfile::Builder::new()
            .prefix("plugin")
            .make_in(directory, |path| UnixListener::bind(path));
        umask(before);
        let (listener, path) = bound.map_err(why_not)?.into_parts();
        let mode = match group {
            None => 0o700,
            Some(group) => {
                let group = group_id(group)?;
                chown(&path, None, Some(group))
                    .map_err(|error| SocketError::Group(error.to_string()))?;
                0o660
            }
        };
        fs::set_permissions(&path, Permissions::from_mode(mode)).map_err(SocketError::System)?;
        Ok(Self { listener, path })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits for the next connection.
    ///
    /// # Errors
    /// When the system refuses; the next attempt may succeed.
    pub async fn accept(&self) -> io::Result<UnixStream> {
        Ok(self.listener.accept().await?.0)
    }
}

fn why_not(error: io::Error) -> SocketError {
    match error.kind() {
        // What the standard library says of a path that does not fit.
        io::ErrorKind::InvalidInput => SocketError::TooLong,
        _ => SocketError::System(error),
    }
}

fn group_id(group: &str) -> Result<u32, SocketError> {
    if let Ok(number) = group.parse() {
        return Ok(number);
    }
    match Group::from_name(group) {
        Ok(Some(found)) => Ok(found.gid.as_raw()),
        Ok(None) => Err(SocketError::Group("there is no such group".to_owned())),
        Err(error) => Err(SocketError::Group(error.to_string())),
    }
}

// === Signals ===

/// Signals, which no longer end the process once this exists. One that arrives
/// while nobody waits is not lost.
#[derive(Debug)]
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Option<Signal>,
}

impl Signals {
    /// Takes over interrupts and terminations.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn take() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: None,
        })
    }

    /// Takes over the loss of the terminal too. Not for processes that may be
    /// meant to outlive it.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn take_with_hangup() -> io::Result<Self> {
        Ok(Self { hangup: Some(signal(SignalKind::hangup())?), ..Self::take()? })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) -> Event {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => None,
            }
        };
        tokio::select! {
            Some(()) = self.interrupt.recv() => Event::Interrupt,
            Some(()) = self.terminate.recv() => Event::Terminate,
            Some(()) = hangup => Event::Hangup,
            else => std::future::pending().await,
        }
    }
}

// === Processes ===

/// The process that started this one, or what took its place.
#[derive(Debug, Clone, Copy)]
pub struct Parent(Pid);

impl Parent {
    /// The parent at this moment.
    pub fn now() -> Self {
        Self(getppid())
    }

    /// Whether it has ended since.
    pub fn is_gone(self) -> bool {
        getppid() != self.0
    }

    /// Whether its end would be noticed. That of the system's first process,
    /// which takes in orphans, would not.
    pub fn is_watched(self) -> bool {
        self.0 != Pid::from_raw(1)
    }

    /// A parent that this process certainly does not have.
    #[cfg(test)]
    pub fn gone() -> Self {
        Self(Pid::from_raw(-7))
    }
}

/// Starts a program so that the terminal's signals do not reach it.
pub fn on_its_own(command: &mut Command) {
    command.process_group(0);
}

/// Sends a process the signal of a Ctrl-C.
pub fn interrupt(child: &mut Child) {
    if let Some(pid) = pid(child) {
        // A process that is gone needs none.
        let _ = kill(pid, Number::SIGINT);
    }
}

/// Ends a process that was started [`on_its_own`], and those that it started.
pub fn kill_with_children(child: &mut Child) {
    if let Some(pid) = pid(child) {
        let _ = killpg(pid, Number::SIGKILL);
    }
}

fn pid(child: &Child) -> Option<Pid> {
    child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw)
}

/// Makes standard output an alias of standard error, whoever in this process
/// writes there.
///
/// # Errors
/// When the system refuses.
pub fn redirect_stdout() -> io::Result<()> {
    Ok(nix::unistd::dup2_stdout(io::stderr())?)
}

// === Files ===

/// The variable that names the home of Terraform's directory, and that
/// directory's name.
pub const TERRAFORM_DIRECTORY: (&str, &str) = ("HOME", ".terraform.d");

/// Lets everybody run a file.
///
/// # Errors
/// When the system refuses.
pub fn make_program(file: &Path) -> io::Result<()> {
    fs::set_permissions(file, Permissions::from_mode(0o755))
}

/// Whether a file can be run.
pub fn is_program(file: &Path) -> bool {
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Lets nobody but the owner read a file that these options create.
pub fn only_for_owner(options: &mut OpenOptions) {
    options.mode(0o600);
}

/// A number that differs between a file and the one that takes its place, as
/// far as the system has such numbers.
pub fn file_number(metadata: &Metadata) -> u64 {
    metadata.ino()
}

// === Shells ===

/// The command of a POSIX shell that sets an environment variable.
pub fn assignment(variable: &str, value: &str) -> String {
    format!("{variable}='{}'", value.replace('\'', r"'\''"))
}
