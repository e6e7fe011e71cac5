//! What every call from Terraform brings along.

use tokio_util::sync::CancellationToken;

/// What the Terraform or OpenTofu that called can do (protocol
/// `ClientCapabilities`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClientCapabilities {
    /// Answers may be deferred.
    pub deferral_allowed: bool,
    /// Write-only attributes are understood (Terraform 1.11 and later).
    pub write_only_attributes_allowed: bool,
}

/// The circumstances of one call.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// Cancelled when the user interrupts. Whoever waits, waits for this too
    /// and then answers at once with what is known.
    pub stop: CancellationToken,
    /// What the caller can do. All false when the call does not tell.
    pub capabilities: ClientCapabilities,
}
