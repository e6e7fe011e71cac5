//! Waiting, written once; conditions are values and the clock is an input.
//!
//! [`until`] looks until a condition holds, within a [`Deadline`] that a whole
//! operation shares. It takes its [`Looks`] from whoever makes them: a
//! [`Watcher`] watches what a [`Poller`] sees for any number of waits, and
//! [`Paced`] makes its own. [`SharedCall`] is one call for all who ask about the
//! same time. Time is Tokio's, so tests move it by hand.

mod deadline;
mod poller;
mod schedule;
mod shared_call;
mod until;

pub use deadline::Deadline;
pub use poller::{Failure, Poller, Source, Unseen, Watcher};
pub use shared_call::SharedCall;
pub use until::{Ended, Looks, Paced, PollError, Progress, WaitOptions, until};
