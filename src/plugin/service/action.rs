//! Actions (protocol 6.10, Terraform 1.14).

use std::sync::Arc;

use tokio::sync::mpsc;
use tonic::Response;

use crate::plugin::convert::{decode, diagnostics};
use crate::plugin::proto::tfplugin6 as pb;
use crate::plugin::proto::tfplugin6::invoke_action::Event;
use crate::plugin::proto::tfplugin6::invoke_action::event::{self, Completed, Type};
use crate::tf::action::Progress;
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};

use super::Service;
use super::stream::{Ended, Messages, streamed};

impl Service {
    pub(super) async fn validate_action(
        &self,
        request: pb::validate_action_config::Request,
    ) -> pb::validate_action_config::Response {
        let found = self.judged(&request.type_name, request.config.as_ref());
        pb::validate_action_config::Response { diagnostics: diagnostics(found) }
    }

    /// A plan of an action is a look at its configuration, in which more may be
    /// known by now.
    pub(super) async fn planned_action(
        &self,
        request: pb::plan_action::Request,
    ) -> pb::plan_action::Response {
        let found = self.judged(&request.action_type, request.config.as_ref());
        let cx = self.context(request.client_capabilities);
        let deferred = self.deferred(&cx).filter(|_| !found.has_errors());
        pb::plan_action::Response { diagnostics: diagnostics(found), deferred }
    }

    fn judged(&self, kind: &str, config: Option<&pb::DynamicValue>) -> Diagnostics {
        let judged = || {
            let action = self.action(kind)?;
            let config = decode(config, action.schema().ty(), "a configuration")?;
            Ok::<_, Diagnostic>(action.validate(&config))
        };
        judged().unwrap_or_else(Diagnostics::from)
    }

    pub(super) fn invoke(&self, request: pb::invoke_action::Request) -> Response<Messages<Event>> {
        let (service, cx) = (self.clone(), self.context(request.client_capabilities));
        let kind = request.action_type.clone();
        let work = move |events| async move { service.invoked(&cx, request, events).await };
        streamed("InvokeAction", kind, work, |Ended(diagnostics)| {
            Some(Event { r#type: Some(Type::Completed(Completed { diagnostics })) })
        })
    }

    async fn invoked(
        &self,
        cx: &Context,
        request: pb::invoke_action::Request,
        events: mpsc::Sender<Event>,
    ) -> Result<(), Diagnostics> {
        let action = Arc::clone(self.action(&request.action_type)?);
        let config = decode(request.config.as_ref(), action.schema().ty(), "a configuration")?;
        let found = action.validate(&config);
        if found.has_errors() {
            return Err(found);
        }
        let (sender, mut said) = mpsc::channel::<String>(1);
        let working = async {
            let progress = Progress::new(sender);
            action.invoke(cx, &config, &progress).await
        };
        let telling = async move {
            while let Some(message) = said.recv().await {
                let progress = Type::Progress(event::Progress { message });
                if events.send(Event { r#type: Some(progress) }).await.is_err() {
                    break;
                }
            }
        };
        tokio::join!(working, telling).0
    }
}
