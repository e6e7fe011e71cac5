//! Configuration that is generated for objects (protocol 6.10, Terraform 1.14).

use crate::plugin::convert::{bug, decode, encode};
use crate::plugin::proto::tfplugin6 as pb;

use super::Service;
use super::call::Answer;

impl Service {
    pub(super) fn generated(
        &self,
        request: &pb::generate_resource_config::Request,
    ) -> pb::generate_resource_config::Response {
        let generated = || {
            let resource = self.resource(&request.type_name)?;
            let ty = resource.schema().ty();
            let state = decode(request.state.as_ref(), ty, "a state")?;
            let config = resource.generate(&state).map_err(|error| {
                bug(format!("It made no configuration of a {}: {error}.", request.type_name))
            })?;
            encode(&config, ty, "a configuration")
        };
        match generated() {
            Ok(config) => pb::generate_resource_config::Response {
                config: Some(config),
                ..Default::default()
            },
            Err(error) => Answer::refusal(error),
        }
    }
}
