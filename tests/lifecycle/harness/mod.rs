//! Runs the built provider under real Terraform against a simulated cloud.

mod cloud;
mod json;
mod mirror;
mod secrets;
mod terraform;
mod workspace;

pub(crate) use cloud::{
    Cloud, DOMAIN, KEY, PASSWORD, PROJECT, REGION, SECRET, TemporaryKeys, USER, network_id,
};
pub(crate) use json::{Plan, State};
pub(crate) use mirror::with_go_provider;
pub(crate) use terraform::{Output, Running};
pub(crate) use workspace::{REQUIRED, Workspace, provider, provider_with, quoted};

use std::future::Future;
use std::sync::OnceLock;

use tokio::runtime::Runtime;

/// One runtime for the simulators and the child processes of all tests.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime starts")
    })
}

/// Waits for something asynchronous from a test.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    runtime().block_on(future)
}
