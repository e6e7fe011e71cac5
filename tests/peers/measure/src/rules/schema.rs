//! What a provider says about itself.

use std::sync::Arc;

use prost::Message;

use super::rules;
use crate::proto::tfplugin6 as pb;
use crate::session::{Checked, Session, Subject, client, ensure};
use crate::wire::attribute;
use pb::schema::nested_block::NestingMode;

type S = Arc<Subject>;

rules! {
    "16" "the schemas keep Terraform's rules for schemas" well_formed,
    "16" "every attribute and block has a description" described,
    "16" "the members of the nested list have descriptions and facts of their own" nested,
    "16" "each process gives the same schema, byte by byte" same_bytes,
    "17" "a process can do without the schema call (get_provider_schema_optional)" optional,
    "17" "it can take over objects of other types (move_resource_state)" moves,
    "18" "it works when nobody asked for the schema" unasked,
    "25" "an attribute can be write-only" write_only,
    "45" "GetResourceIdentitySchemas is answered" identities,
}

async fn well_formed(subject: S) -> Checked {
    let block = subject.resource_schema()?.block.clone().ok_or("no block")?;
    block_is_well_formed(&block, "")
}

fn block_is_well_formed(block: &pb::schema::Block, place: &str) -> Checked {
    for attribute in &block.attributes {
        attribute_is_well_formed(attribute, place)?;
    }
    for nested in &block.block_types {
        let name = format!("{place}{}", nested.type_name);
        let bounds = (nested.min_items, nested.max_items);
        let fits = match nested.nesting() {
            NestingMode::Single => bounds == (0, 0) || bounds.1 == 1,
            NestingMode::Group | NestingMode::Map => bounds == (0, 0),
            _ => bounds.0 <= bounds.1 || bounds.1 == 0,
        };
        ensure(fits, || format!("{name}: bounds {bounds:?}"))?;
        let inner = nested.block.as_ref().ok_or_else(|| format!("{name}: no block"))?;
        block_is_well_formed(inner, &format!("{name}."))?;
    }
    Ok(())
}

fn attribute_is_well_formed(attribute: &pb::schema::Attribute, place: &str) -> Checked {
    let name = format!("{place}{}", attribute.name);
    let modes = (attribute.required, attribute.optional, attribute.computed);
    let fits = matches!(modes, (true, false, false) | (false, true, _) | (false, false, true));
    ensure(fits, || format!("{name}: required, optional, computed are {modes:?}"))?;
    let both = !attribute.r#type.is_empty() && attribute.nested_type.is_some();
    ensure(!both, || format!("{name}: has a type and a nested type"))?;
    let either = !attribute.r#type.is_empty() || attribute.nested_type.is_some();
    ensure(either, || format!("{name}: has no type"))?;
    for inner in attribute.nested_type.iter().flat_map(|nested| &nested.attributes) {
        attribute_is_well_formed(inner, &format!("{name}."))?;
    }
    Ok(())
}

async fn described(subject: S) -> Checked {
    fn missing(block: &pb::schema::Block) -> Option<String> {
        let attributes = block.attributes.iter().map(|a| (&a.name, &a.description));
        let none = attributes.clone().find(|(_, description)| description.is_empty());
        let inner = block.block_types.iter().filter_map(|nested| nested.block.as_ref());
        none.map(|(name, _)| name.clone()).or_else(|| inner.filter_map(missing).next())
    }
    let block = subject.resource_schema()?.block.clone().ok_or("no block")?;
    ensure(!block.description.is_empty(), || "the resource has none".to_owned())?;
    missing(&block).map_or(Ok(()), |name| Err(format!("{name} has none").into()))
}

async fn nested(subject: S) -> Checked {
    subject.bucket("")?;
    let items = attribute(subject.resource_schema()?, "items").ok_or("no items")?;
    ensure(items.nested_type.is_some(), || "they are plain objects".to_owned())
}

async fn same_bytes(subject: S) -> Checked {
    let mut all = Vec::new();
    for _ in 0..3 {
        let session = Session::start(&subject).await?;
        let request = pb::get_provider_schema::Request {};
        let answer = client(&session.channel).get_provider_schema(request).await?;
        all.push(answer.into_inner().encode_to_vec());
    }
    ensure(all[0] == all[1] && all[1] == all[2], || "the order changes".to_owned())
}

fn capabilities(subject: &Subject) -> pb::ServerCapabilities {
    subject.schema.server_capabilities.unwrap_or_default()
}

async fn optional(subject: S) -> Checked {
    let can = capabilities(&subject).get_provider_schema_optional;
    ensure(can, || "Terraform must ask each process for the whole schema".to_owned())
}

async fn moves(subject: S) -> Checked {
    ensure(capabilities(&subject).move_resource_state, || "it cannot".to_owned())
}

async fn unasked(subject: S) -> Checked {
    Session::start(&subject).await?.calls.still_serves().await
}

async fn write_only(subject: S) -> Checked {
    fn any(attributes: &[pb::schema::Attribute]) -> bool {
        let inner = |a: &pb::schema::Attribute| a.nested_type.clone().unwrap_or_default();
        attributes.iter().any(|a| a.write_only || any(&inner(a).attributes))
    }
    let block = subject.resource_schema()?.block.clone().ok_or("no block")?;
    ensure(any(&block.attributes), || "secrets are kept in the state".to_owned())
}

async fn identities(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    let request = pb::get_resource_identity_schemas::Request {};
    session.calls.provider.clone().get_resource_identity_schemas(request).await?;
    Ok(())
}
