//! The block in which users say how long operations may take.

use super::{Model, Tf};

/// How long operations may take.
#[derive(Debug, Clone, PartialEq, Eq, Model)]
pub struct Timeouts {
    /// How long creating may take, such as `45m` or `1h30m`.
    #[tf(optional, local)]
    pub create: Tf<String>,
    /// How long changing may take, such as `45m` or `1h30m`.
    #[tf(optional, local)]
    pub update: Tf<String>,
    /// How long deleting may take, such as `45m` or `1h30m`.
    #[tf(optional, local)]
    pub delete: Tf<String>,
}
