//! Work on nodes: reboot, reset, lock, unlock and drain.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::modelarts::node::{DrainState, MOST_DRAINED, Node};
use crate::modelarts::{Error, ErrorKind, JobId, JobPhase};
use crate::resources::rules::Place;
use crate::resources::session::Session;
use crate::tf::action::{Action, Progress};
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::model::{Both, Model, Set, Tf};
use crate::tf::number::Number;
use crate::tf::resource::Outcome;

use super::work::{Aim, Doubts, Seen, Step, Told, Work, carry_out, listed, texts};

/// How long nodes may look well before a restart shows, where no job says how far
/// it is.
const NOT_BEGUN: Duration = Duration::from_secs(60);

/// Which nodes are worked on.
#[derive(Debug, Clone, Model)]
pub struct NodeNames {
    /// Names of the nodes, as the data source `modelarts_pool_nodes` shows them.
    /// Without any, nothing is done.
    #[tf(required)]
    pub node_names: Tf<Set<String>>,
}

/// How many nodes may be away at a time.
#[derive(Debug, Clone, Model)]
pub struct Rolling {
    /// How many of the nodes may be away at a time, at least 1. Default: all of
    /// them.
    #[tf(optional)]
    pub max_unavailable: Tf<Number>,
}

type Nodes = Both<Told, NodeNames>;
type RollingNodes = Both<Nodes, Rolling>;

/// The data source that shows what becomes of nodes.
const SHOWN_BY: &str = "modelarts_pool_nodes";

fn check(config: &Nodes) -> Diagnostics {
    let mut found = config.first.check();
    let place = Place::of(NodeNames::NODE_NAMES);
    for name in named(config) {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '/') {
            let detail = format!(
                "node_names holds {name:?}, which is no name of a node. Use the names that the \
                 data source {SHOWN_BY} shows."
            );
            place.error("Invalid node name", detail, &mut found);
        }
    }
    found
}

fn named(config: &Nodes) -> Vec<String> {
    texts(&config.second.node_names)
}

fn check_rolling(config: &RollingNodes) -> Diagnostics {
    let mut found = check(&config.first);
    if let Some(number) = config.second.max_unavailable.known()
        && number.as_i64().is_none_or(|number| number < 1)
    {
        let detail = format!("max_unavailable is {number}. Use a whole number, at least 1.");
        Place::of(Rolling::MAX_UNAVAILABLE).error("Invalid number", detail, &mut found);
    }
    found
}

/// How many of so many nodes may be away at a time.
fn at_a_time(config: &Rolling, all: usize) -> usize {
    let written = config.max_unavailable.known().and_then(Number::as_i64);
    let written = written.and_then(|number| usize::try_from(number).ok());
    written.unwrap_or(all).clamp(1, all.max(1))
}

/// The action `modelarts_reboot_nodes`.
pub struct Reboot(pub Arc<dyn Session>);

impl Action for Reboot {
    type Model = RollingNodes;
    const TYPE_NAME: &'static str = "modelarts_reboot_nodes";
    const DESCRIPTION: &'static str = "\
        Restarts nodes of a pool. What runs on them is stopped; drain them first where that \
        matters.";

    fn validate(&self, config: &RollingNodes) -> Diagnostics {
        let mut found = check_rolling(config);
        let away = &config.second.max_unavailable;
        if config.first.first.wait.known() == Some(&false) && !away.is_null() {
            let detail = "Nodes are restarted a few at a time by waiting for them. Set wait to \
                          true, or leave max_unavailable out."
                .to_owned();
            Place::of(Rolling::MAX_UNAVAILABLE).error("wait is needed", detail, &mut found);
        }
        found
    }

    async fn invoke(&self, cx: &Context, config: RollingNodes, progress: &Progress) -> Outcome {
        let names = named(&config.first);
        let some = at_a_time(&config.second, names.len());
        let aim = Aim { doing: "reboot", names: &names, shown_by: SHOWN_BY };
        carry_out(&*self.0, cx, &config.first.first, aim, progress, async |work| {
            for step in Step::each(&names, some) {
                let client = work.connection().client();
                let asked = client.reboot_nodes(&work.call(), &work.pool, step.names).await;
                let job = asked.map_err(|error| work.refused(&error, step))?;
                work.connection().note_change();
                let (from, to) = (step.before.len() + 1, step.before.len() + step.names.len());
                let all = step.total();
                let text = format!("{}: restarting nodes {from} to {to} of {all}", work.pool);
                work.say(text).await;
                if work.waits {
                    restarted(work, step, job).await?;
                }
            }
            Ok(())
        })
        .await
    }
}

/// The action `modelarts_reset_nodes`.
pub struct Reset(pub Arc<dyn Session>);

impl Action for Reset {
    type Model = RollingNodes;
    const TYPE_NAME: &'static str = "modelarts_reset_nodes";
    const DESCRIPTION: &'static str = "\
        Sets nodes of a pool up anew: their disks are wiped and the operating system is \
        installed again. What runs on them is stopped.";

    fn validate(&self, config: &RollingNodes) -> Diagnostics {
        check_rolling(config)
    }

    async fn invoke(&self, cx: &Context, config: RollingNodes, progress: &Progress) -> Outcome {
        let names = named(&config.first);
        let some = at_a_time(&config.second, names.len());
        let aim = Aim { doing: "reset", names: &names, shown_by: SHOWN_BY };
        carry_out(&*self.0, cx, &config.first.first, aim, progress, async |work| {
            let asked = reset(work, &names, some, !config.second.max_unavailable.is_null()).await;
            let step = Step::whole(&names);
            let job = asked.map_err(|error| work.refused(&error, step))?;
            work.connection().note_change();
            work.say(format!("{}: resetting {} nodes", work.pool, names.len())).await;
            if work.waits { restarted(work, step, job).await } else { Ok(()) }
        })
        .await
    }
}

/// Asks for a reset. Pools of plain machines refuse to be told how many nodes may be
/// away, others demand it (API reference, nodes): where the user says nothing of it,
/// a refusal, with which nothing has been begun, is answered by the other form.
async fn reset(
    work: &Work<'_>,
    names: &[String],
    at_a_time: usize,
    is_written: bool,
) -> Result<Option<JobId>, Error> {
    let client = work.connection().client();
    let away = u32::try_from(at_a_time).ok();
    match client.reset_nodes(&work.call(), &work.pool, names, away).await {
        Err(error) if error.kind() == ErrorKind::Invalid && !is_written => {
            let other = client.reset_nodes(&work.call(), &work.pool, names, None).await;
            match other {
                Err(again) if again.kind() == ErrorKind::Invalid => Err(error),
                other => other,
            }
        }
        asked => asked,
    }
}

/// Waits until the nodes of a step are back, by the job that sees to them where there
/// is one.
async fn restarted(work: &Work<'_>, step: Step<'_>, job: Option<JobId>) -> Outcome {
    let names = step.names;
    let asked = Instant::now();
    let gone = Mutex::new(BTreeSet::new());
    work.wait(step, || async {
        let there = nodes(work, names).await?;
        let away = missing(names, &there, Node::is_available);
        let job = match &job {
            Some(job) => match work.connection().client().get_job(&work.call(), job).await {
                Ok(job) => Some(job),
                // Not every cloud shows jobs: the nodes themselves tell as much.
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        // Back is who has been away.
        let (back, were_away) = {
            let mut gone = gone.lock().unwrap_or_else(PoisonError::into_inner);
            gone.extend(away.iter().cloned());
            (gone.len() - away.len(), !gone.is_empty())
        };
        let far = |phase: &str| {
            let done = step.before.len() + back;
            let (all, away) = (step.total(), away.len());
            Seen::Pending(format!("{done} of {all} nodes are back, {away} away{phase}"))
        };
        Ok(match job.map(|job| (job.phase, job.message)) {
            Some((JobPhase::Success, _)) if away.is_empty() => Seen::Done,
            Some((JobPhase::Failed(_), message)) => {
                Seen::Failed(failed(work, step, &away, message))
            }
            Some((JobPhase::Success, _)) => far(", the job is done"),
            Some((JobPhase::Running, _)) => far(", the job goes on"),
            None if away.is_empty() && (were_away || asked.elapsed() >= NOT_BEGUN) => Seen::Done,
            None => far(""),
        })
    })
    .await?;
    let done = step.before.len() + names.len();
    work.say(format!("{}: {done} of {} nodes are back", work.pool, step.total())).await;
    Ok(())
}

fn failed(work: &Work<'_>, step: Step<'_>, away: &[String], message: Option<String>) -> String {
    let reason = message.filter(|text| !text.is_empty());
    let reason = reason.map(|text| format!(": {text}")).unwrap_or_default();
    let nodes = if away.is_empty() {
        "All named nodes are available all the same.".to_owned()
    } else {
        format!("These nodes are not available: {}.", listed(away))
    };
    format!(
        "The service says that the {} in pool {} failed{reason}. {nodes} Look at them in the \
         console before running the action again.",
        work.what(step),
        work.pool
    )
}

/// The named nodes as they are now.
async fn nodes(work: &Work<'_>, names: &[String]) -> Result<Vec<Node>, Error> {
    let all = work.connection().client().list_nodes(&work.call(), &work.pool).await?;
    Ok(all.into_iter().filter(|node| names.contains(&node.metadata.name)).collect())
}

/// The names of the nodes that are not as they should be, or not there.
fn missing(names: &[String], nodes: &[Node], is_well: impl Fn(&Node) -> bool) -> Vec<String> {
    let well =
        |name: &&String| !nodes.iter().any(|node| node.metadata.name == **name && is_well(node));
    names.iter().filter(well).cloned().collect()
}

/// The action `modelarts_lock_nodes`.
pub struct Lock(pub Arc<dyn Session>);

impl Action for Lock {
    type Model = Nodes;
    const TYPE_NAME: &'static str = "modelarts_lock_nodes";
    const DESCRIPTION: &'static str =
        "Locks nodes of a pool, so that they cannot be deleted until they are unlocked.";

    fn validate(&self, config: &Nodes) -> Diagnostics {
        check(config)
    }

    async fn invoke(&self, cx: &Context, config: Nodes, progress: &Progress) -> Outcome {
        lock(&*self.0, cx, &config, progress, true).await
    }
}

/// The action `modelarts_unlock_nodes`.
pub struct Unlock(pub Arc<dyn Session>);

impl Action for Unlock {
    type Model = Nodes;
    const TYPE_NAME: &'static str = "modelarts_unlock_nodes";
    const DESCRIPTION: &'static str = "Unlocks nodes of a pool, so that they can be deleted.";

    fn validate(&self, config: &Nodes) -> Diagnostics {
        check(config)
    }

    async fn invoke(&self, cx: &Context, config: Nodes, progress: &Progress) -> Outcome {
        lock(&*self.0, cx, &config, progress, false).await
    }
}

async fn lock(
    session: &dyn Session,
    cx: &Context,
    config: &Nodes,
    progress: &Progress,
    is_locked: bool,
) -> Outcome {
    let names = named(config);
    let verb = if is_locked { "lock" } else { "unlock" };
    let doing = format!("{verb}ing");
    let aim = Aim { doing: &doing, names: &names, shown_by: SHOWN_BY };
    carry_out(session, cx, &config.first, aim, progress, async |work| {
        let client = work.connection().client();
        let asked = if is_locked {
            client.lock_nodes(&work.call(), &work.pool, &names).await
        } else {
            client.unlock_nodes(&work.call(), &work.pool, &names).await
        };
        let step = Step::whole(&names);
        let results = asked.map_err(|error| work.refused(&error, step))?.into_iter();
        let failed: Vec<String> = results.filter(|node| !node.ok).map(|node| node.name).collect();
        work.connection().note_change();
        work.say(format!("{}: asked to {verb} {} nodes", work.pool, names.len())).await;
        if !failed.is_empty() {
            let detail = format!(
                "The service did not {verb} {} of {} nodes of pool {}: {}. Look at them in the \
                 console, then run the action again for them.",
                failed.len(),
                names.len(),
                work.pool,
                listed(&failed)
            );
            return Err(Diagnostic::error("The action failed", detail).into());
        }
        if !work.waits {
            return Ok(());
        }
        work.wait(step, || async {
            let there = nodes(work, &names).await?;
            let open = missing(&names, &there, |node| node.is_locked() == is_locked);
            let done = names.len() - open.len();
            let text = format!("{done} of {} nodes are {verb}ed", names.len());
            Ok(if open.is_empty() { Seen::Done } else { Seen::Pending(text) })
        })
        .await
    })
    .await
}

/// The action `modelarts_drain_nodes`.
pub struct Drain(pub Arc<dyn Session>);

impl Action for Drain {
    type Model = Nodes;
    const TYPE_NAME: &'static str = "modelarts_drain_nodes";
    const DESCRIPTION: &'static str = "\
        Drains nodes of a pool: no new work is put on them, and what runs on them is moved \
        elsewhere.";

    fn validate(&self, config: &Nodes) -> Diagnostics {
        check(config)
    }

    async fn invoke(&self, cx: &Context, config: Nodes, progress: &Progress) -> Outcome {
        let names = named(&config);
        let aim = Aim { doing: "draining", names: &names, shown_by: SHOWN_BY };
        carry_out(&*self.0, cx, &config.first, aim, progress, async |work| {
            let before = nodes(work, &names).await;
            let before = before.map_err(|error| work.refused(&error, Step::whole(&names)))?;
            let told = before.into_iter().filter(has_verdict).map(|node| node.metadata.name);
            let doubts = Doubts::about(told);
            for step in Step::each(&names, MOST_DRAINED) {
                let client = work.connection().client();
                let answer = client.drain_nodes(&work.call(), &work.pool, step.names).await;
                answer.map_err(|error| work.refused(&error, step))?;
                work.connection().note_change();
                let (asked, all) = (step.before.len() + step.names.len(), step.total());
                work.say(format!("{}: asked to drain {asked} of {all} nodes", work.pool)).await;
            }
            if work.waits { drained(work, &names, &doubts).await } else { Ok(()) }
        })
        .await
    }
}

/// Whether a drain of the node has come to an end, good or bad.
fn has_verdict(node: &Node) -> bool {
    matches!(node.drain_state(), Some(DrainState::Drained | DrainState::Failed(_)))
}

async fn drained(work: &Work<'_>, names: &[String], doubts: &Doubts) -> Outcome {
    work.wait(Step::whole(names), || async {
        let mut there = nodes(work, names).await?;
        there.retain(|node| doubts.are_over(&node.metadata.name, !has_verdict(node)));
        let is_drained = |node: &Node| node.drain_state() == Some(DrainState::Drained);
        let has_failed = |node: &&Node| has_verdict(node) && !is_drained(node);
        let failed = there.iter().filter(has_failed).map(|node| node.metadata.name.clone());
        let failed: Vec<String> = failed.collect();
        if !failed.is_empty() {
            return Ok(Seen::Failed(format!(
                "These nodes of pool {} could not be drained: {}. Look at what runs on them in \
                 the console, then run the action again for them.",
                work.pool,
                listed(&failed)
            )));
        }
        let open = missing(names, &there, is_drained);
        let text = format!("{} of {} nodes are drained", names.len() - open.len(), names.len());
        Ok(if open.is_empty() { Seen::Done } else { Seen::Pending(text) })
    })
    .await
}
