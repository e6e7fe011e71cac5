//! ModelArts resource pools for Terraform and OpenTofu.

// Derived code names the crate as its users do.
extern crate self as terraform_provider_modelarts;

mod actions;
pub mod cli;
mod data_sources;
pub mod demo;
pub mod docs;
mod functions;
mod list_resources;
pub mod modelarts;
mod platform;
pub mod plugin;
pub mod provider;
pub mod resources;
pub mod simulator;
pub mod tf;
pub mod wait;
