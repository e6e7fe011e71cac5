//! The calls on nodes. One accepted request at most is ever sent of those that
//! do something: a lost answer is an error, because the work may be under way.

use serde::Serialize;
use serde_json::{Value, json};

use super::Node;
use crate::modelarts::answer::Answer;
use crate::modelarts::call::Call;
use crate::modelarts::client::Client;
use crate::modelarts::error::{Error, ErrorKind, Subject};
use crate::modelarts::job::JobId;
use crate::modelarts::paging::page;
use crate::modelarts::pool::PoolId;
use crate::modelarts::request::{Effect, Request, path};

/// The most nodes that one request drains.
pub const MOST_DRAINED: usize = 10;

/// What became of one node of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeResult {
    /// The node.
    pub name: String,
    /// Whether it is now as it was wanted.
    pub ok: bool,
}

wire! {
    "snake_case";

    struct Begun reading("jobId" as "job_id") {
        job_id: Option<String>,
    }

    struct Locked {
        nodes: Option<Vec<Value>>,
    }
}

impl Client {
    /// Lists all nodes of a pool.
    ///
    /// # Errors
    /// `NotFound` when the pool does not exist.
    pub async fn list_nodes(&self, call: &Call, pool: &PoolId) -> Result<Vec<Node>, Error> {
        let get = Request::new(Effect::Read, nodes(pool)?, |a| page(a, "NodeList", "items"));
        self.all_pages(call, get.about(Subject::Pool).query([("limit", Some("500"))])).await
    }

    /// Restarts nodes. Gives the job that does it, if the service names one:
    /// some editions answer with nothing but the names.
    ///
    /// # Errors
    /// `NotFound` when the pool or a node does not exist; `Ambiguous` when the
    /// nodes may be restarting: look before repeating.
    pub async fn reboot_nodes(
        &self,
        call: &Call,
        pool: &PoolId,
        names: &[String],
    ) -> Result<Option<JobId>, Error> {
        let body = json!({ "nodeNames": names });
        self.work(call, pool, ("batch-reboot", names), &body, begun).await
    }

    /// Sets nodes up anew, so many of them at a time. Without that number the
    /// request has no `rollingConfig`, which pools of plain virtual machines
    /// demand; elsewhere the service may refuse to do without.
    ///
    /// # Errors
    /// As [`reboot_nodes`](Self::reboot_nodes).
    pub async fn reset_nodes(
        &self,
        call: &Call,
        pool: &PoolId,
        names: &[String],
        max_unavailable: Option<u32>,
    ) -> Result<Option<JobId>, Error> {
        let mut body = json!({ "nodeNames": names });
        if let Some(most) = max_unavailable {
            body["rollingConfig"] =
                json!({ "strategy": "RollingByNumber", "maxUnavailable": most });
        }
        self.work(call, pool, ("batch-reset", names), &body, begun).await
    }

    /// Locks nodes against deletion. Says of every node whether it is locked.
    ///
    /// # Errors
    /// As [`reboot_nodes`](Self::reboot_nodes).
    pub async fn lock_nodes(
        &self,
        call: &Call,
        pool: &PoolId,
        names: &[String],
    ) -> Result<Vec<NodeResult>, Error> {
        self.set_lock(call, pool, ("batch-lock", names)).await
    }

    /// Takes the lock against deletion off nodes. Says of every node whether it
    /// is unlocked.
    ///
    /// # Errors
    /// As [`reboot_nodes`](Self::reboot_nodes).
    pub async fn unlock_nodes(
        &self,
        call: &Call,
        pool: &PoolId,
        names: &[String],
    ) -> Result<Vec<NodeResult>, Error> {
        self.set_lock(call, pool, ("batch-unlock", names)).await
    }

    async fn set_lock(
        &self,
        call: &Call,
        pool: &PoolId,
        (action, names): (&str, &[String]),
    ) -> Result<Vec<NodeResult>, Error> {
        let body = json!({ "nodeNames": names, "actions": ["delete"] });
        let read = |answer: &Answer| results(answer, names);
        self.work(call, pool, (action, names), &body, read).await
    }

    /// Begins to drain nodes, [`MOST_DRAINED`] at the most. How far it is
    /// stands in the nodes: see [`Node::drain_state`].
    ///
    /// # Errors
    /// As [`reboot_nodes`](Self::reboot_nodes).
    pub async fn drain_nodes(
        &self,
        call: &Call,
        pool: &PoolId,
        names: &[String],
    ) -> Result<(), Error> {
        let body = json!({ "nodeNames": names });
        self.work(call, pool, ("batch-drain", names), &body, |_| Ok(())).await
    }

    async fn work<T: Send>(
        &self,
        call: &Call,
        pool: &PoolId,
        (action, names): (&str, &[String]),
        body: &impl Serialize,
        read: impl Fn(&Answer) -> Result<T, Error> + Send + Sync,
    ) -> Result<T, Error> {
        // Nobody says whether the service takes no names for all of them.
        if names.is_empty() {
            return Err(Error::new(ErrorKind::Invalid, "no nodes are named"));
        }
        let target = format!("{}/{action}", nodes(pool)?);
        let post = Request::new(Effect::Work, target, read).about(Subject::Pool).json(body);
        self.send(call, &post).await
    }
}

fn nodes(pool: &PoolId) -> Result<String, Error> {
    Ok(format!("{}/nodes", path("/v2/{project_id}/pools", pool.as_str())?))
}

/// Reads which job does the work, if any is named.
fn begun(answer: &Answer) -> Result<Option<JobId>, Error> {
    if answer.is_empty() {
        return Ok(None);
    }
    let value: Value = answer.object()?;
    let begun = <Begun as crate::modelarts::lenient::Lenient>::read(value);
    let id = begun.and_then(|begun| begun.job_id).filter(|id| !id.is_empty());
    Ok(id.map(JobId::new))
}

/// Reads what became of each node: objects with a status, or the plain names of
/// those that went well. An answer that lists none complains of none.
fn results(answer: &Answer, names: &[String]) -> Result<Vec<NodeResult>, Error> {
    let listed = if answer.is_empty() { None } else { answer.object::<Locked>()?.nodes };
    let went_well = |name: &str| {
        let Some(listed) = &listed else { return true };
        let said = listed.iter().find_map(|node| match node {
            Value::String(plain) => (plain == name).then_some(true),
            node => (node.get("name")? == name).then(|| {
                let status = node.get("status").and_then(Value::as_str);
                status.is_none_or(|status| status.eq_ignore_ascii_case("success"))
            }),
        });
        said.unwrap_or(false)
    };
    Ok(names.iter().map(|name| NodeResult { name: name.clone(), ok: went_well(name) }).collect())
}
