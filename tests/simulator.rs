//! The simulator as its users see it: over HTTP, with a signer of the tests' own.

// Helpers are not test functions, so the allowance for tests does not reach them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

#[path = "simulator/access.rs"]
mod access;
#[path = "simulator/client.rs"]
mod client;
#[path = "simulator/cloud.rs"]
mod cloud;
#[path = "simulator/command.rs"]
mod command;
#[path = "simulator/connections.rs"]
mod connections;
#[path = "simulator/faults.rs"]
mod faults;
#[path = "simulator/neighbours.rs"]
mod neighbours;
#[path = "simulator/networks.rs"]
mod networks;
#[path = "simulator/node_work.rs"]
mod node_work;
#[path = "simulator/odd_answers.rs"]
mod odd_answers;
#[path = "simulator/offer.rs"]
mod offer;
#[path = "simulator/patches.rs"]
mod patches;
#[path = "simulator/pools.rs"]
mod pools;
#[path = "simulator/requests.rs"]
mod requests;
#[path = "simulator/sharing.rs"]
mod sharing;
