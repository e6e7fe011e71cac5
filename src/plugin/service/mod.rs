//! The calls of Terraform's provider protocol, answered by a [`Provider`].
//!
//! One method per call, each a line or two: the meaning is in the modules
//! below. No call ever fails as such (with a gRPC status), because that would
//! lose the state that only an answer carries.

mod action;
mod apply;
mod call;
mod catalogue;
mod data_source;
mod deferral;
mod function;
mod generate;
mod identity;
mod list;
mod not_offered;
mod provider;
mod resource;
mod settle;
mod stream;
mod write_only;

use std::sync::Arc;

use tonic::{Request, Response, Status, Streaming, async_trait};
use tracing::info;

use crate::plugin::convert::capabilities;
use crate::plugin::proto::tfplugin6 as pb;
use crate::plugin::proto::tfplugin6::provider_server::Provider as Calls;
use crate::plugin::shutdown::Lifetime;
use crate::tf::context::Context;
use crate::tf::provider::Provider;

use call::{Answer, answer};
use not_offered::One;
use stream::Messages;

type Outcome<T> = Result<Response<T>, Status>;

/// A provider that answers Terraform's calls.
#[derive(Clone)]
pub(crate) struct Service {
    provider: Arc<dyn Provider>,
    address: &'static str,
    lifetime: Arc<Lifetime>,
}

impl Service {
    /// The service for a provider; `address` names it in messages.
    pub(crate) fn new(
        provider: Arc<dyn Provider>,
        address: &'static str,
        lifetime: Arc<Lifetime>,
    ) -> Self {
        Self { provider, address, lifetime }
    }

    fn context(&self, client: Option<pb::ClientCapabilities>) -> Context {
        Context { stop: self.lifetime.stop.token(), capabilities: capabilities(client) }
    }
}

/// Carries out a call whose panic may be answered with an error alone.
async fn answered<A: Answer>(
    rpc: &'static str,
    kind: &str,
    work: impl Future<Output = A>,
) -> Outcome<A> {
    Ok(Response::new(answer(rpc, kind, A::default(), work).await))
}

#[async_trait]
impl Calls for Service {
    // === The provider itself ===

    async fn get_metadata(
        &self,
        _: Request<pb::get_metadata::Request>,
    ) -> Outcome<pb::get_metadata::Response> {
        answered("GetMetadata", "", async { self.metadata() }).await
    }

    async fn get_provider_schema(
        &self,
        _: Request<pb::get_provider_schema::Request>,
    ) -> Outcome<pb::get_provider_schema::Response> {
        answered("GetProviderSchema", "", async { self.schemas() }).await
    }

    async fn validate_provider_config(
        &self,
        request: Request<pb::validate_provider_config::Request>,
    ) -> Outcome<pb::validate_provider_config::Response> {
        answered("ValidateProviderConfig", "", self.validate(request.into_inner())).await
    }

    async fn configure_provider(
        &self,
        request: Request<pb::configure_provider::Request>,
    ) -> Outcome<pb::configure_provider::Response> {
        answered("ConfigureProvider", "", self.configure(request.into_inner())).await
    }

    /// Tells running work to come to an end, and does not wait for it: its
    /// calls are answered in their own time. Later calls are not affected.
    async fn stop_provider(
        &self,
        _: Request<pb::stop_provider::Request>,
    ) -> Outcome<pb::stop_provider::Response> {
        info!(provider = self.address, running = self.lifetime.work.len(), "asked to stop");
        self.lifetime.stop.stop();
        Ok(Response::new(pb::stop_provider::Response::default()))
    }

    // === Managed resources ===

    async fn validate_resource_config(
        &self,
        request: Request<pb::validate_resource_config::Request>,
    ) -> Outcome<pb::validate_resource_config::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        answered("ValidateResourceConfig", &kind, self.validate_resource(request)).await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<pb::upgrade_resource_state::Request>,
    ) -> Outcome<pb::upgrade_resource_state::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        answered("UpgradeResourceState", &kind, async { self.upgrade_resource(request) }).await
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<pb::get_resource_identity_schemas::Request>,
    ) -> Outcome<pb::get_resource_identity_schemas::Response> {
        answered("GetResourceIdentitySchemas", "", async { self.identity_schemas() }).await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<pb::upgrade_resource_identity::Request>,
    ) -> Outcome<pb::upgrade_resource_identity::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        answered("UpgradeResourceIdentity", &kind, async { self.upgrade_identity(&request) }).await
    }

    async fn read_resource(
        &self,
        request: Request<pb::read_resource::Request>,
    ) -> Outcome<pb::read_resource::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        let fallback = resource::unchanged(&request);
        let work = self.read_resource_state(request);
        Ok(Response::new(answer("ReadResource", &kind, fallback, work).await))
    }

    async fn plan_resource_change(
        &self,
        request: Request<pb::plan_resource_change::Request>,
    ) -> Outcome<pb::plan_resource_change::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        answered("PlanResourceChange", &kind, self.plan_resource(request)).await
    }

    async fn apply_resource_change(
        &self,
        request: Request<pb::apply_resource_change::Request>,
    ) -> Outcome<pb::apply_resource_change::Response> {
        Ok(Response::new(self.apply_to_the_end(request.into_inner()).await))
    }

    async fn import_resource_state(
        &self,
        request: Request<pb::import_resource_state::Request>,
    ) -> Outcome<pb::import_resource_state::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        answered("ImportResourceState", &kind, self.import_resource(request)).await
    }

    async fn move_resource_state(
        &self,
        request: Request<pb::move_resource_state::Request>,
    ) -> Outcome<pb::move_resource_state::Response> {
        let request = request.into_inner();
        let kind = request.target_type_name.clone();
        answered("MoveResourceState", &kind, async { self.move_resource(request) }).await
    }

    async fn generate_resource_config(
        &self,
        request: Request<pb::generate_resource_config::Request>,
    ) -> Outcome<pb::generate_resource_config::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        answered("GenerateResourceConfig", &kind, async { self.generated(&request) }).await
    }

    // === Data sources ===

    async fn validate_data_resource_config(
        &self,
        request: Request<pb::validate_data_resource_config::Request>,
    ) -> Outcome<pb::validate_data_resource_config::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        answered("ValidateDataResourceConfig", &kind, self.validate_data_source(request)).await
    }

    async fn read_data_source(
        &self,
        request: Request<pb::read_data_source::Request>,
    ) -> Outcome<pb::read_data_source::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        answered("ReadDataSource", &kind, self.read_data(request)).await
    }

    // === Functions ===

    async fn get_functions(
        &self,
        _: Request<pb::get_functions::Request>,
    ) -> Outcome<pb::get_functions::Response> {
        answered("GetFunctions", "", async { self.functions() }).await
    }

    async fn call_function(
        &self,
        request: Request<pb::call_function::Request>,
    ) -> Outcome<pb::call_function::Response> {
        let request = request.into_inner();
        let name = request.name.clone();
        answered("CallFunction", &name, async { self.call(&request) }).await
    }

    // === Ephemeral resources ===

    async fn validate_ephemeral_resource_config(
        &self,
        request: Request<pb::validate_ephemeral_resource_config::Request>,
    ) -> Outcome<pb::validate_ephemeral_resource_config::Response> {
        self.no_ephemeral("ValidateEphemeralResourceConfig", &request.get_ref().type_name).await
    }

    async fn open_ephemeral_resource(
        &self,
        request: Request<pb::open_ephemeral_resource::Request>,
    ) -> Outcome<pb::open_ephemeral_resource::Response> {
        self.no_ephemeral("OpenEphemeralResource", &request.get_ref().type_name).await
    }

    async fn renew_ephemeral_resource(
        &self,
        request: Request<pb::renew_ephemeral_resource::Request>,
    ) -> Outcome<pb::renew_ephemeral_resource::Response> {
        self.no_ephemeral("RenewEphemeralResource", &request.get_ref().type_name).await
    }

    async fn close_ephemeral_resource(
        &self,
        request: Request<pb::close_ephemeral_resource::Request>,
    ) -> Outcome<pb::close_ephemeral_resource::Response> {
        self.no_ephemeral("CloseEphemeralResource", &request.get_ref().type_name).await
    }

    // === Lists ===

    type ListResourceStream = Messages<pb::list_resource::Event>;

    async fn list_resource(
        &self,
        request: Request<pb::list_resource::Request>,
    ) -> Outcome<Self::ListResourceStream> {
        Ok(self.list(request.into_inner()))
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<pb::validate_list_resource_config::Request>,
    ) -> Outcome<pb::validate_list_resource_config::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        answered("ValidateListResourceConfig", &kind, self.validate_list(request)).await
    }

    // === State stores ===

    async fn validate_state_store_config(
        &self,
        request: Request<pb::validate_state_store::Request>,
    ) -> Outcome<pb::validate_state_store::Response> {
        self.no_store("ValidateStateStoreConfig", &request.get_ref().type_name).await
    }

    async fn configure_state_store(
        &self,
        request: Request<pb::configure_state_store::Request>,
    ) -> Outcome<pb::configure_state_store::Response> {
        self.no_store("ConfigureStateStore", &request.get_ref().type_name).await
    }

    type ReadStateBytesStream = One<pb::read_state_bytes::Response>;

    async fn read_state_bytes(
        &self,
        request: Request<pb::read_state_bytes::Request>,
    ) -> Outcome<Self::ReadStateBytesStream> {
        let answer = self.no_store("ReadStateBytes", &request.get_ref().type_name).await?;
        Ok(not_offered::one(answer.into_inner()))
    }

    async fn write_state_bytes(
        &self,
        request: Request<Streaming<pb::write_state_bytes::RequestChunk>>,
    ) -> Outcome<pb::write_state_bytes::Response> {
        let first = request.into_inner().message().await?.unwrap_or_default();
        let kind = first.meta.unwrap_or_default().type_name;
        self.no_store("WriteStateBytes", &kind).await
    }

    async fn lock_state(
        &self,
        request: Request<pb::lock_state::Request>,
    ) -> Outcome<pb::lock_state::Response> {
        self.no_store("LockState", &request.get_ref().type_name).await
    }

    async fn unlock_state(
        &self,
        request: Request<pb::unlock_state::Request>,
    ) -> Outcome<pb::unlock_state::Response> {
        self.no_store("UnlockState", &request.get_ref().type_name).await
    }

    async fn get_states(
        &self,
        request: Request<pb::get_states::Request>,
    ) -> Outcome<pb::get_states::Response> {
        self.no_store("GetStates", &request.get_ref().type_name).await
    }

    async fn delete_state(
        &self,
        request: Request<pb::delete_state::Request>,
    ) -> Outcome<pb::delete_state::Response> {
        self.no_store("DeleteState", &request.get_ref().type_name).await
    }

    // === Actions ===

    async fn plan_action(
        &self,
        request: Request<pb::plan_action::Request>,
    ) -> Outcome<pb::plan_action::Response> {
        let request = request.into_inner();
        let kind = request.action_type.clone();
        answered("PlanAction", &kind, self.planned_action(request)).await
    }

    type InvokeActionStream = Messages<pb::invoke_action::Event>;

    async fn invoke_action(
        &self,
        request: Request<pb::invoke_action::Request>,
    ) -> Outcome<Self::InvokeActionStream> {
        Ok(self.invoke(request.into_inner()))
    }

    async fn validate_action_config(
        &self,
        request: Request<pb::validate_action_config::Request>,
    ) -> Outcome<pb::validate_action_config::Response> {
        let request = request.into_inner();
        let kind = request.type_name.clone();
        answered("ValidateActionConfig", &kind, self.validate_action(request)).await
    }
}
