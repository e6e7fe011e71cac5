//! What goes wrong on the way to an answer.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::span::Span;

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
    /// The query as it is sent, without the question mark; with the same stars.
    pub query: Option<String>,
    /// What is asked for, one operation or a list of them; absent means anything.
    pub operation: Operations,
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

/// Is what a request asks for; the first five are about pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// The list of pools.
    List,
    /// One pool.
    Show,
    /// A new pool.
    Create,
    /// A change of a pool.
    Patch,
    /// The end of a pool.
    Delete,
    /// The nodes of a pool, one of them, or the nodes of one of its node pools.
    Nodes,
    /// Any work on nodes: `batch-...`.
    ChangeNodes,
    /// `batch-reboot`.
    RebootNodes,
    /// `batch-reset`.
    ResetNodes,
    /// `batch-lock`.
    LockNodes,
    /// `batch-unlock`.
    UnlockNodes,
    /// `batch-drain`.
    DrainNodes,
    /// A job.
    ShowJob,
    /// Another try to enable a job type.
    RetryScope,
    /// The list of networks.
    ListNetworks,
    /// One network.
    ShowNetwork,
    /// A new network.
    CreateNetwork,
    /// A change of a network.
    PatchNetwork,
    /// The end of a network.
    DeleteNetwork,
    /// Orders, one or all.
    Orders,
    /// What happened to a pool.
    Events,
    /// Resource flavors, one or all.
    Flavors,
    /// Workspaces, one or all.
    Workspaces,
    /// Tokens, temporary keys and looking up the project.
    Sign,
}

/// Holds the operations that a fault happens to; none means all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub struct Operations(pub Vec<Operation>);

impl TryFrom<serde_json::Value> for Operations {
    type Error = serde_json::Error;

    fn try_from(value: serde_json::Value) -> Result<Self, serde_json::Error> {
        match value {
            list @ serde_json::Value::Array(_) => serde_json::from_value(list).map(Self),
            one => serde_json::from_value(one).map(|one| Self(vec![one])),
        }
    }
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
