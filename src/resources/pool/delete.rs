//! Deleting a pool.
//!
//! What is paid for in advance is unsubscribed instead: first the nodes, with
//! the last of which the pool goes by itself, otherwise the pool (API
//! reference, billing calls for prepaid pools).

use crate::modelarts::Pool;
use crate::resources::lifecycle::Watch;
use crate::resources::lifecycle::delete::{Refusal, Removal, ask_to_delete};
use crate::tf::diagnostics::Diagnostic;

use super::PoolResource;
use super::prepaid::{Progress, Subscriptions, UnsubscribeError};

impl Removal<PoolResource> for Subscriptions {
    async fn ask(
        &mut self,
        watch: &Watch<'_, PoolResource>,
        live: &Pool,
    ) -> Result<bool, Refusal<Pool>> {
        match self.end(watch, live).await {
            Ok(Progress::Ended) => Ok(true),
            Ok(Progress::Ending) => Ok(false),
            Ok(Progress::Nothing) => ask_to_delete(watch, live).await.map(|()| true),
            Err(UnsubscribeError::Call(error)) => Err(Refusal::Call(error)),
            Err(UnsubscribeError::Unfinished(ended)) => Err(Refusal::Unfinished(ended)),
            Err(UnsubscribeError::Billing(reasons)) => {
                Err(Refusal::Said(not_unsubscribed(live, &reasons).into()))
            }
        }
    }
}

fn not_unsubscribed(live: &Pool, reasons: &str) -> Diagnostic {
    let detail = format!(
        "The billing service did not end the subscription of pool {}: {reasons}.\n\nThe pool stays \
         in the state and is still paid for. Unsubscribe it in the billing console of the cloud, \
         or remove the cause, then run again.",
        live.metadata.name
    );
    Diagnostic::error("Pool could not be unsubscribed", detail)
}
