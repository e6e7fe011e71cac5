//! One piece of work: its turn, its requests, its wait and its end.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::modelarts::{Call, Error, ErrorKind, Pool, PoolId};
use crate::resources::errors;
use crate::resources::lifecycle::{OLD_VERDICT, Run, Tolerance};
use crate::resources::rules::{Place, allowed_time, time};
use crate::resources::session::{Connection, Session};
use crate::tf::action::Progress;
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::model::{Model, Set, Tf};
use crate::tf::resource::Outcome;
use crate::wait::{self, Deadline, Ended, Paced, PollError};

/// Time for an action where nothing is said.
const TIMEOUT: &str = "30m";

/// What all actions are told.
#[derive(Debug, Clone, Model)]
pub struct Told {
    /// ID of the pool.
    #[tf(required)]
    pub pool_id: Tf<String>,
    /// Whether to wait until it is done. Default `true`.
    #[tf(optional)]
    pub wait: Tf<bool>,
    /// How long it may take, such as `45m` or `1h30m`. Default `30m`.
    #[tf(optional)]
    pub timeout: Tf<String>,
}

impl Told {
    /// What is wrong with it.
    pub fn check(&self) -> Diagnostics {
        let mut found = Diagnostics::new();
        allowed_time(&self.timeout, &Place::of(Self::TIMEOUT), TIMEOUT, &mut found);
        if self.pool_id.text().is_some_and(|id| id.is_empty() || id.contains(['/', ' '])) {
            let detail = "pool_id is no ID of a pool. Use the attribute id of the pool.";
            Place::of(Self::POOL_ID).error("Invalid ID", detail.to_owned(), &mut found);
        }
        found
    }
}

/// What a look at the work shows.
pub enum Seen {
    /// All is done.
    Done,
    /// So far; the text ends a sentence.
    Pending(String),
    /// It failed; the text says what and what to do.
    Failed(String),
}

/// A piece of work on a pool, whose turn it is.
pub struct Work<'a> {
    /// The circumstances of all calls.
    pub run: Run<'a>,
    /// The pool.
    pub pool: PoolId,
    /// Whether the result is waited for.
    pub waits: bool,
    aim: Aim<'a>,
    progress: &'a Progress,
    allowed: String,
    said: Mutex<String>,
}

/// What is done, and with what, as in: reboot of node-1, node-2.
#[derive(Debug, Clone, Copy)]
pub struct Aim<'a> {
    /// Such as `reboot`.
    pub doing: &'a str,
    /// Names of nodes or job types.
    pub names: &'a [String],
    /// The data source that shows how far it is.
    pub shown_by: &'a str,
}

/// A part of the work, for which there is one request.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// What has been seen to before.
    pub before: &'a [String],
    /// What it is about.
    pub names: &'a [String],
    /// What nobody has asked for yet.
    pub after: &'a [String],
}

impl<'a> Step<'a> {
    /// All of the work.
    pub fn whole(names: &'a [String]) -> Self {
        Self { before: &[], names, after: &[] }
    }

    /// The work in steps of so many names, at least one.
    pub fn each(names: &'a [String], most: usize) -> impl Iterator<Item = Self> {
        let most = most.max(1);
        (0..names.len().div_ceil(most)).map(move |number| {
            let (before, rest) = names.split_at(number * most);
            let (names, after) = rest.split_at(most.min(rest.len()));
            Self { before, names, after }
        })
    }

    /// How many names there are in all.
    pub fn total(&self) -> usize {
        self.before.len() + self.names.len() + self.after.len()
    }

    /// What stands beside the step when it goes wrong.
    fn beside(&self) -> String {
        let mut text = String::new();
        for (names, what) in [(self.before, "Seen to before"), (self.after, "Not asked for")] {
            if !names.is_empty() {
                text.push_str(&format!(" {what}: {}.", listed(names)));
            }
        }
        text
    }
}

/// Waits for the turn of the pool and does the work. Where nothing is named there is
/// none: a trigger may look for nodes of which there are none today.
pub async fn carry_out<W>(
    session: &dyn Session,
    cx: &Context,
    told: &Told,
    aim: Aim<'_>,
    progress: &Progress,
    work: W,
) -> Outcome
where
    W: AsyncFnOnce(&Work<'_>) -> Outcome,
{
    if aim.names.is_empty() {
        progress.say("Nothing is named, so nothing is done").await;
        return Ok(());
    }
    let connection = session.connect(cx).await?;
    let allowed = told.timeout.text().unwrap_or(TIMEOUT).to_owned();
    let run = Run::new(&connection, cx, time(&told.timeout, TIMEOUT));
    let pool = PoolId::new(told.pool_id.text().unwrap_or_default());
    let waits = told.wait.known().copied().unwrap_or(true);
    let said = Mutex::default();
    let carried = Work { run, pool, waits, aim, progress, allowed, said };
    let turn = run.turn(connection.turns().of::<Pool>(&carried.pool)).await;
    let Ok(_turn) = turn else {
        let detail = format!(
            "Another change of pool {} was under way until the action was interrupted or ran out \
             of time. Nothing was asked for.",
            carried.pool
        );
        return Err(Diagnostic::error("The action did not begin", detail).into());
    };
    work(&carried).await
}

impl Work<'_> {
    /// The connection.
    pub fn connection(&self) -> &Connection {
        self.run.connection
    }

    /// The circumstances of a call.
    pub fn call(&self) -> Call {
        self.run.call()
    }

    /// Tells the user something that has not been told last.
    pub async fn say(&self, text: String) {
        let is_new = {
            let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *said, text.clone()) != text
        };
        if is_new {
            self.progress.say(text).await;
        }
    }

    /// What a step does, as in: reboot of node-1.
    pub fn what(&self, step: Step<'_>) -> String {
        format!("{} of {}", self.aim.doing, listed(step.names))
    }

    /// The request of a step was refused, or its answer was lost.
    pub fn refused(&self, error: &Error, step: Step<'_>) -> Diagnostic {
        let (pool, what, shown_by) = (&self.pool, self.what(step), self.aim.shown_by);
        let consequence = match error.kind() {
            ErrorKind::Ambiguous => format!(
                "Nobody knows whether the service has begun with the {what}, so the request was \
                 not repeated. Look at pool {pool} (data source {shown_by}, or the console) before \
                 asking again."
            ),
            _ => format!("The {what} was not begun."),
        };
        let consequence = format!("{consequence}{}", step.beside());
        errors::failed_call("The action failed", &consequence, error)
    }

    /// Looks until a step is done, and tells what it sees.
    ///
    /// # Errors
    /// It failed, time ran out, or the user interrupted: what is true then, and
    /// what to do.
    pub async fn wait<L, A>(&self, step: Step<'_>, look: L) -> Outcome
    where
        L: Fn() -> A + Send + Sync,
        A: Future<Output = Result<Seen, Error>> + Send,
    {
        let tolerance = Tolerance::default();
        let mut looks = Paced::new(|| async {
            let seen = tolerance.judge(look().await)?;
            if let Seen::Pending(text) = &seen {
                self.say(format!("{}: {text}", self.pool)).await;
            }
            Ok::<_, PollError<Error>>(seen)
        });
        let check = |seen: &Seen| match seen {
            Seen::Done => wait::Progress::Done,
            Seen::Pending(text) => wait::Progress::Pending(text.clone()),
            Seen::Failed(text) => wait::Progress::Failed(text.clone()),
        };
        let ended = wait::until(&mut looks, check, &self.run.options()).await;
        ended.map(drop).map_err(|ended| self.unfinished(step, ended).into())
    }

    fn unfinished(&self, step: Step<'_>, ended: Ended<Seen, Error>) -> Diagnostic {
        let (pool, what, beside) = (&self.pool, self.what(step), step.beside());
        let standing = |pending: Option<String>| {
            pending.map(|text| format!(" So far: {text}.")).unwrap_or_default()
        };
        let shown_by = self.aim.shown_by;
        let look = format!("See how it ends with the data source {shown_by}, or in the console.");
        match ended {
            Ended::Failed { reason, .. } => {
                Diagnostic::error("The action failed", format!("{reason}{beside}"))
            }
            Ended::TimedOut { pending, last_error, .. } => {
                let error = last_error.map(|e| format!(" The last look failed: {e}."));
                let detail = format!(
                    "The {what} in pool {pool} was not done after {}.{}{} The service goes on with \
                     it.{beside} {look} An action that needs longer gets it from timeout.",
                    self.allowed,
                    standing(pending),
                    error.unwrap_or_default()
                );
                Diagnostic::error("The action takes longer than it may", detail)
            }
            Ended::Interrupted { pending, .. } => {
                let detail = format!(
                    "The wait was interrupted.{} The service goes on with the {what} in pool \
                     {pool}.{beside} {look}",
                    standing(pending)
                );
                Diagnostic::error("Interrupted", detail)
            }
            Ended::Poll(error) => {
                let consequence = format!(
                    "The {what} in pool {pool} was asked for, but nobody could see how it went \
                     on.{beside}"
                );
                errors::failed_call("The action could not be watched", &consequence, &error)
            }
        }
    }
}

/// Verdicts that may be older than a request: what failed or was done before it shows
/// until the service begins anew.
pub struct Doubts {
    names: Mutex<BTreeSet<String>>,
    until: Deadline,
}

impl Doubts {
    /// These names had a verdict before the request, which goes out now.
    pub fn about(names: impl IntoIterator<Item = String>) -> Self {
        let names = Mutex::new(names.into_iter().collect());
        Self { names, until: Deadline::after(OLD_VERDICT) }
    }

    /// Says whether a verdict on this name is one on the request. `has_begun` when
    /// there is none at the moment: whatever comes from then on is new.
    pub fn are_over(&self, name: &str, has_begun: bool) -> bool {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if has_begun {
            names.remove(name);
        }
        !names.contains(name) || self.until.has_passed()
    }
}

/// The known texts of a set, in order.
pub fn texts(set: &Tf<Set<String>>) -> Vec<String> {
    let all = set.known().into_iter().flat_map(|set| set.iter());
    let sorted: BTreeSet<String> = all.filter_map(|item| item.text().map(str::to_owned)).collect();
    sorted.into_iter().collect()
}

/// Names in a sentence, not all of very many.
pub fn listed(names: &[String]) -> String {
    const MOST: usize = 20;
    let shown = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(MOST) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}
