//! Nulls where something must be.
//!
//! Terraform itself checks only the outermost attributes: it lets null pass for
//! a required attribute of a nested object, for an element of a collection and
//! for the value of a map.

use crate::tf::diagnostics::Diagnostics;
use crate::tf::schema::{Attribute, AttributeKind, Mode};
use crate::tf::value::Value;

use super::super::schema;
use super::report::Place;

/// Finds what is null and must not be.
pub fn check(config: &Value, found: &mut Diagnostics) {
    members(&schema::shared().block.attributes, config, &Place::root(), found);
}

fn members(attributes: &[Attribute], object: &Value, place: &Place, found: &mut Diagnostics) {
    if object.entries().is_none() {
        return;
    }
    for attribute in attributes.iter().filter(|attribute| attribute.mode.is_configurable()) {
        let value = object.get(&attribute.name);
        let place = place.attribute(&attribute.name);
        if attribute.mode == Mode::Required && value.is_null() {
            let detail = format!("{place} is null, but it is mandatory. Give it a value.");
            place.error("Value missing", detail, found);
        }
        let inner = attribute.members().unwrap_or_default();
        match (&attribute.kind, value) {
            (AttributeKind::Single(_), object) => members(inner, object, &place, found),
            (_, Value::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    part(inner, item, &place.index(index), "the item", found);
                }
            }
            (_, Value::Set(elements)) => {
                for element in elements {
                    part(inner, element, &place.element("an element"), "the element", found);
                }
            }
            (_, Value::Map(entries)) => {
                for (key, entry) in entries {
                    part(inner, entry, &place.key(key), "the key", found);
                }
            }
            _ => {}
        }
    }
}

fn part(inner: &[Attribute], value: &Value, place: &Place, what: &str, found: &mut Diagnostics) {
    if value.is_null() {
        let detail = format!("{place} is null. Give it a value, or take {what} out.");
        place.error("Value missing", detail, found);
    }
    members(inner, value, place, found);
}
