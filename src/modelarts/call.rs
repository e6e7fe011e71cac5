//! When a call ends, and what ends with it.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::error::{Error, ErrorKind};

/// When a call ends at the latest, and whether it may repeat requests.
///
/// Reading, waiting and pausing end at once. A change that is already on its
/// way is seen through to its answer, which takes 60 s at most: abandoning it
/// would leave its outcome unknown.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// Cancelled when the caller wants to stop.
    pub stop: CancellationToken,
    /// The caller's own limit.
    pub deadline: Option<Instant>,
    single: bool,
}

impl Call {
    /// Makes a call that ends when `stop` is cancelled or `deadline` passes.
    pub fn new(stop: CancellationToken, deadline: Option<Instant>) -> Self {
        Self { stop, deadline, single: false }
    }

    /// Makes it fail with the first failure instead of pausing and trying
    /// again: for somebody who asks again anyway. Refused credentials are still
    /// renewed once, and a clock that is off is still corrected once.
    #[must_use]
    pub fn single_attempt(self) -> Self {
        Self { single: true, ..self }
    }

    /// Tells whether failures are left to the caller.
    pub(crate) fn is_single(&self) -> bool {
        self.single
    }

    /// Fails when the call should have ended already.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.stop.is_cancelled() {
            return Err(interrupted("before the request was sent"));
        }
        match self.deadline {
            Some(deadline) if deadline <= Instant::now() => {
                Err(overdue("before the request was sent"))
            }
            _ => Ok(()),
        }
    }

    /// Sleeps, unless the call ends before.
    pub(crate) async fn pause(&self, time: Duration, doing: &str) -> Result<(), Error> {
        self.until(tokio::time::sleep(time), doing).await
    }

    /// Waits for a future, unless the call ends before.
    pub(crate) async fn until<F: Future>(
        &self,
        future: F,
        doing: &str,
    ) -> Result<F::Output, Error> {
        let deadline = async {
            match self.deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(interrupted(&format!("while {doing}"))),
            output = future => Ok(output),
            () = deadline => Err(overdue(&format!("while {doing}"))),
        }
    }

    /// Tells whether a pause would outlast the call.
    pub(crate) fn ends_within(&self, pause: Duration) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= Instant::now() + pause)
    }
}

fn interrupted(when: &str) -> Error {
    Error::new(ErrorKind::Interrupted, format!("the call was interrupted {when}"))
}

fn overdue(when: &str) -> Error {
    Error::new(ErrorKind::DeadlineExceeded, format!("the time for the operation ran out {when}"))
}
