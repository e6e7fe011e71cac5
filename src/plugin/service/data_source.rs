//! Calls about data sources.

use crate::plugin::convert::{bug, decode, diagnostics, encode};
use crate::plugin::proto::tfplugin6 as pb;
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::value::Value;

use super::Service;

impl Service {
    pub(super) async fn validate_data_source(
        &self,
        request: pb::validate_data_resource_config::Request,
    ) -> pb::validate_data_resource_config::Response {
        let validated = || {
            let source = self.data_source(&request.type_name)?;
            let config = decode(request.config.as_ref(), source.schema().ty(), "a configuration")?;
            Ok::<_, Diagnostic>(source.validate(&config))
        };
        let found = validated().unwrap_or_else(Diagnostics::from);
        pb::validate_data_resource_config::Response { diagnostics: diagnostics(found) }
    }

    pub(super) async fn read_data(
        &self,
        request: pb::read_data_source::Request,
    ) -> pb::read_data_source::Response {
        let cx = self.context(request.client_capabilities);
        let deferred = self.deferred(&cx);
        let read = match deferred {
            Some(_) => self.unknown_data(&request.type_name).map_err(Diagnostics::from),
            None => self.try_read_data(&cx, request).await,
        };
        match read {
            Ok(state) => pb::read_data_source::Response {
                state: Some(state),
                deferred,
                ..Default::default()
            },
            Err(found) => pb::read_data_source::Response {
                diagnostics: diagnostics(found),
                ..Default::default()
            },
        }
    }

    /// What is to be read in a later run.
    fn unknown_data(&self, name: &str) -> Result<pb::DynamicValue, Diagnostic> {
        encode(&Value::UNKNOWN, self.data_source(name)?.schema().ty(), "a result")
    }

    async fn try_read_data(
        &self,
        cx: &Context,
        request: pb::read_data_source::Request,
    ) -> Result<pb::DynamicValue, Diagnostics> {
        let source = self.data_source(&request.type_name)?;
        let ty = source.schema().ty();
        let config = decode(request.config.as_ref(), ty, "a configuration")?;
        let state = source.read(cx, &config).await?;
        if state.is_null() || !state.is_wholly_known() {
            return Err(bug("It found something but does not say what.".to_owned()).into());
        }
        Ok(encode(&state, ty, "a result")?)
    }
}
