//! What the provider has to offer, and where to find it by name.

use std::sync::Arc;

use crate::plugin::convert::{function, resource_schema, schema};
use crate::plugin::proto::tfplugin6 as pb;
use crate::tf::action::AnyAction;
use crate::tf::data_source::AnyDataSource;
use crate::tf::diagnostics::Diagnostic;
use crate::tf::list::AnyListResource;
use crate::tf::resource::AnyResource;

use super::Service;

/// What this runtime can do for every provider.
const CAPABILITIES: pb::ServerCapabilities = pb::ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: true,
    generate_resource_config: true,
};

impl Service {
    pub(super) fn metadata(&self) -> pb::get_metadata::Response {
        use pb::get_metadata::{
            ActionMetadata, DataSourceMetadata, FunctionMetadata, ListResourceMetadata,
            ResourceMetadata,
        };
        let lists = self.provider.list_resources().iter();
        let actions = self.provider.actions().iter();
        let resources = self.provider.resources().iter();
        let data_sources = self.provider.data_sources().iter();
        let functions = self.provider.functions().iter();
        pb::get_metadata::Response {
            server_capabilities: Some(CAPABILITIES),
            resources: resources
                .map(|one| ResourceMetadata { type_name: one.type_name().to_owned() })
                .collect(),
            data_sources: data_sources
                .map(|one| DataSourceMetadata { type_name: one.type_name().to_owned() })
                .collect(),
            functions: functions
                .map(|one| FunctionMetadata { name: one.name().to_owned() })
                .collect(),
            list_resources: lists
                .map(|one| ListResourceMetadata { type_name: one.type_name().to_owned() })
                .collect(),
            actions: actions
                .map(|one| ActionMetadata { type_name: one.type_name().to_owned() })
                .collect(),
            ..Default::default()
        }
    }

    pub(super) fn schemas(&self) -> pb::get_provider_schema::Response {
        let resources = self.provider.resources().iter();
        let data_sources = self.provider.data_sources().iter();
        let lists = self.provider.list_resources().iter();
        let actions = self.provider.actions().iter();
        pb::get_provider_schema::Response {
            provider: Some(schema(self.provider.schema())),
            resource_schemas: resources
                .map(|one| (one.type_name().to_owned(), resource_schema(one.schema())))
                .collect(),
            data_source_schemas: data_sources
                .map(|one| (one.type_name().to_owned(), schema(one.schema())))
                .collect(),
            functions: self.functions().functions,
            list_resource_schemas: lists
                .map(|one| (one.type_name().to_owned(), schema(one.schema())))
                .collect(),
            action_schemas: actions
                .map(|one| (one.type_name().to_owned(), schema(one.schema())))
                .map(|(name, schema)| (name, pb::ActionSchema { schema: Some(schema) }))
                .collect(),
            server_capabilities: Some(CAPABILITIES),
            ..Default::default()
        }
    }

    pub(super) fn functions(&self) -> pb::get_functions::Response {
        let functions = self.provider.functions().iter();
        pb::get_functions::Response {
            functions: functions
                .map(|one| (one.name().to_owned(), function(one.signature())))
                .collect(),
            ..Default::default()
        }
    }

    /// Finds a resource by its type name.
    ///
    /// # Errors
    /// That there is none.
    pub(super) fn resource(&self, name: &str) -> Result<&Arc<dyn AnyResource>, Diagnostic> {
        let mut all = self.provider.resources().iter();
        all.find(|one| one.type_name() == name).ok_or_else(|| self.lacks("resource", name))
    }

    /// Finds a data source by its type name.
    ///
    /// # Errors
    /// That there is none.
    pub(super) fn data_source(&self, name: &str) -> Result<&Arc<dyn AnyDataSource>, Diagnostic> {
        let mut all = self.provider.data_sources().iter();
        all.find(|one| one.type_name() == name).ok_or_else(|| self.lacks("data source", name))
    }

    /// Finds a list resource by its type name.
    ///
    /// # Errors
    /// That there is none.
    pub(super) fn list_resource(
        &self,
        name: &str,
    ) -> Result<&Arc<dyn AnyListResource>, Diagnostic> {
        let mut all = self.provider.list_resources().iter();
        all.find(|one| one.type_name() == name).ok_or_else(|| self.lacks("list resource", name))
    }

    /// Finds an action by its type name.
    ///
    /// # Errors
    /// That there is none.
    pub(super) fn action(&self, name: &str) -> Result<&Arc<dyn AnyAction>, Diagnostic> {
        let mut all = self.provider.actions().iter();
        all.find(|one| one.type_name() == name).ok_or_else(|| self.lacks("action", name))
    }
}
