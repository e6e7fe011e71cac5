//! The circumstances of one operation: all of its waits and calls share these.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::modelarts::Call;
use crate::resources::session::Connection;
use crate::tf::context::Context;
use crate::wait::{Deadline, WaitOptions};

/// One operation.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// The circumstances of the call from Terraform.
    pub cx: &'a Context,
    /// When the operation must have ended.
    pub deadline: Deadline,
}

/// Why nothing was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBegun {
    /// The user interrupted.
    Interrupted,
    /// Time ran out while something else had its turn.
    TimedOut,
}

impl<'a> Run<'a> {
    /// An operation that begins now.
    pub fn new(connection: &'a Connection, cx: &'a Context, time: Duration) -> Self {
        Self { connection, cx, deadline: Deadline::after(time) }
    }

    /// For calls within this operation: they end with it, or when the user
    /// interrupts.
    pub fn call(&self) -> Call {
        Call::new(self.cx.stop.clone(), Some(self.deadline.instant()))
    }

    /// The circumstances of a wait within this operation.
    pub fn options(&self) -> WaitOptions {
        WaitOptions { deadline: self.deadline, stop: self.cx.stop.clone() }
    }

    /// Waits for a turn, as long as the operation lasts.
    ///
    /// # Errors
    /// It never came.
    pub async fn turn<T>(&self, turn: impl Future<Output = T>) -> Result<T, NotBegun> {
        tokio::select! {
            biased;
            turn = turn => Ok(turn),
            () = self.cx.stop.cancelled() => Err(NotBegun::Interrupted),
            () = self.deadline.passed() => Err(NotBegun::TimedOut),
        }
    }
}

/// Circumstances of a call that goes on when the user interrupts.
pub fn unstoppable_call(time: Duration) -> Call {
    Call::new(CancellationToken::new(), Some(Instant::now() + time))
}
