//! A fault at every call that the provider makes, and an interrupt at every
//! moment that counts: what is left of the object, and what the next apply does.
//!
//! The results are a table, which the documentation holds too
//! (`docs/contributing/fault-matrix.md`).

#![cfg(unix)]
// the harness sends signals
// A failed expectation is how a test fails; the table goes to standard output.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

// Harnesses of other suites, of which a part is needed here.
#[allow(dead_code)]
#[path = "../protocol/certificate.rs"]
mod certificate;
#[allow(dead_code)]
#[path = "../protocol/host.rs"]
mod host;
#[allow(dead_code)]
#[path = "../protocol/core.rs"]
mod played;

#[allow(dead_code, unused_imports)]
#[path = "../lifecycle/harness/mod.rs"]
mod harness;
#[allow(dead_code)]
#[path = "../lifecycle/pools.rs"]
mod pools;

mod case;
mod expected;
mod faults;
mod interrupts;
mod subject;
mod table;

use faults::FAULTS;
use subject::Subject;

/// Cases at one time: nearly all of a case is waiting.
const LANES: usize = 80;

/// Stories at one time: Terraform itself takes a processor.
const STORIES: usize = 4;

async fn no_fault_of_a_call_hurts(subject: Subject) {
    let cells = case::all(subject, LANES).await;
    let documented = table::publish(&subject.part("faults"), &table::of_faults(subject, &cells));
    let wrong: Vec<String> = cells.iter().filter_map(expected::wrong).collect();
    assert!(wrong.is_empty(), "{} of {} cells:\n{}", wrong.len(), cells.len(), wrong.join("\n"));
    assert_eq!(cells.len(), 2 * FAULTS.len() * subject.calls().len());
    assert_eq!(documented, Ok(()));
}

fn no_end_of_a_run_hurts(subject: Subject) {
    let told = interrupts::all(subject, STORIES);
    let documented = table::publish(&subject.part("ends"), &table::of_ends(&told));
    let wrong = expected::wrong_ends(&told);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(documented, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_of_a_call_loses_doubles_or_destroys_a_pool() {
    no_fault_of_a_call_hurts(Subject::Pool).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_of_a_call_loses_doubles_or_destroys_a_network() {
    no_fault_of_a_call_hurts(Subject::Network).await;
}

#[test]
fn no_end_of_a_run_loses_doubles_or_destroys_a_pool() {
    no_end_of_a_run_hurts(Subject::Pool);
}

#[test]
fn no_end_of_a_run_loses_doubles_or_destroys_a_network() {
    no_end_of_a_run_hurts(Subject::Network);
}

#[tokio::test]
async fn the_matrix_has_every_call_that_is_made() {
    case::covers_everything(Subject::Pool).await;
    case::covers_everything(Subject::Network).await;
}
