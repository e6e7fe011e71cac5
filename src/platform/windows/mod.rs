//! Windows, as far as it can be reached without `unsafe`: the standard library
//! and tokio, and nothing that they do not offer.
//!
//! Where that is too little, the lack is said at the item. No item here needs
//! Windows to be compiled but those of `console`.

#[cfg(windows)]
mod console;

use std::fs::{Metadata, OpenOptions};
use std::io;
use std::path::Path;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::SocketError;

#[cfg(windows)]
pub use console::Signals;

// === Socket ===

/// There is none: plugins listen on a loopback port here.
#[derive(Debug)]
pub enum Socket {}

impl Socket {
    /// Says that there is none.
    ///
    /// # Errors
    /// Always.
    pub fn bind(_directory: &Path, _group: Option<&str>) -> Result<Self, SocketError> {
        Err(SocketError::Unsupported)
    }

    /// Where it would be.
    pub fn path(&self) -> &Path {
        match *self {}
    }

    /// Would wait for the next connection.
    ///
    /// # Errors
    /// Never, as it never is.
    pub async fn accept(&self) -> io::Result<TcpStream> {
        match *self {}
    }
}

// === Processes ===

/// The process that started this one. The standard library does not say which
/// that is, so its end is noticed only by the loss of its connection.
#[derive(Debug, Clone, Copy)]
pub struct Parent;

impl Parent {
    /// The parent at this moment.
    pub fn now() -> Self {
        Self
    }

    /// Whether it is known to have ended since.
    pub fn is_gone(self) -> bool {
        false
    }

    /// Whether its end would be noticed.
    pub fn is_watched(self) -> bool {
        false
    }

    /// A parent that this process certainly does not have.
    #[cfg(all(test, windows))]
    pub fn gone() -> Self {
        Self
    }
}

/// Leaves a program where the console's events reach it: there is no other way
/// to pass a Ctrl-C on.
pub fn on_its_own(_command: &mut Command) {}

/// Does nothing, because the console has told the process already.
pub fn interrupt(_child: &mut Child) {}

/// Ends a process. Those that it started end when they lose their connection.
pub fn kill_with_children(child: &mut Child) {
    // A process that is gone needs no end.
    let _ = child.start_kill();
}

/// Leaves standard output as it is: only `unsafe` code can redirect it for the
/// whole process. What a dependency wrote there would be ignored by the host.
///
/// # Errors
/// Never.
pub fn redirect_stdout() -> io::Result<()> {
    Ok(())
}

// === Files ===

/// The variable that names the home of Terraform's directory, and that
/// directory's name.
pub const TERRAFORM_DIRECTORY: (&str, &str) = ("APPDATA", "terraform.d");

/// Does nothing: the name says whether a file can be run.
///
/// # Errors
/// Never.
pub fn make_program(_file: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether a file can be run; its name is the caller's business.
pub fn is_program(file: &Path) -> bool {
    file.is_file()
}

/// Does nothing: a file inherits who may read it from its directory, and those
/// of a user are the user's own.
pub fn only_for_owner(_options: &mut OpenOptions) {}

/// Always 0: there are no such numbers.
pub fn file_number(_metadata: &Metadata) -> u64 {
    0
}

// === Shells ===

/// The command of PowerShell that sets an environment variable.
pub fn assignment(variable: &str, value: &str) -> String {
    format!("$env:{variable} = '{}'", value.replace('\'', "''"))
}
