//! Terraform's ideas as protocol messages, and back.

use crate::tf::codec;
use crate::tf::context::ClientCapabilities;
use crate::tf::diagnostics::{Diagnostic, Severity};
use crate::tf::function::{Parameter, Signature};
use crate::tf::path::{Path, Step};
use crate::tf::schema::{Attribute, Kind, Mode, Nesting, Schema};
use crate::tf::ty::Type;
use crate::tf::value::Value;

use super::proto::tfplugin6 as pb;

// === Values ===

/// Reads a value of the type `ty`. An absent one is null. `what` names it in
/// the message to the user.
///
/// # Errors
/// A message at the attribute that cannot be read.
pub(super) fn decode(
    value: Option<&pb::DynamicValue>,
    ty: &Type,
    what: &str,
) -> Result<Value, Diagnostic> {
    let Some(value) = value else { return Ok(Value::Null) };
    codec::decode_dynamic(&value.msgpack, &value.json, ty).map_err(|error| {
        let detail = format!(
            "Terraform sent {what} that this provider cannot read: {error}. Terraform and the \
             provider seem to disagree about the schema; if the versions are right, please \
             report this."
        );
        Diagnostic::error("Unreadable value from Terraform", detail).at(error.path.clone())
    })
}

/// Writes a value of the type `ty`.
///
/// # Errors
/// A message at the attribute that does not fit the type: a mistake in this
/// provider. `what` names the value in it.
pub(super) fn encode(value: &Value, ty: &Type, what: &str) -> Result<pb::DynamicValue, Diagnostic> {
    match codec::msgpack::encode(value, ty) {
        Ok(msgpack) => Ok(pb::DynamicValue { msgpack: msgpack.into(), ..Default::default() }),
        Err(error) => Err(bug(format!("It made {what} that does not fit its schema: {error}."))
            .at(error.path.clone())),
    }
}

/// A message about a mistake in this provider. `detail` says which.
pub(super) fn bug(detail: String) -> Diagnostic {
    let detail = format!("{detail} This is a bug in the provider; please report it.");
    Diagnostic::error("The provider made a mistake", detail)
}

// === Messages and places ===

pub(super) fn diagnostic(from: Diagnostic) -> pb::Diagnostic {
    let severity = match from.severity {
        Severity::Error => pb::diagnostic::Severity::Error,
        Severity::Warning => pb::diagnostic::Severity::Warning,
    };
    pb::Diagnostic {
        severity: severity.into(),
        summary: from.summary,
        detail: from.detail,
        // Terraform follows a path into the configuration no further than its
        // first step and then points at a wrong line; the text names the rest.
        attribute: from.path.and_then(|path| Some(attribute_path(&path.first()?))),
    }
}

pub(super) fn diagnostics(from: impl IntoIterator<Item = Diagnostic>) -> Vec<pb::Diagnostic> {
    from.into_iter().map(diagnostic).collect()
}

pub(super) fn attribute_path(path: &Path) -> pb::AttributePath {
    use pb::attribute_path::step::Selector;
    let steps = path.steps().iter().map(|step| {
        let selector = match step {
            Step::Attribute(name) => Selector::AttributeName(name.clone()),
            Step::Key(key) => Selector::ElementKeyString(key.clone()),
            Step::Index(index) => Selector::ElementKeyInt(*index),
        };
        pb::attribute_path::Step { selector: Some(selector) }
    });
    pb::AttributePath { steps: steps.collect() }
}

pub(super) fn capabilities(from: Option<pb::ClientCapabilities>) -> ClientCapabilities {
    let from = from.unwrap_or_default();
    ClientCapabilities {
        deferral_allowed: from.deferral_allowed,
        write_only_attributes_allowed: from.write_only_attributes_allowed,
    }
}

// === Schemas ===

pub(super) fn schema(from: &Schema) -> pb::Schema {
    let block = pb::schema::Block {
        description: from.description.clone(),
        deprecated: from.deprecation.is_some(),
        deprecation_message: from.deprecation.clone().unwrap_or_default(),
        ..block(&from.attributes)
    };
    pb::Schema { version: from.version, block: Some(block) }
}

fn block(members: &[Attribute]) -> pb::schema::Block {
    let attributes = members.iter().filter(|member| !member.is_block);
    let blocks = members.iter().filter(|member| member.is_block);
    pb::schema::Block {
        attributes: attributes.map(attribute).collect(),
        block_types: blocks.map(nested_block).collect(),
        description_kind: pb::StringKind::Markdown.into(),
        ..Default::default()
    }
}

fn nested_block(from: &Attribute) -> pb::schema::NestedBlock {
    use pb::schema::nested_block::NestingMode;
    let nesting = match from.nesting() {
        Some(Nesting::List) => NestingMode::List,
        Some(Nesting::Set) => NestingMode::Set,
        _ => NestingMode::Single,
    };
    let block = pb::schema::Block {
        description: from.description.clone(),
        deprecated: from.deprecation.is_some(),
        deprecation_message: from.deprecation.clone().unwrap_or_default(),
        ..block(from.members().unwrap_or_default())
    };
    pb::schema::NestedBlock {
        type_name: from.name.clone(),
        block: Some(block),
        nesting: nesting.into(),
        ..Default::default()
    }
}

fn attribute(from: &Attribute) -> pb::schema::Attribute {
    let (ty, nested) = kind(&from.kind);
    pb::schema::Attribute {
        name: from.name.clone(),
        r#type: ty,
        nested_type: nested,
        description: from.description.clone(),
        description_kind: pb::StringKind::Markdown.into(),
        required: from.mode == Mode::Required,
        optional: matches!(from.mode, Mode::Optional | Mode::OptionalComputed),
        computed: from.mode.is_computed(),
        sensitive: from.sensitive,
        write_only: from.write_only,
        deprecated: from.deprecation.is_some(),
        deprecation_message: from.deprecation.clone().unwrap_or_default(),
    }
}

/// A plain type's notation, or else the nested type.
fn kind(from: &Kind) -> (Vec<u8>, Option<pb::schema::Object>) {
    use pb::schema::object::NestingMode;
    let (nesting, members) = match from {
        Kind::Plain(ty) => return (notation(ty), None),
        Kind::Nested(nesting, members) => (nesting, members),
    };
    let nesting = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    let nested = pb::schema::Object {
        attributes: members.iter().map(attribute).collect(),
        nesting: nesting.into(),
        ..Default::default()
    };
    (Vec::new(), Some(nested))
}

fn notation(ty: &Type) -> Vec<u8> {
    ty.to_json().to_string().into_bytes()
}

/// The schema of a managed resource.
pub(super) fn resource_schema(from: &Schema) -> pb::Schema {
    let mut schema = schema(from);
    let attributes = schema.block.iter_mut().flat_map(|block| &mut block.attributes);
    attributes.filter_map(|attribute| attribute.nested_type.as_mut()).for_each(without_noise);
    schema
}

/// Lets members of objects that may be left out count as computed too. Otherwise
/// Terraform writes `name = null` for each of them into the configuration that it
/// generates. What a plan makes of them is for the behaviours of the schema to say, so
/// nothing else follows from it. Write-only members must never be computed.
fn without_noise(object: &mut pb::schema::Object) {
    for member in &mut object.attributes {
        member.computed |= member.optional && !member.write_only;
        if let Some(nested) = &mut member.nested_type {
            without_noise(nested);
        }
    }
}

pub(super) fn identity_schema(from: &Schema) -> pb::ResourceIdentitySchema {
    use pb::resource_identity_schema::IdentityAttribute;
    let attributes = from.attributes.iter().map(|member| IdentityAttribute {
        name: member.name.clone(),
        r#type: notation(&member.ty()),
        required_for_import: member.mode.is_required(),
        optional_for_import: !member.mode.is_required(),
        description: member.description.clone(),
    });
    pb::ResourceIdentitySchema { version: from.version, identity_attributes: attributes.collect() }
}

// === Functions ===

pub(super) fn function(from: &Signature) -> pb::Function {
    pb::Function {
        parameters: from.parameters.iter().map(parameter).collect(),
        variadic_parameter: from.variadic.as_ref().map(parameter),
        r#return: Some(pb::function::Return { r#type: notation(&from.returns) }),
        summary: from.summary.clone(),
        description: from.description.clone(),
        description_kind: pb::StringKind::Markdown.into(),
        ..Default::default()
    }
}

fn parameter(from: &Parameter) -> pb::function::Parameter {
    pb::function::Parameter {
        name: from.name.clone(),
        r#type: notation(&from.ty),
        allow_null_value: from.allow_null,
        allow_unknown_values: from.allow_unknown,
        description: from.description.clone(),
        description_kind: pb::StringKind::Markdown.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_has_either_a_type_or_a_nested_type() {
        let plain = attribute(&Attribute::string("a", Mode::OptionalComputed, "text"));
        assert!(plain.optional && plain.computed && !plain.required);
        assert!(plain.nested_type.is_none() && !plain.r#type.is_empty());
        let members = vec![Attribute::bool("b", Mode::Required, "")];
        let nested = attribute(&Attribute::nested("a", Nesting::List, members, Mode::Required, ""));
        assert!(nested.required && nested.r#type.is_empty());
        assert_eq!(nested.nested_type.unwrap().attributes[0].name, "b");
    }

    #[test]
    fn a_message_about_the_body_itself_has_no_place() {
        let rooted = Diagnostic::error("s", "d").at(Path::root());
        assert_eq!(diagnostic(rooted).attribute, None);
        let placed = Diagnostic::warning("s", "d").at(Path::of("a").index(1).key("k"));
        assert_eq!(diagnostic(placed).attribute.unwrap().steps.len(), 1);
    }
}
