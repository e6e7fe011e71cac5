//! The ModelArts API client; knows nothing of Terraform.
