//! What every cell must be.

use crate::case::{Cell, Outcome};
use crate::faults::Fault;
use crate::interrupts::{Doing, ENDS, End, Left, MOMENTS, Moment, Next, is_chance};
use crate::subject::{Call, Operation, Subject};

/// What is wrong with a cell, if anything is.
pub(crate) fn wrong(cell: &Cell) -> Option<String> {
    let Cell { call, fault, repeats, .. } = cell;
    let outcome = outcome(call, fault, *repeats);
    let mut wrong = Vec::new();
    let mut check = |holds: bool, what: String| {
        if !holds {
            wrong.push(what);
        }
    };
    check(
        cell.objects == usize::from(!call.operation.destroys()),
        format!("{} objects", cell.objects),
    );
    check(cell.same != Some(false), "another object than before".to_owned());
    // A delete that failed may have been carried out; the next apply sees that.
    let may_lag = call.operation.destroys() && outcome == Outcome::Failed;
    check(cell.known[0] || may_lag, "the state does not know the object".to_owned());
    check(cell.known[1], "the state does not know the object after the next apply".to_owned());
    let destructive = destructive(call, fault, *repeats);
    check(cell.destructive == destructive, format!("{} destructive calls", cell.destructive));
    let messages = &cell.messages;
    check(
        cell.outcome == outcome,
        format!("{:?} instead of {outcome:?}: {messages:#?}", cell.outcome),
    );
    let way = if *repeats { "once" } else { "for good" };
    let name =
        format!("{}, {}, {}, {way}", call.subject.title(call.operation), call.name, fault.name);
    (!wrong.is_empty()).then(|| format!("{name}: {}", wrong.join("; ")))
}

/// A wait looks again after whatever happened to a look.
fn is_poll(call: &Call) -> bool {
    call.name.starts_with("poll")
}

/// Answers that say nothing about the work, which was not done.
fn is_undone(fault: &Fault) -> bool {
    let names = ["500", "502, a proxy's page", "reset before the work", "silence, no work, end"];
    names.contains(&fault.name)
}

fn outcome(call: &Call, fault: &Fault, repeats: bool) -> Outcome {
    use Operation::{Create, Delete, DeletePrepaid, Read, Update};
    let failed_if = |fails: bool| if fails { Outcome::Failed } else { Outcome::Through };
    match (fault.name, call.operation, call.name) {
        // All of the answer comes in the end.
        ("slow body", ..) => Outcome::Through,
        // A plan can do without it. Keys that have never been good are not tried
        // again, though.
        ("401", _, "plan: flavors") => Outcome::Failed,
        (_, _, "plan: flavors") => Outcome::Through,
        // What is paid by use can do without the list of nodes.
        (_, Delete, "nodes") => Outcome::Through,
        // One refusal during a wait may be a mistake of the service.
        ("401", ..) if is_poll(call) || call.name.ends_with(", gone") => Outcome::Through,
        // Refused credentials are never tried again.
        ("401", ..) => Outcome::Failed,
        // The request is never repeated when it may have been carried out, and
        // no object appears.
        (_, Create, "POST") if is_undone(fault) => Outcome::Failed,
        ("429" | "429, Retry-After", Create, "POST") => failed_if(!repeats),
        // Nothing is sent before these have been answered. Known for the GET of
        // updates and deletes.
        (_, Create, "list before") | (_, Read, _) => failed_if(!repeats),
        (_, Update | Delete | DeletePrepaid, "GET") => failed_if(!repeats),
        _ => Outcome::Through,
    }
}

/// Calls that the plan showed, and that were carried out.
fn destructive(call: &Call, fault: &Fault, repeats: bool) -> u64 {
    match (call.operation, call.name) {
        (Operation::Create | Operation::Read, _) => 0,
        // No network goes for its connections.
        (Operation::Update, _) if call.subject == Subject::Network => 0,
        // A repeated DELETE names the same object, which is on its way out.
        (Operation::Delete, "DELETE") if repeats => match fault.name {
            "504 after the work" | "lost after the work" | "silence after work, end" => 2,
            _ => 1,
        },
        _ => 1,
    }
}

/// What is wrong with the ends of runs.
pub(crate) fn wrong_ends(told: &[Result<Left, String>]) -> Vec<String> {
    let stories = MOMENTS.iter().flat_map(|moment| ENDS.iter().map(move |end| (moment, end)));
    let mut wrong = Vec::new();
    for (((doing, moment, name), (end, way)), told) in stories.zip(told) {
        let expected = left(*doing, *moment, *end);
        match told {
            Ok(left) if *left == expected => {}
            Ok(left) => wrong.push(format!("{name}, {way}: {left:?} instead of {expected:?}")),
            Err(why) => wrong.push(why.clone()),
        }
    }
    wrong
}

fn left(doing: Doing, moment: Moment, end: End) -> Left {
    let deletes = doing == Doing::Delete;
    let chance = is_chance(doing, moment, end);
    // Terraform writes down a new object when the provider has answered; after
    // a second Ctrl-C it does not wait for that.
    let lost = end != End::Interrupt;
    let known = !chance && (doing != Doing::Create || !lost);
    Left {
        objects: usize::from(!deletes),
        same: true,
        known,
        destructive: u64::from(deletes),
        next: match known {
            _ if chance => Next::Either,
            true => Next::Finishes,
            false => Next::NamesImport,
        },
    }
}
