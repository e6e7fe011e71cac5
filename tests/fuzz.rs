//! Parsers that meet foreign bytes, fed with seeds that have been tampered with.
//!
//! Each target begins with real inputs, changes them at random and looks
//! whether what must hold of any input still does. Three seconds per target by
//! default; `FUZZ_SECONDS` sets more and `FUZZ_SEED` repeats a run.

// Helpers are not test functions, so the allowance for tests does not reach them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

#[cfg(test)]
mod fuzz {
    mod bodies;
    mod harness;
    mod mutate;
    mod service;
    mod settings;
    mod simulator;
    mod values;
}
