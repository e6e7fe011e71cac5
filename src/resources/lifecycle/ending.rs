//! Ends of an apply: what goes into the state and what the user reads.

use std::time::Duration;

use crate::modelarts::{Error, Object};
use crate::resources::errors;
use crate::tf::diagnostics::Diagnostic;
use crate::tf::resource::{Outcome, Saved};

use super::kind::Kind;
use super::waiting;
use super::watch::Unfinished;

/// Whether the object is new: an error then taints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A create.
    Create,
    /// An update.
    Update,
}

/// What running out of time means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnTimeout {
    /// The object is kept with a warning; the next apply waits on.
    Keep,
    /// It is an error.
    Fail,
}

/// Where an operation saves what it learns, and how it is to end.
pub struct Ending<'a, K: Kind> {
    /// The place.
    pub saved: &'a Saved<'a, K::Model>,
    /// What ends.
    pub operation: Operation,
    /// How long it may take.
    pub allowed: Duration,
    /// What running out of time means.
    pub on_timeout: OnTimeout,
}

impl<K: Kind> Ending<'_, K> {
    /// Saves an object that is not there yet, so that whatever happens next the
    /// state has it and the next apply waits on.
    pub fn save_waiting(&self, object: &K::Object) {
        let name = match self.operation {
            Operation::Create => "create",
            Operation::Update => "update",
        };
        let mark = |private: &mut _| waiting::set::<K>(private, name, object, self.allowed);
        self.saved.change_private(mark);
        self.saved.show_planned(&K::picture(object));
    }

    /// The plan has been carried out.
    pub fn done(&self, object: &K::Object) -> Outcome {
        self.saved.change_private(waiting::clear);
        self.saved.finish(&K::picture(object));
        Ok(())
    }

    /// Something failed after the service had taken part of the plan: the state
    /// says what is true.
    pub fn failed(&self, object: &K::Object, error: Diagnostic) -> Outcome {
        self.saved.show_planned(&K::picture(object));
        Err(error.into())
    }

    /// A wait ended early. `last` is the newest look at the object before the
    /// wait.
    pub fn unfinished(&self, ended: Unfinished<K::Object>, last: &K::Object) -> Outcome {
        match ended {
            Unfinished::Failed(object, reason) => {
                if !(K::ASKS_AGAIN && self.operation == Operation::Update) {
                    self.saved.change_private(waiting::clear);
                }
                self.failed(&object, broken::<K>(&object, self.operation, &reason))
            }
            Unfinished::Gone => self.failed(last, gone::<K>(last)),
            Unfinished::NeedsPerson(object, text) => {
                let what = K::person(&object, &text);
                let detail = format!("{}: {what} Then apply again.", describe::<K>(&object));
                self.keep(&object, &format!("{} waits for a person", K::TITLE), detail)
            }
            Unfinished::Interrupted(object, text) => {
                let object = object.as_deref().unwrap_or(last);
                let detail = pending_detail::<K>(object, &text, "The run was interrupted");
                self.keep(object, &format!("Interrupted while waiting for the {}", K::NOUN), detail)
            }
            Unfinished::TimedOut(object, text) => {
                let object = object.as_deref().unwrap_or(last);
                self.timed_out(object, pending_detail::<K>(object, &text, "Time ran out"))
            }
            Unfinished::Blind(error) => self.timed_out(last, blind_detail::<K>(last, &error)),
        }
    }

    fn timed_out(&self, object: &K::Object, detail: String) -> Outcome {
        let summary = format!("{} is not ready yet", K::TITLE);
        match self.on_timeout {
            OnTimeout::Keep => self.keep(object, &summary, detail),
            OnTimeout::Fail => {
                self.save_waiting(object);
                Err(Diagnostic::error(summary, detail).into())
            }
        }
    }

    /// Saves the object without an error, so that it is not tainted, and leaves
    /// a mark that makes the next plan finish the wait.
    fn keep(&self, object: &K::Object, summary: &str, detail: String) -> Outcome {
        self.save_waiting(object);
        self.saved.finish(&K::picture(object));
        let detail = format!(
            "{detail}\n\nThe {} is kept in the state. The next plan shows an update in place that \
             waits on; nothing is created or destroyed by it.",
            K::NOUN
        );
        self.saved.warn(Diagnostic::warning(summary, detail));
        Ok(())
    }
}

fn describe<K: Kind>(object: &K::Object) -> String {
    let name = object.display_name().unwrap_or("without a name");
    format!("{} {name} ({})", K::TITLE, object.id())
}

fn pending_detail<K: Kind>(object: &K::Object, missing: &str, what: &str) -> String {
    let mut text = format!("{what}. {} is {}", describe::<K>(object), K::standing(object));
    // Without what has just been said.
    let phase = format!("phase is {}", K::phase(object));
    let rest = missing.strip_prefix(&phase).unwrap_or(missing);
    let rest = rest.replacen(&K::counts(object), "", 1);
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

fn blind_detail<K: Kind>(last: &K::Object, error: &Error) -> String {
    let what = format!("The {} can no longer be looked at", K::NOUN);
    let detail = pending_detail::<K>(last, "", &what);
    format!("{detail}\n\n{error}\n\n{}", errors::advice(error))
}

fn broken<K: Kind>(object: &K::Object, operation: Operation, reason: &str) -> Diagnostic {
    let noun = K::NOUN;
    let (what, next) = match operation {
        Operation::Create => (
            "created",
            format!(
                "The failed {noun} is in the state, marked as tainted: the next apply replaces \
                 it. Remove the cause first. If the {noun} turns out to work after all, run \
                 `terraform untaint` on it."
            ),
        ),
        Operation::Update => ("changed", K::AFTER_A_FAILED_CHANGE.to_owned()),
    };
    let counts = K::counts(object);
    let stop = if reason.ends_with('.') { "" } else { "." };
    Diagnostic::error(
        format!("{} could not be {what}", K::TITLE),
        format!("{}{counts}: {reason}{stop}\n\n{next}", describe::<K>(object)),
    )
}

fn gone<K: Kind>(last: &K::Object) -> Diagnostic {
    let detail = format!(
        "{} was accepted, but the service no longer knows it. Run plan again: it will show \
         whether the {} exists.",
        describe::<K>(last),
        K::NOUN
    );
    Diagnostic::error(format!("{} disappeared", K::TITLE), detail)
}
