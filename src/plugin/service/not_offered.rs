//! Parts of the protocol that providers here do not have.
//!
//! Terraform asks for them only if the schema or the state says that they are
//! there, so a call means a mix-up of versions and deserves a clear text.

use futures_util::stream::{self, Once};
use std::future::{Ready, ready};
use tonic::{Response, Status};

use crate::plugin::convert::diagnostic;
use crate::plugin::proto::tfplugin6 as pb;
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

    pub(super) async fn no_list<A: Answer>(&self, rpc: &'static str, name: &str) -> Outcome<A> {
        self.lacking(rpc, "list resource", name).await
    }

    pub(super) async fn no_store<A: Answer>(&self, rpc: &'static str, name: &str) -> Outcome<A> {
        self.lacking(rpc, "state store", name).await
    }

    pub(super) async fn no_action<A: Answer>(&self, rpc: &'static str, name: &str) -> Outcome<A> {
        self.lacking(rpc, "action", name).await
    }

    pub(super) fn no_list_event(&self, name: &str) -> Response<One<pb::list_resource::Event>> {
        let error = diagnostic(self.lacks("list resource", name));
        one(pb::list_resource::Event { diagnostic: vec![error], ..Default::default() })
    }

    pub(super) fn no_action_event(&self, name: &str) -> Response<One<pb::invoke_action::Event>> {
        use pb::invoke_action::event::{Completed, Type};
        let error = diagnostic(self.lacks("action", name));
        let completed = Completed { diagnostics: vec![error] };
        one(pb::invoke_action::Event { r#type: Some(Type::Completed(completed)) })
    }
}
