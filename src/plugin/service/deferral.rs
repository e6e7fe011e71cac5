//! Answers that are put off to a later run (protocol 6.6).

use crate::plugin::proto::tfplugin6 as pb;
use crate::plugin::proto::tfplugin6::deferred::Reason;
use crate::tf::context::Context;

use super::Service;

impl Service {
    /// What to answer instead of asking the service while the provider's
    /// configuration is not known yet; nothing where that is known, or where the
    /// caller does not allow it.
    pub(super) fn deferred(&self, cx: &Context) -> Option<pb::Deferred> {
        let is_due = cx.capabilities.deferral_allowed && self.provider.is_unknown();
        is_due.then(|| pb::Deferred { reason: Reason::ProviderConfigUnknown.into() })
    }
}
