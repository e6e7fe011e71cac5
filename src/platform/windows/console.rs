//! What the console and the system tell a process.

use std::io;

use tokio::signal::windows::{
    CtrlBreak, CtrlC, CtrlClose, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown,
};

use crate::platform::Event;

/// Console events, which no longer end the process once this exists. One that
/// arrives while nobody waits is not lost.
#[derive(Debug)]
pub struct Signals {
    interrupt: CtrlC,
    // Go programs, such as Terraform, take it for an interrupt too.
    interrupt_too: CtrlBreak,
    // The system waits a few seconds for processes to end after these.
    close: CtrlClose,
    shutdown: CtrlShutdown,
}

impl Signals {
    /// Takes over interrupts and terminations.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn take() -> io::Result<Self> {
        Ok(Self {
            interrupt: ctrl_c()?,
            interrupt_too: ctrl_break()?,
            close: ctrl_close()?,
            shutdown: ctrl_shutdown()?,
        })
    }

    /// The same: the loss of the console is a termination here.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn take_with_hangup() -> io::Result<Self> {
        Self::take()
    }

    /// Waits for the next one.
    pub async fn next(&mut self) -> Event {
        tokio::select! {
            Some(()) = self.interrupt.recv() => Event::Interrupt,
            Some(()) = self.interrupt_too.recv() => Event::Interrupt,
            Some(()) = self.close.recv() => Event::Terminate,
            Some(()) = self.shutdown.recv() => Event::Terminate,
            else => std::future::pending().await,
        }
    }
}
