//! Lists of what exists (protocol 6.10, Terraform 1.14).

use std::sync::Arc;

use tokio::sync::mpsc;
use tonic::Response;

use crate::plugin::convert::{decode, diagnostics};
use crate::plugin::proto::tfplugin6 as pb;
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::list::Listed;
use crate::tf::refresh::discover;
use crate::tf::resource::AnyResource;

use super::Service;
use super::settle::settle;
use super::stream::{Ended, Messages, streamed};

/// How many objects are listed where nobody sets a limit; Terraform does.
const NO_LIMIT: usize = usize::MAX;

/// The limit that Terraform sets where the list block says nothing. Whoever writes
/// another one knows of it.
const TERRAFORMS_LIMIT: usize = 100;

impl Service {
    pub(super) async fn validate_list(
        &self,
        request: pb::validate_list_resource_config::Request,
    ) -> pb::validate_list_resource_config::Response {
        let validated = || {
            let list = self.list_resource(&request.type_name)?;
            let config = decode(request.config.as_ref(), list.schema().ty(), "a configuration")?;
            Ok::<_, Diagnostic>(list.validate(&config))
        };
        let found = validated().unwrap_or_else(Diagnostics::from);
        pb::validate_list_resource_config::Response { diagnostics: diagnostics(found) }
    }

    pub(super) fn list(
        &self,
        request: pb::list_resource::Request,
    ) -> Response<Messages<pb::list_resource::Event>> {
        let (service, cx) = (self.clone(), self.context(None));
        let kind = request.type_name.clone();
        let work = move |events| async move { service.listed(&cx, request, events).await };
        streamed("ListResource", kind, work, |Ended(diagnostic)| {
            let last = pb::list_resource::Event { diagnostic, ..Default::default() };
            (!last.diagnostic.is_empty()).then_some(last)
        })
    }

    /// Lists objects until there are enough.
    async fn listed(
        &self,
        cx: &Context,
        request: pb::list_resource::Request,
        events: mpsc::Sender<pb::list_resource::Event>,
    ) -> Result<(), Diagnostics> {
        let list = Arc::clone(self.list_resource(&request.type_name)?);
        let resource = Arc::clone(self.resource(&request.type_name)?);
        let config = decode(request.config.as_ref(), list.schema().ty(), "a configuration")?;
        let limit = usize::try_from(request.limit).ok().filter(|limit| *limit > 0);
        let limit = limit.unwrap_or(NO_LIMIT);
        let (sender, mut found) = mpsc::channel(1);
        let finding = list.list(cx, &config, sender);
        let telling = async move {
            for number in 1..=limit {
                let Some(object) = found.recv().await else { break };
                let mut event = event(resource.as_ref(), object, request.include_resource_object)?;
                // Terraform reads no further, so it has to be said with the last one.
                if number == limit && limit == TERRAFORMS_LIMIT && found.recv().await.is_some() {
                    event.diagnostic = diagnostics([more_than(limit, resource.as_ref())]);
                }
                if events.send(event).await.is_err() {
                    break;
                }
            }
            // The receiver goes with this: whoever finds learns that no more is wanted.
            Ok::<_, Diagnostics>(())
        };
        let (found, told) = tokio::join!(finding, telling);
        told.and(found)
    }
}

/// Terraform stops at its limit without a word.
fn more_than(limit: usize, resource: &dyn AnyResource) -> Diagnostic {
    let detail = format!(
        "Terraform asks for {limit} objects unless the list block says otherwise. There are more \
         of {}, which are not shown. To see them write limit = 1000, say, into the list block, or \
         narrow the list down in its config block.",
        resource.type_name()
    );
    Diagnostic::warning("There are more objects", detail)
}

fn event(
    resource: &dyn AnyResource,
    listed: Listed,
    is_object_wanted: bool,
) -> Result<pb::list_resource::Event, Diagnostic> {
    let settled = settle(resource, discover(resource.schema(), &listed.object))?;
    Ok(pb::list_resource::Event {
        identity: settled.identity,
        display_name: listed.display_name,
        resource_object: is_object_wanted.then_some(settled.state),
        ..Default::default()
    })
}
