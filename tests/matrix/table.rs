//! The cells as tables of the documentation.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::case::{Cell, Outcome};
use crate::faults::FAULTS;
use crate::interrupts::{ENDS, Left, MOMENTS, Next};
use crate::subject::{Operation, Subject};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/contributing/fault-matrix.md");

/// Names a page whose tables are replaced by the results.
const VARIABLE: &str = "MODELARTS_MATRIX_FILE";

/// Prints a part of the page, writes it where the environment says so, and
/// compares it with the documentation.
pub(crate) fn publish(part: &str, table: &str) -> Result<(), String> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    println!("{table}");
    let block = format!("<!-- {part} begin -->\n{table}\n<!-- {part} end -->");
    if let Some(file) = std::env::var_os(VARIABLE) {
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        replace(Path::new(&file), part, &block);
    }
    let page = std::fs::read_to_string(PAGE).unwrap_or_default();
    if page.contains(&block) {
        return Ok(());
    }
    Err(format!("{PAGE} shows other results; {VARIABLE}={PAGE} writes these into it"))
}

fn replace(file: &Path, part: &str, block: &str) {
    let old = std::fs::read_to_string(file).unwrap_or_default();
    let end = format!("<!-- {part} end -->");
    let places = old.find(&format!("<!-- {part} begin -->")).zip(old.find(&end));
    let new = match places {
        Some((from, to)) => format!("{}{block}{}", &old[..from], &old[to + end.len()..]),
        None => format!("{old}\n{block}\n"),
    };
    std::fs::write(file, new).expect("the page can be written");
}

/// One table per operation and way of the client: calls are columns, faults
/// are rows.
pub(crate) fn of_faults(subject: Subject, cells: &[Cell]) -> String {
    let mut text = String::new();
    for operation in subject.operations().iter().copied() {
        for repeats in [true, false] {
            let ours = |cell: &&Cell| cell.call.operation == operation && cell.repeats == repeats;
            let cells: Vec<&Cell> = cells.iter().filter(ours).collect();
            text.push_str(&section((subject, operation), repeats, &cells));
        }
    }
    text
}

fn section((subject, operation): (Subject, Operation), repeats: bool, cells: &[&Cell]) -> String {
    let calls: Vec<_> =
        subject.calls().into_iter().filter(|call| call.operation == operation).collect();
    let way = if repeats { "the fault comes once" } else { "the fault outlasts the repetitions" };
    let mut text = format!("\n### {}: {way}\n\n| fault |", subject.title(operation));
    for call in &calls {
        text.push_str(&format!(" {} |", call.name));
    }
    text.push_str(&format!("\n|---|{}\n", "---|".repeat(calls.len())));
    for fault in FAULTS {
        text.push_str(&format!("| {} |", fault.name));
        for call in &calls {
            let cell =
                cells.iter().find(|cell| cell.call == *call && cell.fault.name == fault.name);
            text.push_str(&format!(" {} |", cell.map(|cell| show(cell)).unwrap_or_default()));
        }
        text.push('\n');
    }
    text
}

fn show(cell: &Cell) -> String {
    let same = match cell.same {
        None => "",
        Some(true) => "=",
        Some(false) => "≠",
    };
    let known = match cell.known {
        [true, true] => "k",
        [false, true] => "(k)",
        [_, false] => "!",
    };
    let outcome = match &cell.outcome {
        Outcome::Through => "through",
        Outcome::Warned => "warned",
        Outcome::Failed => "failed",
        Outcome::Broken(_) => "broken",
    };
    format!("{outcome} {}{same} {known} {}", cell.objects, cell.destructive)
}

/// Moments are rows, ends are columns.
pub(crate) fn of_ends(told: &[Result<Left, String>]) -> String {
    let mut text = "\n| moment |".to_owned();
    for (_, name) in ENDS {
        text.push_str(&format!(" {name} |"));
    }
    text.push_str(&format!("\n|---|{}\n", "---|".repeat(ENDS.len())));
    for ((_, _, name), row) in MOMENTS.iter().zip(told.chunks(ENDS.len())) {
        let cells: Vec<String> = row.iter().map(show_end).collect();
        text.push_str(&format!("| {name} | {} |\n", cells.join(" | ")));
    }
    text
}

fn show_end(told: &Result<Left, String>) -> String {
    let Ok(left) = told else { return "broken".to_owned() };
    let next = match left.next {
        Next::Finishes => "finishes",
        Next::NamesImport => "names the import",
        Next::Either if left.objects == 0 => "finishes",
        Next::Either => "either",
    };
    let same = match (left.objects, left.same) {
        (0, _) => "",
        (_, true) => "=",
        (_, false) => "≠",
    };
    let known = if left.known { "k" } else { "(k)" };
    format!("{next} {}{same} {known} {}", left.objects, left.destructive)
}
