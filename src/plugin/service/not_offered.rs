//! Parts of the protocol that providers here do not have.
//!
//! Terraform asks for them only if the schema or the state says that they are
//! there, so a call means a mix-up of versions and deserves a clear text.

use futures_util::stream::{self, Once};
use std::future::{Ready, ready};
use tonic::{Response, Status};

use crate::tf::diagnostics::Diagnostic;

use super::call::Answer;
use super::{Outcome, Service, answered};

/// A stream of one message.
pub(super) type One<T> = Once<Ready<Result<T, Status>>>;

/// Answers with a stream of one message.
pub(super) fn one<T>(message: T) -> Response<One<T>> {
    Response::new(stream::once(ready(Ok(message))))
}

impl Service {
    /// Says that this provider has no `what` of this name.
    pub(super) fn lacks(&self, what: &str, name: &str) -> Diagnostic {
        let address = self.address;
        let detail = format!(
            "This version of the provider {address} has no {what} named {name:?}. Check the name \
             and the provider's version."
        );
        Diagnostic::error(format!("There is no such {what}"), detail)
    }

    async fn lacking<A: Answer>(&self, rpc: &'static str, what: &str, name: &str) -> Outcome<A> {
        answered(rpc, name, async { A::refusal(self.lacks(what, name)) }).await
    }

    pub(super) async fn no_ephemeral<A: Answer>(
        &self,
        rpc: &'static str,
        name: &str,
    ) -> Outcome<A> {
        self.lacking(rpc, "ephemeral resource", name).await
    }

    pub(super) async fn no_store<A: Answer>(&self, rpc: &'static str, name: &str) -> Outcome<A> {
        self.lacking(rpc, "state store", name).await
    }
}
