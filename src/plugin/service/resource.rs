//! Calls about managed resources that change nothing.

use serde_json::Value as Json;

use crate::plugin::convert::{attribute_path, bug, capabilities, decode, diagnostics, encode};
use crate::plugin::proto::tfplugin6 as pb;
use crate::tf::codec::json::{self, Mode};
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::keeper::{Keeper, Kept};
use crate::tf::private::Private;
use crate::tf::resource::{AnyResource, Import, MoveRequest, Outcome, PlanRequest, Planned};
use crate::tf::value::Value;
use crate::tf::{conform, oracle};

use super::call::Answer;
use super::settle::{PrivateData, Settled, settle};
use super::{Service, identity, write_only};

// === Validate ===

impl Service {
    pub(super) async fn validate_resource(
        &self,
        request: pb::validate_resource_config::Request,
    ) -> pb::validate_resource_config::Response {
        let validated = || {
            let resource = self.resource(&request.type_name)?;
            let schema = resource.schema();
            let config = decode(request.config.as_ref(), schema.ty(), "a configuration")?;
            let mut found = resource.validate(&config);
            let can = capabilities(request.client_capabilities);
            if !can.write_only_attributes_allowed {
                found.extend(write_only::refuse(&schema.attributes, &config));
            }
            Ok::<_, Diagnostic>(found)
        };
        let found = validated().unwrap_or_else(Diagnostics::from);
        pb::validate_resource_config::Response { diagnostics: diagnostics(found) }
    }
}

// === Upgrade ===

impl Service {
    pub(super) fn upgrade_resource(
        &self,
        request: pb::upgrade_resource_state::Request,
    ) -> pb::upgrade_resource_state::Response {
        match self.upgraded(&request) {
            Ok(state) => pb::upgrade_resource_state::Response {
                upgraded_state: Some(state),
                ..Default::default()
            },
            Err(error) => Answer::refusal(error),
        }
    }

    /// The stored object in the shape of the present schema. Terraform asks
    /// also when the versions are equal; members that are no longer known or
    /// not yet stored then make no difference.
    fn upgraded(
        &self,
        request: &pb::upgrade_resource_state::Request,
    ) -> Result<pb::DynamicValue, Diagnostic> {
        let resource = self.resource(&request.type_name)?;
        let schema = resource.schema();
        let stored = stored_json(request.raw_state.as_ref())?;
        let decoded = if request.version == schema.version {
            // From the text itself: numbers stay exact.
            json::decode(stored, schema.ty(), Mode::Tolerant)
        } else {
            let stored = resource.upgrade(request.version, parsed(stored)?)?;
            json::from_json(&stored, schema.ty(), Mode::Tolerant)
        };
        let state = decoded.map_err(|error| {
            let detail = format!(
                "The stored state of this {} cannot be read: {error}. If the state was edited by \
                 hand, undo that; otherwise please report it.",
                request.type_name
            );
            Diagnostic::error("Unreadable state", detail).at(error.path.clone())
        })?;
        Ok(settle(resource.as_ref(), state)?.state)
    }
}

/// The stored object as JSON text.
fn stored_json(raw: Option<&pb::RawState>) -> Result<&[u8], Diagnostic> {
    match raw {
        Some(raw) if raw.json.is_empty() && !raw.flatmap.is_empty() => {
            let detail = "The state was written by a Terraform before 0.12, in a format that this \
                          provider never used. Import the object again.";
            Err(Diagnostic::error("Unreadable state", detail))
        }
        Some(raw) if !raw.json.is_empty() => Ok(&raw.json),
        _ => Ok(b"null"),
    }
}

fn parsed(stored: &[u8]) -> Result<Json, Diagnostic> {
    serde_json::from_slice(stored).map_err(|error| {
        let detail = format!("The stored state is not valid JSON: {error}.");
        Diagnostic::error("Unreadable state", detail)
    })
}

// === Read ===

/// The answer that leaves the object as last known.
pub(super) fn unchanged(request: &pb::read_resource::Request) -> pb::read_resource::Response {
    pb::read_resource::Response {
        new_state: request.current_state.clone(),
        private: request.private.clone(),
        new_identity: request.current_identity.clone(),
        ..Default::default()
    }
}

impl Service {
    pub(super) async fn read_resource_state(
        &self,
        request: pb::read_resource::Request,
    ) -> pb::read_resource::Response {
        let mut answer = unchanged(&request);
        let cx = self.context(request.client_capabilities);
        answer.deferred = self.deferred(&cx);
        if answer.deferred.is_some() {
            return answer;
        }
        match self.refreshed(&cx, request).await {
            Ok((settled, private, found)) => {
                // Null is an answer: the object is gone. With an error it is
                // none, and the object stays as last known.
                if !found.has_errors() {
                    answer.new_state = Some(settled.state);
                    answer.new_identity = settled.identity;
                }
                answer.private = private;
                answer.diagnostics = diagnostics(found);
            }
            Err(found) => answer.diagnostics = diagnostics(found),
        }
        answer
    }

    async fn refreshed(
        &self,
        cx: &Context,
        request: pb::read_resource::Request,
    ) -> Result<(Settled, Vec<u8>, Diagnostics), Diagnostics> {
        let resource = self.resource(&request.type_name)?.as_ref();
        let state = decode(request.current_state.as_ref(), resource.schema().ty(), "a state")?;
        let stored = identity::given(resource, request.current_identity.as_ref())?;
        identity::reached(resource, cx, &stored).await?;
        let private = PrivateData::new(request.private);
        let keeper = Keeper::new(state.clone(), private.read.clone());
        let ended = resource.read(cx, &state, &keeper).await;
        let Kept { state, private: now, warnings: mut found } = keeper.take();
        let another = identity::changed(resource, &stored, &state);
        let settled = settle(resource, state)?;
        match ended {
            Ok(()) if settled.had_unknowns => {
                let name = &request.type_name;
                found.push(bug(format!("It left values unknown after reading {name}.")));
            }
            Ok(()) => found.extend(another),
            Err(errors) => found.extend(errors),
        }
        Ok((settled, private.keep(&now), found))
    }
}

// === Plan ===

impl Service {
    pub(super) async fn plan_resource(
        &self,
        request: pb::plan_resource_change::Request,
    ) -> pb::plan_resource_change::Response {
        match self.planned(request).await {
            Ok(answer) => answer,
            Err(found) => pb::plan_resource_change::Response {
                diagnostics: diagnostics(found),
                ..Default::default()
            },
        }
    }

    async fn planned(
        &self,
        request: pb::plan_resource_change::Request,
    ) -> Result<pb::plan_resource_change::Response, Diagnostics> {
        let cx = self.context(request.client_capabilities);
        let resource = self.resource(&request.type_name)?;
        let schema = resource.schema();
        let ty = schema.ty();
        let prior = decode(request.prior_state.as_ref(), ty, "a prior state")?;
        let config = decode(request.config.as_ref(), ty, "a configuration")?;
        let private = PrivateData::new(request.prior_private);
        // A configuration is null exactly when a destroy is planned; Terraform's
        // own proposal is not needed for more.
        if config.is_null() {
            let found = resource.plan_destroy(&cx, &prior, &private.read).await;
            return Ok(pb::plan_resource_change::Response {
                planned_state: Some(encode(&Value::Null, ty, "a plan")?),
                planned_private: private.bytes(),
                planned_identity: request.prior_identity,
                deferred: self.deferred(&cx),
                diagnostics: diagnostics(found),
                ..Default::default()
            });
        }
        let asked = PlanRequest { prior, config, private: private.read.clone() };
        let mut planned = resource.plan(&cx, &asked).await;
        conform::null_write_only(schema, &mut planned.state);
        if planned.diagnostics.has_errors() {
            return Err(planned.diagnostics);
        }
        check_plan(resource.as_ref(), &asked, &planned)?;
        // A new object has an identity of its own, which nobody knows yet.
        let is_same = planned.requires_replace.is_empty() && !asked.prior.is_null();
        Ok(pb::plan_resource_change::Response {
            planned_identity: request.prior_identity.filter(|_| is_same),
            deferred: self.deferred(&cx),
            planned_state: Some(encode(&planned.state, ty, "a plan")?),
            requires_replace: planned.requires_replace.iter().map(attribute_path).collect(),
            planned_private: private.keep(&planned.private),
            diagnostics: diagnostics(planned.diagnostics),
            ..Default::default()
        })
    }
}

/// Finds out before Terraform does that a plan breaks the protocol's rules.
fn check_plan(
    resource: &dyn AnyResource,
    asked: &PlanRequest,
    planned: &Planned,
) -> Result<(), Diagnostics> {
    let PlanRequest { prior, config, .. } = asked;
    let name = resource.type_name();
    let schema = resource.schema();
    let rules = oracle::check_plan(schema, prior, config, &planned.state);
    let replaced = oracle::check_replacements(prior, &planned.state, &planned.requires_replace);
    let found: Diagnostics = rules
        .into_iter()
        .chain(replaced)
        .map(|wrong| bug(format!("Its plan for {name} is not valid: {wrong}.")).at(wrong.path))
        .collect();
    if found.has_errors() {
        return Err(planned.diagnostics.clone().into_iter().chain(found).collect());
    }
    Ok(())
}

// === Import and move ===

impl Service {
    pub(super) async fn import_resource(
        &self,
        request: pb::import_resource_state::Request,
    ) -> pb::import_resource_state::Response {
        let cx = self.context(request.client_capabilities);
        if let Some(deferred) = self.deferred(&cx) {
            return self.import_later(request, deferred).unwrap_or_else(Answer::refusal);
        }
        match self.imported(&cx, request).await {
            Ok((imported, found)) => pb::import_resource_state::Response {
                imported_resources: vec![imported],
                diagnostics: diagnostics(found),
                ..Default::default()
            },
            Err(found) => pb::import_resource_state::Response {
                diagnostics: diagnostics(found),
                ..Default::default()
            },
        }
    }

    /// An import of which nothing can be known yet.
    fn import_later(
        &self,
        request: pb::import_resource_state::Request,
        deferred: pb::Deferred,
    ) -> Result<pb::import_resource_state::Response, Diagnostic> {
        let ty = self.resource(&request.type_name)?.schema().ty();
        let imported = pb::import_resource_state::ImportedResource {
            type_name: request.type_name,
            state: Some(encode(&Value::UNKNOWN, ty, "an object")?),
            identity: request.identity,
            ..Default::default()
        };
        Ok(pb::import_resource_state::Response {
            imported_resources: vec![imported],
            deferred: Some(deferred),
            ..Default::default()
        })
    }

    async fn imported(
        &self,
        cx: &Context,
        request: pb::import_resource_state::Request,
    ) -> Result<(pb::import_resource_state::ImportedResource, Diagnostics), Diagnostics> {
        let resource = self.resource(&request.type_name)?.as_ref();
        let identity = identity::given(resource, request.identity.as_ref())?;
        identity::reached(resource, cx, &identity).await?;
        let what = match &identity {
            Value::Null => Import::Id(&request.id),
            identity => Import::Identity(identity),
        };
        let keeper = Keeper::default();
        let ended = resource.import(cx, what, &keeper).await;
        let (settled, private, found) = found_object(resource, ended, keeper.take(), "importing")?;
        let imported = pb::import_resource_state::ImportedResource {
            type_name: request.type_name,
            state: Some(settled.state),
            private: private.to_bytes(),
            identity: settled.identity,
        };
        Ok((imported, found))
    }

    pub(super) fn move_resource(
        &self,
        request: pb::move_resource_state::Request,
    ) -> pb::move_resource_state::Response {
        match self.moved(request) {
            Ok((settled, private, found)) => pb::move_resource_state::Response {
                target_state: Some(settled.state),
                target_private: private.to_bytes(),
                target_identity: settled.identity,
                diagnostics: diagnostics(found),
            },
            Err(found) => pb::move_resource_state::Response {
                diagnostics: diagnostics(found),
                ..Default::default()
            },
        }
    }

    fn moved(
        &self,
        request: pb::move_resource_state::Request,
    ) -> Result<(Settled, Private, Diagnostics), Diagnostics> {
        let resource = self.resource(&request.target_type_name)?;
        let asked = MoveRequest {
            source_state: parsed(stored_json(request.source_state.as_ref())?)?,
            source_provider: request.source_provider_address,
            source_type: request.source_type_name,
            source_version: request.source_schema_version,
            source_private: request.source_private,
        };
        let keeper = Keeper::default();
        let Some(moved) = resource.move_state(&asked, &keeper) else {
            let detail = format!(
                "{} cannot be moved to {}: this provider does not know the state of {} of the \
                 provider {}. Remove the object from the state and import it as {}.",
                asked.source_type,
                request.target_type_name,
                asked.source_type,
                asked.source_provider,
                request.target_type_name
            );
            return Err(Diagnostic::error("Unsupported move", detail).into());
        };
        found_object(resource.as_ref(), moved, keeper.take(), "moving")
    }
}

/// What an import or a move found; there must be something.
fn found_object(
    resource: &dyn AnyResource,
    ended: Outcome,
    kept: Kept,
    doing: &str,
) -> Result<(Settled, Private, Diagnostics), Diagnostics> {
    ended?;
    let Kept { state, private, warnings } = kept;
    let name = resource.type_name();
    if state.is_null() {
        return Err(
            bug(format!("It reported no error but found nothing when {doing} {name}.")).into()
        );
    }
    let settled = settle(resource, state)?;
    if settled.had_unknowns {
        return Err(bug(format!("It left values unknown when {doing} {name}.")).into());
    }
    Ok((settled, private, warnings))
}
