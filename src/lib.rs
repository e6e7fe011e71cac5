//! ModelArts resource pools for Terraform and OpenTofu.

pub mod modelarts;
pub mod simulator;
pub mod tf;
pub mod wait;
