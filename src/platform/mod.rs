//! What operating systems do differently, and nothing else.
//!
//! `unix` and `windows` offer the same items; the one that fits is the face of
//! this module, and no other file asks which system it runs on. The tests hold
//! both to the same shape: the counterpart for Windows is compiled and tried on
//! Unix too, but for its console events.

#[cfg(unix)]
mod unix;
#[cfg(any(windows, test))]
mod windows;

use std::io;

use thiserror::Error;

#[cfg(unix)]
use unix as current;
#[cfg(windows)]
use windows as current;

pub use current::{
    Parent, Signals, Socket, TERRAFORM_DIRECTORY, assignment, file_number, interrupt, is_program,
    kill_with_children, make_program, on_its_own, only_for_owner, redirect_stdout,
};

/// What a person or the system wants of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Ctrl-C. A terminal sends it to all processes of a command line.
    Interrupt,
    /// The process is to end.
    Terminate,
    /// The terminal is gone.
    Hangup,
}

/// Why there is no [`Socket`].
#[derive(Debug, Error)]
pub enum SocketError {
    /// Programs of this system do not talk over sockets with a path.
    #[error("on this system there are no sockets with a path")]
    Unsupported,
    /// The system has no room for so long a path.
    #[error("the path of the socket would be too long")]
    TooLong,
    /// The socket cannot be given to the group.
    #[error("{0}")]
    Group(String),
    /// The system refuses.
    #[error(transparent)]
    System(io::Error),
}

#[cfg(test)]
mod tests;
