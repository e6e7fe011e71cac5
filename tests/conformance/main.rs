//! A provider that was made to use everything: each nesting of objects, each
//! kind of block and each behaviour of an attribute, in each other. What it
//! plans and returns keeps Terraform's rules, in process with many
//! configurations, and over the real protocol with a few.

#![cfg(unix)] // the harness talks over Unix sockets
// A failed expectation is how a test fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod configs;
mod everything;
mod service;

mod random;

// The harness of the protocol's suite starts this executable again by the name
// of a test in it, so the modules are called as there.
#[cfg(test)]
mod protocol {
    #[allow(dead_code)] // a part of it is needed here
    #[path = "../../protocol/certificate.rs"]
    mod certificate;
    #[allow(dead_code)]
    #[path = "../../protocol/host.rs"]
    mod host;
    mod peer;
    mod remote;
    mod saved;
    mod wire;
}
