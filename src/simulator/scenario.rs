//! What a scenario file may say; the module documentation of the simulator has an example.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

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
    /// Connecting a network.
    pub connection: Span,
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
            connection: Span::ms(60),
        }
    }
}

/// Says which operations end badly.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outcomes {
    /// Creations of pools end in phase CreationFailed.
    pub creation_failed: Option<Failure>,
    /// Growing ends in phase ScalingFailed, with the nodes there were before.
    pub scaling_failed: Option<Failure>,
    /// Enabling of job types ends in state EnableFailed.
    pub enable_failed: Option<Failure>,
    /// New nodes turn out abnormal.
    pub abnormal_nodes: Option<AbnormalNodes>,
    /// Creations of networks end in phase Abnormal.
    pub network_failed: Option<Failure>,
}

/// Describes an operation that ends badly.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The text that the service gives as the reason.
    pub message: String,
    /// How many operations fail before the others succeed; absent means all.
    #[serde(default)]
    pub times: Option<u32>,
    /// How many of the new nodes come up all the same (scaling only).
    #[serde(default)]
    pub nodes: u32,
}

/// Describes nodes that turn out abnormal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AbnormalNodes {
    /// How many of an operation's new nodes.
    pub count: u32,
    /// How long they stay abnormal; absent means for ever.
    #[serde(default = "never")]
    pub recover: Span,
    /// How many operations are hit; absent means all.
    #[serde(default)]
    pub times: Option<u32>,
}

fn never() -> Span {
    Span::Never
}

/// Says what answers look like.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// The order of list items and of the entries inside a pool.
    pub order: AnswerOrder,
    /// `status.resources.*` is one object where it has one entry (older tables of the API).
    pub resources_as_objects: bool,
    /// Fields that no reference knows are added on every level.
    pub unknown_fields: bool,
    /// Numbers come as strings.
    pub numbers_as_strings: bool,
    /// What the service may leave out is left out: period, auto.renew, driver update strategy.
    pub terse: bool,
    /// The label with the name of the order is there.
    pub order_names: bool,
    /// Entries are answered with nothing but flavor and count, as one edition of the API prints
    /// them.
    pub short_entries: bool,
    /// Volumes that nobody asked for are filled in.
    pub fill_volumes: bool,
    /// DELETE and node actions answer with an empty body.
    pub empty_bodies: bool,
    /// The largest page of paged lists.
    pub page_size: usize,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            order: AnswerOrder::AsIs,
            resources_as_objects: false,
            unknown_fields: false,
            numbers_as_strings: false,
            terse: false,
            order_names: true,
            short_entries: false,
            fill_volumes: false,
            empty_bodies: false,
            page_size: 500,
        }
    }
}

/// Says in which order lists are answered.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerOrder {
    /// As stored.
    #[default]
    AsIs,
    /// Back to front.
    Reversed,
    /// Differently for every answer; the number is the seed.
    Random(u64),
}

/// Says what the service demands beyond the documented rules.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Logical pools wait for an approval.
    pub approval: bool,
    /// The largest number of pools; absent means no limit.
    pub pool_quota: Option<usize>,
    /// The longest display name of a pool; clouds differ between 25 and 64.
    pub max_name_length: usize,
    /// A GET without a content type is refused, as some gateways do.
    pub content_type_on_get: bool,
    /// So many wrong signatures in a row lock an access key for five minutes; 0 means never.
    pub lock_after: u32,
    /// The status of answers that say a pool is busy; no reference states it.
    pub busy_status: u16,
    /// How long tokens and temporary keys are valid.
    pub token_lifetime: Span,
    /// Deleting a pool in phase Creating is refused as busy.
    pub creating_is_busy: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            approval: false,
            pool_quota: None,
            max_name_length: 64,
            content_type_on_get: false,
            lock_after: 5,
            busy_status: 409,
            token_lifetime: Span::ms(24 * 3600 * 1000),
            creating_is_busy: false,
        }
    }
}

/// Describes one thing that goes wrong on the way.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The requests it happens to.
    #[serde(default, rename = "match")]
    pub matches: Match,
    /// What happens.
    #[serde(rename = "do")]
    pub action: Action,
}

/// Picks the requests that a fault happens to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// The method; absent means any.
    pub method: Option<String>,
    /// The path without the query; `*` stands for anything inside a segment, `**` for anything.
    pub path: Option<String>,
    /// Which of the matching requests is the first to be hit, counted from 1; or `"every"`.
    pub nth: Nth,
    /// How many matching requests in a row are hit from there. Absent means one for a numbered
    /// `nth` and all for `"every"`.
    pub times: Option<u64>,
    /// The share of those requests that is hit, from 0 to 1; absent means all of them.
    pub probability: Option<f64>,
    /// The seed of the chance.
    pub seed: u64,
}

/// Says which of the matching requests is hit first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub enum Nth {
    /// All of them.
    #[default]
    Every,
    /// The one with this number, counted from 1.
    Number(u64),
}

impl TryFrom<serde_json::Value> for Nth {
    type Error = String;

    fn try_from(value: serde_json::Value) -> Result<Self, String> {
        if value == "every" {
            return Ok(Self::Every);
        }
        match value.as_u64() {
            Some(number) if number > 0 => Ok(Self::Number(number)),
            _ => Err(format!("{value} is neither \"every\" nor a number from 1")),
        }
    }
}

/// Says what happens to a request.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Another answer is given.
    Answer(Canned),
    /// The connection is closed before anything is done.
    Reset,
    /// The request is carried out and the connection closed without an answer.
    Lost,
    /// Nothing happens for a while.
    Hang(Hang),
    /// The request is carried out and half of the body is sent.
    Truncate,
    /// The answer comes later.
    Delay(Span),
    /// The request is carried out; the body comes in small pieces spread over this time.
    Drip(Span),
    /// The request is carried out; the answer's lists and numbers have other types.
    WrongTypes,
    /// A proxy's page is answered with status 502, and nothing is done.
    Html,
}

/// Describes an answer that takes the place of the real one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Canned {
    /// The HTTP status.
    pub status: u16,
    /// Further headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body: a string is sent as it is, anything else as JSON; absent means empty.
    #[serde(default)]
    pub body: Option<serde_json::Value>,
    /// The request is carried out before its answer is replaced.
    #[serde(default)]
    pub carried_out: bool,
}

/// Describes a silence.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hang {
    /// How long, in real time; `never` means until the connection ends.
    #[serde(rename = "for")]
    pub length: Span,
    /// Whether the request has been carried out by then.
    #[serde(default)]
    pub when: When,
    /// The connection is closed afterwards; otherwise the request takes its course.
    #[serde(default)]
    pub close: bool,
}

/// Says on which side of the work something happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Before the request is carried out.
    #[default]
    Before,
    /// After the request has been carried out.
    After,
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
        Ok(())
    }
}
