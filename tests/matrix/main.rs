//! A fault at every call that the provider makes, and an interrupt at every
//! moment that counts: what is left of the pool, and what the next apply does.
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
mod table;

use faults::FAULTS;

/// Cases at one time: nearly all of a case is waiting.
const LANES: usize = 80;

/// Stories at one time: Terraform itself takes a processor.
const STORIES: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_of_a_call_loses_doubles_or_destroys_a_pool() {
    let cells = case::all(LANES).await;
    let documented = table::publish("faults", &table::of_faults(&cells));
    let wrong: Vec<String> = cells.iter().filter_map(expected::wrong).collect();
    assert!(wrong.is_empty(), "{} of {} cells:\n{}", wrong.len(), cells.len(), wrong.join("\n"));
    assert_eq!(cells.len(), 2 * FAULTS.len() * case::calls().len());
    assert_eq!(documented, Ok(()));
}

#[test]
fn no_end_of_a_run_loses_doubles_or_destroys_a_pool() {
    let told = interrupts::all(STORIES);
    let documented = table::publish("ends", &table::of_ends(&told));
    let wrong = expected::wrong_ends(&told);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(documented, Ok(()));
}

#[tokio::test]
async fn the_matrix_has_every_call_that_is_made() {
    case::covers_everything().await;
}
