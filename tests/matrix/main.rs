//! A fault at every call that the provider makes, and an interrupt at every
//! moment that counts: what is left of the pool, and what the next apply does.
//!
//! The results are a table, which the documentation holds too
//! (`docs/contributing/fault-matrix.md`).

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

mod case;
mod expected;
mod faults;
mod table;

use faults::FAULTS;

/// Cases at one time: nearly all of a case is waiting.
const LANES: usize = 80;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_of_a_call_loses_doubles_or_destroys_a_pool() {
    let cells = case::all(LANES).await;
    let documented = table::publish("faults", &table::of_faults(&cells));
    let wrong: Vec<String> = cells.iter().filter_map(expected::wrong).collect();
    assert!(wrong.is_empty(), "{} of {} cells:\n{}", wrong.len(), cells.len(), wrong.join("\n"));
    assert_eq!(cells.len(), 2 * FAULTS.len() * case::calls().len());
    assert_eq!(documented, Ok(()));
}

#[tokio::test]
async fn the_matrix_has_every_call_that_is_made() {
    case::covers_everything().await;
}
