//! What every schema demands of a configuration beyond what Terraform checks.

use super::diagnostics::{Diagnostic, Diagnostics};
use super::path::Path;
use super::schema::{Attribute, Mode, Schema};
use super::value::Value;
use super::walk::{At, visit};

/// Finds nulls where something must be.
///
/// Terraform itself checks only the outermost attributes: it lets null pass for
/// a required attribute of a nested object, for an element of a collection and
/// for the value of a map.
pub fn missing(schema: &Schema, config: &Value) -> Diagnostics {
    let mut found = Diagnostics::new();
    members(&schema.attributes, config, &At::root(), &mut found);
    found
}

fn members(attributes: &[Attribute], object: &Value, at: &At<'_>, found: &mut Diagnostics) {
    for attribute in attributes.iter().filter(|attribute| attribute.mode.is_configurable()) {
        let (value, at) = (object.get(&attribute.name), at.attribute(&attribute.name));
        if attribute.mode == Mode::Required && value.is_null() {
            found.push(absent(at.path(), "it is mandatory. Give it a value."));
        }
        elements(value, &at, found);
        visit(attribute, &at, value, [], |attributes, at, item, []| {
            members(attributes, item, at, found);
        });
    }
}

fn elements(value: &Value, at: &At<'_>, found: &mut Diagnostics) {
    match value {
        Value::List(items) => {
            for (index, _) in items.iter().enumerate().filter(|(_, item)| item.is_null()) {
                found.push(absent(at.path().index(index), "an item must be something. Give it a value, or take the item out."));
            }
        }
        Value::Set(items) if items.iter().any(Value::is_null) => {
            found.push(absent(at.path(), "an element of a set must be something. Give it a value, or take the element out."));
        }
        Value::Map(entries) => {
            for (key, _) in entries.iter().filter(|(_, entry)| entry.is_null()) {
                found.push(absent(at.path().key(key), "a key must have a value. Give it one, or take the key out."));
            }
        }
        _ => {}
    }
}

fn absent(path: Path, why: &str) -> Diagnostic {
    let detail = format!("{path} is null, but {why}");
    Diagnostic::error("Value missing", detail).at(path)
}
