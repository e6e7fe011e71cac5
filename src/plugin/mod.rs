//! How a provider becomes a process that Terraform drives.
pub mod proto;
