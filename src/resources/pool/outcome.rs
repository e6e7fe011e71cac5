//! Ends of an apply: what goes into the state and what the user reads.

use crate::modelarts::Pool;
use crate::resources::{errors, honour};
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::private::Private;
use crate::tf::resource::Applied;
use crate::tf::value::Value;

use super::marker;
use super::spec::{Manner, OnTimeout};
use super::state;
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

impl Operation {
    /// Remembers that the pool is not there yet.
    pub fn set_waiting(self, private: &mut Private, pool: &Pool, manner: &Manner) {
        let (name, allowed) = match self {
            Self::Create => ("create", manner.create),
            Self::Update => ("update", manner.update),
        };
        marker::set_waiting(private, name, pool, allowed);
    }
}

/// Nothing exists and nothing is remembered.
pub fn nothing(error: Diagnostic) -> Applied {
    Applied { state: Value::Null, private: Private::default(), diagnostics: error.into() }
}

/// The object stays as it is remembered.
pub fn unchanged(state: &Value, private: &Private, diagnostics: Diagnostics) -> Applied {
    Applied { state: state.clone(), private: private.clone(), diagnostics }
}

/// The plan has been carried out.
pub fn done(pool: &Pool, planned: &Value, mut private: Private) -> Applied {
    marker::clear_waiting(&mut private);
    marker::clear_imported(&mut private);
    let mut actual = state::from_api(pool, planned);
    let entries = state::aligned_resources(&pool.spec.resources, planned.get("resources"));
    actual.set_entry("resources", entries);
    let state = honour::plan(planned, &actual);
    Applied { state, private, diagnostics: Diagnostics::new() }
}

/// Something failed on the way: the state says what is true.
pub fn failed(pool: &Pool, planned: &Value, private: Private, error: Diagnostic) -> Applied {
    Applied { state: state::from_api(pool, planned), private, diagnostics: error.into() }
}

/// A wait ended early. `last` is the newest look at the pool before the wait.
pub fn unfinished(
    ended: Unfinished,
    operation: Operation,
    manner: &Manner,
    last: &Pool,
    planned: &Value,
    private: Private,
) -> Applied {
    match ended {
        Unfinished::Failed(pool, reason) => {
            let error = broken(&pool, operation, &reason);
            failed(&pool, planned, private, error)
        }
        Unfinished::Gone => gone(last, planned, private),
        Unfinished::NeedsPerson(pool, text) => {
            let detail = person_detail(&pool, &text);
            keep(&pool, operation, manner, planned, private, "Pool waits for a person", detail)
        }
        Unfinished::Interrupted(pool, text) => {
            let pool = pool.as_deref().unwrap_or(last);
            let detail = pending_detail(pool, &text, "The run was interrupted");
            keep(
                pool,
                operation,
                manner,
                planned,
                private,
                "Interrupted while waiting for the pool",
                detail,
            )
        }
        Unfinished::TimedOut(pool, text) => {
            let pool = pool.as_deref().unwrap_or(last);
            let detail = pending_detail(pool, &text, "Time ran out");
            timed_out(pool, operation, manner, planned, private, detail)
        }
        Unfinished::Blind(error) => {
            let text = error.to_string();
            let mut detail = pending_detail(last, "", "The pool can no longer be looked at");
            detail.push_str(&format!("\n\n{text}\n\n{}", errors::advice(&error)));
            timed_out(last, operation, manner, planned, private, detail)
        }
    }
}

fn timed_out(
    pool: &Pool,
    operation: Operation,
    manner: &Manner,
    planned: &Value,
    mut private: Private,
    detail: String,
) -> Applied {
    let summary = "Pool is not ready yet";
    match manner.on_timeout {
        OnTimeout::Keep => keep(pool, operation, manner, planned, private, summary, detail),
        OnTimeout::Fail => {
            operation.set_waiting(&mut private, pool, manner);
            failed(pool, planned, private, Diagnostic::error(summary, detail))
        }
    }
}

/// Saves the pool without an error, so that it is not tainted, and leaves a
/// mark that makes the next plan finish the wait.
fn keep(
    pool: &Pool,
    operation: Operation,
    manner: &Manner,
    planned: &Value,
    private: Private,
    summary: &str,
    detail: String,
) -> Applied {
    let mut applied = done(pool, planned, private);
    operation.set_waiting(&mut applied.private, pool, manner);
    let next = "\n\nThe pool is kept in the state. The next plan shows an update in place that \
                waits on; nothing is created or destroyed by it.";
    applied.diagnostics.push(Diagnostic::warning(summary, format!("{detail}{next}")));
    applied
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

fn person_detail(pool: &Pool, text: &str) -> String {
    let prepaid = pool.annotation(crate::modelarts::labels::BILLING_MODE) == Some("1");
    let what = if prepaid {
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

fn gone(last: &Pool, planned: &Value, private: Private) -> Applied {
    let detail = format!(
        "{} was accepted, but the service no longer knows it. Run plan again: it will show \
         whether the pool exists.",
        describe(last)
    );
    failed(last, planned, private, Diagnostic::error("Pool disappeared", detail))
}
