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
            let (path, name) = (at.path(), called(&at, &attribute.name));
            let detail = format!("{name} is null, but it is mandatory. Give it a value.");
            found.push(Diagnostic::error("Value missing", detail).at(path));
        }
        elements(value, &at.path(), found);
        visit(attribute, &at, value, [], |attributes, at, item, []| {
            members(attributes, item, at, found);
        });
    }
}

/// Elements of sets have no address: what is in one is called by its own name.
fn called(at: &At<'_>, name: &str) -> String {
    let path = at.path().to_string();
    if at.is_in_set() { format!("{name} of an element in {path}") } else { path }
}

fn elements(value: &Value, path: &Path, found: &mut Diagnostics) {
    let mut absent = |path: Path, name: String, what: &str| {
        let detail = format!("{name} is null. Give it a value, or take {what} out.");
        found.push(Diagnostic::error("Value missing", detail).at(path));
    };
    match value {
        Value::List(items) => {
            for (index, _) in items.iter().enumerate().filter(|(_, item)| item.is_null()) {
                let path = path.index(index);
                absent(path.clone(), path.to_string(), "the item");
            }
        }
        Value::Set(items) if items.iter().any(Value::is_null) => {
            absent(path.clone(), format!("an element in {path}"), "the element");
        }
        Value::Map(entries) => {
            for (key, _) in entries.iter().filter(|(_, entry)| entry.is_null()) {
                let path = path.key(key);
                absent(path.clone(), path.to_string(), "the key");
            }
        }
        _ => {}
    }
}
