//! How an apply goes about it; none of this reaches the service.

use std::time::Duration;

use crate::resources::lifecycle::OnTimeout;
use crate::resources::rules::time;

use super::super::schema::{CREATE_TIMEOUT, DELETE_TIMEOUT, PoolModel, Timeouts, UPDATE_TIMEOUT};

/// How far an apply waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitFor {
    /// All nodes, job types and drivers are ready.
    Ready,
    /// The phase is `Running`.
    Running,
    /// The service has taken the request.
    Accepted,
}

/// How far to wait, how long, and what running out of time means.
#[derive(Debug, Clone, Copy)]
pub struct WaitOptions {
    /// How far to wait.
    pub wait_for: WaitFor,
    /// What running out of time means.
    pub on_timeout: OnTimeout,
    /// Time for a create.
    pub create: Duration,
    /// Time for an update.
    pub update: Duration,
    /// Time for a delete.
    pub delete: Duration,
}

impl WaitOptions {
    /// Reads a plan or a state; what is absent has its default.
    pub fn of(model: &PoolModel) -> Self {
        let none = Timeouts::default();
        let timeouts = model.timeouts.known().unwrap_or(&none);
        Self {
            wait_for: match model.wait_for.text() {
                Some("running") => WaitFor::Running,
                Some("accepted") => WaitFor::Accepted,
                _ => WaitFor::Ready,
            },
            on_timeout: match model.on_timeout.text() {
                Some("fail") => OnTimeout::Fail,
                _ => OnTimeout::Keep,
            },
            create: time(&timeouts.create, CREATE_TIMEOUT),
            update: time(&timeouts.update, UPDATE_TIMEOUT),
            delete: time(&timeouts.delete, DELETE_TIMEOUT),
        }
    }
}
