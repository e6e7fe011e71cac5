//! Calls about the provider block.

use crate::plugin::convert::{decode, diagnostics};
use crate::plugin::proto::tfplugin6 as pb;

use super::Service;
use super::call::Answer;

impl Service {
    pub(super) async fn validate(
        &self,
        request: pb::validate_provider_config::Request,
    ) -> pb::validate_provider_config::Response {
        let cx = self.context(None);
        let ty = self.provider.schema().ty();
        let config = match decode(request.config.as_ref(), ty, "a provider configuration") {
            Ok(config) => config,
            Err(error) => return Answer::refusal(error),
        };
        let found = self.provider.validate(&cx, &config).await;
        pb::validate_provider_config::Response { diagnostics: diagnostics(found) }
    }

    pub(super) async fn configure(
        &self,
        request: pb::configure_provider::Request,
    ) -> pb::configure_provider::Response {
        let cx = self.context(request.client_capabilities);
        let ty = self.provider.schema().ty();
        let config = match decode(request.config.as_ref(), ty, "a provider configuration") {
            Ok(config) => config,
            Err(error) => return Answer::refusal(error),
        };
        let found = self.provider.configure(&cx, &config, &request.terraform_version).await;
        pb::configure_provider::Response { diagnostics: diagnostics(found) }
    }
}
