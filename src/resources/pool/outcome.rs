//! Ends of an apply: what goes into the state and what the user reads.

use std::time::Duration;

use crate::modelarts::{Error, Pool};
use crate::resources::errors;
use crate::tf::diagnostics::Diagnostic;
use crate::tf::resource::{Outcome, Saved};

use super::private_data;
use super::schema::PoolModel;
use super::spec::{OnTimeout, WaitOptions, is_prepaid};
use super::state::picture;
use super::wait::Unfinished;
use super::wait::ready::{self, node_count, total};

/// Whether the object is new: an error then taints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A create.
    Create,
    /// An update.
    Update,
}

/// Where an operation saves what it learns, and how it is to end.
#[derive(Debug, Clone, Copy)]
pub struct Ending<'a> {
    /// The place.
    pub saved: &'a Saved<'a, PoolModel>,
    /// What ends.
    pub operation: Operation,
    /// What running out of time means, and how long it was.
    pub options: &'a WaitOptions,
}

impl Ending<'_> {
    /// Saves a pool that is not there yet, so that whatever happens next the
    /// state has it and the next apply waits on.
    pub fn save_waiting(&self, pool: &Pool) {
        let (name, allowed) = self.allowed();
        let waiting = |private: &mut _| private_data::set_waiting(private, name, pool, allowed);
        self.saved.change_private(waiting);
        self.saved.show_planned(&picture(pool));
    }

    fn allowed(&self) -> (&'static str, Duration) {
        match self.operation {
            Operation::Create => ("create", self.options.create),
            Operation::Update => ("update", self.options.update),
        }
    }

    /// The plan has been carried out.
    pub fn done(&self, pool: &Pool) -> Outcome {
        self.saved.change_private(private_data::clear_waiting);
        self.saved.finish(&picture(pool));
        Ok(())
    }

    /// Something failed after the service had taken part of the plan: the state
    /// says what is true.
    pub fn failed(&self, pool: &Pool, error: Diagnostic) -> Outcome {
        self.saved.show_planned(&picture(pool));
        Err(error.into())
    }

    /// A wait ended early. `last` is the newest look at the pool before the
    /// wait.
    pub fn unfinished(&self, ended: Unfinished, last: &Pool) -> Outcome {
        match ended {
            Unfinished::Failed(pool, reason) => {
                self.saved.change_private(private_data::clear_waiting);
                self.failed(&pool, broken(&pool, self.operation, &reason))
            }
            Unfinished::Gone => self.failed(last, gone(last)),
            Unfinished::NeedsPerson(pool, text) => {
                self.keep(&pool, "Pool waits for a person", person_detail(&pool, &text))
            }
            Unfinished::Interrupted(pool, text) => {
                let pool = pool.as_deref().unwrap_or(last);
                let detail = pending_detail(pool, &text, "The run was interrupted");
                self.keep(pool, "Interrupted while waiting for the pool", detail)
            }
            Unfinished::TimedOut(pool, text) => {
                let pool = pool.as_deref().unwrap_or(last);
                self.timed_out(pool, pending_detail(pool, &text, "Time ran out"))
            }
            Unfinished::Blind(error) => self.timed_out(last, blind_detail(last, &error)),
        }
    }

    fn timed_out(&self, pool: &Pool, detail: String) -> Outcome {
        let summary = "Pool is not ready yet";
        match self.options.on_timeout {
            OnTimeout::Keep => self.keep(pool, summary, detail),
            OnTimeout::Fail => {
                self.save_waiting(pool);
                Err(Diagnostic::error(summary, detail).into())
            }
        }
    }

    /// Saves the pool without an error, so that it is not tainted, and leaves a
    /// mark that makes the next plan finish the wait.
    fn keep(&self, pool: &Pool, summary: &str, detail: String) -> Outcome {
        self.save_waiting(pool);
        self.saved.finish(&picture(pool));
        let next = "\n\nThe pool is kept in the state. The next plan shows an update in place \
                    that waits on; nothing is created or destroyed by it.";
        self.saved.warn(Diagnostic::warning(summary, format!("{detail}{next}")));
        Ok(())
    }
}

fn describe(pool: &Pool) -> String {
    let name = pool.display_name().unwrap_or("without a name");
    format!("Pool {name} ({})", pool.metadata.name)
}

fn pending_detail(pool: &Pool, missing: &str, what: &str) -> String {
    let ready = total(&pool.status.resources.available);
    let mut text = format!(
        "{what}. {} is in phase {}, {ready} of {} nodes are ready",
        describe(pool),
        pool.phase(),
        node_count(pool),
    );
    // Without what has just been said.
    let phase = format!("phase is {}", pool.phase());
    let rest = missing.strip_prefix(&phase).unwrap_or(missing);
    let rest = rest.replacen(&ready::nodes(pool), "", 1);
    let rest = rest.trim_start_matches([':', ';', ' ']);
    if !rest.is_empty() {
        text.push_str("; ");
        text.push_str(rest);
    }
    if !text.ends_with('.') {
        text.push('.');
    }
    text
}

fn blind_detail(last: &Pool, error: &Error) -> String {
    let detail = pending_detail(last, "", "The pool can no longer be looked at");
    format!("{detail}\n\n{error}\n\n{}", errors::advice(error))
}

fn person_detail(pool: &Pool, text: &str) -> String {
    let what = if is_prepaid(pool) {
        "Somebody has to pay its order in the billing console of the cloud."
    } else {
        "Somebody has to approve the request (or pay the order) in the console of the cloud."
    };
    let order =
        pool.order_name().map(|order| format!(" The order is {order}.")).unwrap_or_default();
    format!("{}: {text}. {what}{order} Then apply again.", describe(pool))
}

fn broken(pool: &Pool, operation: Operation, reason: &str) -> Diagnostic {
    let (summary, next) = match operation {
        Operation::Create => (
            "Pool could not be created",
            "The failed pool is in the state, marked as tainted: the next apply replaces it. \
             Remove the cause first. If the pool turns out to work after all, run `terraform \
             untaint` on it.",
        ),
        Operation::Update => (
            "Pool could not be changed",
            "The state shows what the pool has now. Remove the cause and apply again; the pool \
             goes on working with the nodes that it has.",
        ),
    };
    let nodes = ready::nodes(pool);
    let stop = if reason.ends_with('.') { "" } else { "." };
    Diagnostic::error(summary, format!("{}{nodes}: {reason}{stop}\n\n{next}", describe(pool)))
}

fn gone(last: &Pool) -> Diagnostic {
    let detail = format!(
        "{} was accepted, but the service no longer knows it. Run plan again: it will show \
         whether the pool exists.",
        describe(last)
    );
    Diagnostic::error("Pool disappeared", detail)
}
