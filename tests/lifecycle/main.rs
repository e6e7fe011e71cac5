//! Promises to users, kept by the built provider under real Terraform against a
//! simulated cloud: one file per promise.

#![cfg(unix)] // the harness sends signals
// A failed expectation is how a test fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)] // the fault matrix uses the rest of it
mod harness;

mod availability;
mod bad_input;
mod create;
mod credentials;
mod data_offer;
mod data_sources;
mod deadlines;
mod deleted_behind;
mod drift;
mod examples;
mod faults;
mod go_provider;
mod import;
mod interrupt;
mod kinds;
mod lost_answer;
mod moved;
mod network_ends;
mod networks;
mod order;
mod plans;
mod pools;
mod prepaid;
mod restricted;
mod scale;
mod secrets;
mod timeout;
mod unknown;
