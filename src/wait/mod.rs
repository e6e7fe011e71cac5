//! One polling loop; conditions are values and the clock is an input.
//!
//! [`until`] asks until a condition holds, within a [`Deadline`] that a whole
//! operation shares. [`shared::SharedPoll`] lets any number of waits live on
//! one list call per tick. Time is Tokio's, so tests move it by hand.

mod deadline;
mod schedule;
pub mod shared;
mod until;

pub use deadline::Deadline;
pub use schedule::{Jitter, Schedule};
pub use shared::{Nudge, SharedPoll, Subscription};
pub use until::{Ended, Options, PollError, Progress, until};
