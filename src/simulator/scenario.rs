//! What a scenario file may say; the module documentation of the simulator has an example.

mod answers;
mod faults;
mod offer;
mod outcomes;

use std::path::Path;

use serde::Deserialize;

pub use self::{
    answers::{AnswerOrder, Answers, LeaveOut, RollingConfig, Rules, WhenOmitted, ZoneSums},
    faults::{Action, Canned, Fault, Hang, Match, Nth, Operation, Operations, When},
    offer::{Offer, OfferedWorkspace},
    outcomes::{AbnormalNodes, FailingNodes, Failure, Nodes, Outcomes},
};
use super::span::{Offset, Span};

/// Describes how the simulated cloud behaves; everything has a default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// How long transitions take.
    pub durations: Durations,
    /// How operations end.
    pub outcomes: Outcomes,
    /// What answers look like.
    pub answers: Answers,
    /// What the service demands beyond the documented rules.
    pub rules: Rules,
    /// What is on offer.
    pub offer: Offer,
    /// How far the gateway's clock is off, such as `20m` or `-20m`.
    pub clock_offset: Offset,
    /// What goes wrong on the way; the first fault that matches a request is the one that happens.
    pub faults: Vec<Fault>,
}

/// Says how long each transition takes, before division by the speed.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Durations {
    /// From acceptance until the work begins: phase absent, old state still shown.
    pub pickup: Span,
    /// Phase Creating.
    pub create: Span,
    /// From phase Running until the last node is available.
    pub nodes: Span,
    /// From phase Running, or from a patch, until job types are enabled or disabled.
    pub scope: Span,
    /// From phase Running, or from a patch, until the driver runs.
    pub driver: Span,
    /// Adding nodes.
    pub scale_out: Span,
    /// Removing nodes.
    pub scale_in: Span,
    /// Phase Deleting.
    pub delete: Span,
    /// From the end of the work until its order says so.
    pub order: Span,
    /// Moving a pool to another workspace.
    pub workspace_move: Span,
    /// Until an unpaid prepaid order is paid: by default never.
    pub payment: Span,
    /// Until a logical pool is approved, where `rules.approval` is on: by default never.
    pub approval: Span,
    /// Creating a network.
    pub network: Span,
    /// Deleting a network.
    pub network_delete: Span,
    /// From the end of a pool until its network is no longer in use.
    pub network_held: Span,
    /// Connecting a network.
    pub connection: Span,
    /// Disconnecting a network.
    pub disconnection: Span,
    /// Rebooting or resetting nodes: one round of them.
    pub node_job: Span,
    /// Draining nodes.
    pub node_drain: Span,
}

impl Default for Durations {
    fn default() -> Self {
        Self {
            pickup: Span::ms(40),
            create: Span::ms(200),
            nodes: Span::ms(60),
            scope: Span::ms(100),
            driver: Span::ms(120),
            scale_out: Span::ms(200),
            scale_in: Span::ms(150),
            delete: Span::ms(200),
            order: Span::ms(20),
            workspace_move: Span::ms(100),
            payment: Span::Never,
            approval: Span::Never,
            network: Span::ms(100),
            network_delete: Span::ms(60),
            network_held: Span::ms(0),
            connection: Span::ms(60),
            disconnection: Span::ms(40),
            node_job: Span::ms(100),
            node_drain: Span::ms(100),
        }
    }
}

/// Says why a scenario cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("cannot read the scenario {path}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The text is not a scenario.
    #[error("the scenario is not valid: {0}")]
    Format(#[from] serde_json::Error),
    /// A value is out of range.
    #[error("the scenario is not valid: {0}")]
    Value(String),
}

impl Scenario {
    /// Reads a scenario from JSON text.
    ///
    /// # Errors
    /// Unknown fields, wrong types and values out of range.
    pub fn from_json(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = serde_json::from_str(text)?;
        scenario.check()?;
        Ok(scenario)
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    /// A file that cannot be read, and everything that [`Scenario::from_json`] refuses.
    pub fn read(path: &Path) -> Result<Self, ScenarioError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ScenarioError::Read { path: path.display().to_string(), source })?;
        Self::from_json(&text)
    }

    fn check(&self) -> Result<(), ScenarioError> {
        let wrong = |text: String| Err(ScenarioError::Value(text));
        for fault in &self.faults {
            if let Some(share) = fault.matches.probability
                && !(0.0..=1.0).contains(&share)
            {
                return wrong(format!("probability {share} is not between 0 and 1"));
            }
            if let Action::Answer(canned) = &fault.action
                && !(200..=599).contains(&canned.status)
            {
                return wrong(format!("status {} is not between 200 and 599", canned.status));
            }
        }
        if !(400..=599).contains(&self.rules.busy_status) {
            return wrong("busy_status must be between 400 and 599".to_owned());
        }
        if self.answers.page_size == 0 {
            return wrong("page_size must be at least 1".to_owned());
        }
        let left_out = &self.answers.leave_out;
        let mut names = left_out.list.iter().chain(&left_out.show).chain(&left_out.change);
        if let Some(name) = names.find(|name| name.split('.').any(str::is_empty)) {
            return wrong(format!("{name:?} does not name anything that could be left out"));
        }
        Ok(())
    }
}
