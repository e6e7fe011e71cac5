//! Defaults, once: the schema prints them and the code uses them.

/// Kind of pool.
pub const TYPE: &str = "Dedicate";
/// How a pool is paid for.
pub const CHARGING_MODE: &str = "postPaid";
/// How far an apply waits.
pub const WAIT_FOR: &str = "ready";
/// What running out of time means.
pub const ON_TIMEOUT: &str = "keep";
/// Time for a create.
pub const CREATE_TIMEOUT: &str = "90m";
/// Time for an update.
pub const UPDATE_TIMEOUT: &str = "90m";
/// Time for a delete.
pub const DELETE_TIMEOUT: &str = "60m";
/// The workspace that every project has (API reference, list pools).
pub const WORKSPACE: &str = "0";
