//! The plugin protocol, spoken with real processes over real mutual TLS the
//! way Terraform speaks it.
//!
//! Two programs are driven: the product itself, and a peer: this very test
//! executable, started again to serve a provider made for the purpose (with
//! resources that panic, hang or answer nonsense when told to).

#![cfg(unix)] // the harness talks over Unix sockets and sends signals

#[cfg(test)]
mod protocol {
    mod actions;
    mod calls;
    mod certificate;
    mod changes;
    mod core;
    mod data_offer;
    mod deferral;
    mod handshake;
    mod host;
    mod identities;
    mod lifecycle;
    mod lists;
    mod lives;
    mod logs;
    mod network_plans;
    mod network_random;
    mod network_rules;
    mod peer;
    mod pool_attributes;
    mod pool_bodies;
    mod pool_found;
    mod pool_plans;
    mod pool_plans_absent;
    mod pool_plans_availability;
    mod pool_plans_create;
    mod pool_plans_found;
    mod pool_plans_rules;
    mod pool_plans_slow;
    mod pool_random;
    mod pool_states;
    mod transport;
}
