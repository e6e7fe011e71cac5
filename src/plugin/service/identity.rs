//! What names objects for good (protocol 6.9, Terraform 1.12).
//!
//! An identity is derived from an object whenever one leaves an operation. Older
//! cores do not know that part of an answer and pass it over.

use crate::plugin::convert::{bug, decode, encode, identity_schema};
use crate::plugin::proto::tfplugin6 as pb;
use crate::tf::codec::json::{self, Mode};
use crate::tf::context::Context;
use crate::tf::diagnostics::Diagnostic;
use crate::tf::resource::{AnyResource, Outcome};
use crate::tf::schema::Schema;
use crate::tf::value::Value;

use super::Service;
use super::call::Answer;

impl Service {
    pub(super) fn identity_schemas(&self) -> pb::get_resource_identity_schemas::Response {
        let resources = self.provider.resources().iter();
        let schemas = resources.filter_map(|one| {
            Some((one.type_name().to_owned(), identity_schema(one.identity_schema()?)))
        });
        pb::get_resource_identity_schemas::Response {
            identity_schemas: schemas.collect(),
            ..Default::default()
        }
    }

    /// Brings a stored identity of another version to the present one. There is
    /// one version so far; members that it does not know make no difference.
    pub(super) fn upgrade_identity(
        &self,
        request: &pb::upgrade_resource_identity::Request,
    ) -> pb::upgrade_resource_identity::Response {
        match self.upgraded_identity(request) {
            Ok(identity) => pb::upgrade_resource_identity::Response {
                upgraded_identity: Some(identity),
                ..Default::default()
            },
            Err(error) => Answer::refusal(error),
        }
    }

    fn upgraded_identity(
        &self,
        request: &pb::upgrade_resource_identity::Request,
    ) -> Result<pb::ResourceIdentityData, Diagnostic> {
        let resource = self.resource(&request.type_name)?;
        let schema = schema_of(resource.as_ref())?;
        let stored = request.raw_identity.as_ref().map(|raw| &*raw.json).unwrap_or_default();
        let stored = if stored.is_empty() { b"null" } else { stored };
        let identity = json::decode(stored, schema.ty(), Mode::Tolerant).map_err(|error| {
            let detail = format!(
                "The stored identity of this {} cannot be read: {error}. Remove the object from \
                 the state and import it again.",
                request.type_name
            );
            Diagnostic::error("Unreadable identity", detail)
        })?;
        data(schema, &identity)
    }
}

fn schema_of(resource: &dyn AnyResource) -> Result<&Schema, Diagnostic> {
    resource.identity_schema().ok_or_else(|| {
        let detail = format!("{} has no identity. Import it by its id.", resource.type_name());
        Diagnostic::error("There is no identity", detail)
    })
}

fn data(schema: &Schema, identity: &Value) -> Result<pb::ResourceIdentityData, Diagnostic> {
    let identity_data = Some(encode(identity, schema.ty(), "an identity")?);
    Ok(pb::ResourceIdentityData { identity_data })
}

/// An identity that Terraform has sent; null where it has sent none.
///
/// # Errors
/// It cannot be read, or the resource has no identity.
pub(super) fn given(
    resource: &dyn AnyResource,
    sent: Option<&pb::ResourceIdentityData>,
) -> Result<Value, Diagnostic> {
    let Some(sent) = sent else { return Ok(Value::Null) };
    decode(sent.identity_data.as_ref(), schema_of(resource)?.ty(), "an identity")
}

/// The identity of an object for Terraform to keep; `None` where there is no
/// object, or no identity yet.
///
/// # Errors
/// It does not fit its schema, a mistake in this provider.
pub(super) fn of(
    resource: &dyn AnyResource,
    object: &Value,
) -> Result<Option<pb::ResourceIdentityData>, Diagnostic> {
    let Some(schema) = resource.identity_schema() else { return Ok(None) };
    if object.is_null() {
        return Ok(None);
    }
    let identity = resource.identity(object);
    let known = schema.attributes.iter().all(|member| {
        let value = identity.get(&member.name);
        value.is_wholly_known() && !(member.mode.is_required() && value.is_null())
    });
    if known { data(schema, &identity).map(Some) } else { Ok(None) }
}

/// Says whether the provider is the right one for the object of a stored identity.
///
/// # Errors
/// What the resource says to it.
pub(super) async fn reached(resource: &dyn AnyResource, cx: &Context, stored: &Value) -> Outcome {
    // An identity of which not all is known belongs to an object that is not there yet.
    if stored.is_null() || !stored.is_wholly_known() {
        return Ok(());
    }
    resource.reaches(cx, stored).await
}

/// What is wrong with an object that has another identity than before. Terraform
/// would not notice; what was not known before may be known now.
pub(super) fn changed(
    resource: &dyn AnyResource,
    stored: &Value,
    now: &Value,
) -> Option<Diagnostic> {
    if now.is_null() || stored.is_null() {
        return None;
    }
    let schema = resource.identity_schema()?;
    let identity = resource.identity(now);
    let differs = schema.attributes.iter().find(|member| {
        let (before, after) = (stored.get(&member.name), identity.get(&member.name));
        before.is_wholly_known() && !before.is_null() && before != after
    })?;
    let name = resource.type_name();
    Some(bug(format!("It answered with another {name}: the identity's {} differs.", differs.name)))
}
