//! What every schema demands of a configuration beyond what Terraform checks.

use super::diagnostics::{Diagnostic, Diagnostics};
use super::model::Model;
use super::path::Path;
use super::schema::{Attribute, Mode, Schema};
use super::value::Value;
use super::walk::{At, visit};

/// Checks a configuration: what its schema demands, what its model does, and
/// then what its author does.
pub fn check<M: Model>(
    schema: &Schema,
    config: &Value,
    rules: impl FnOnce(&M) -> Diagnostics,
) -> Diagnostics {
    let found = missing(schema, config);
    if found.has_errors() {
        return found;
    }
    // The codec has checked the types; a number that must be whole and is not
    // is left for here.
    match M::from_value(config) {
        Ok(config) => rules(&config),
        Err(error) => {
            Diagnostic::error("Invalid value", format!("{error}.")).at(error.path()).into()
        }
    }
}

/// Finds nulls where something must be.
///
/// Terraform itself checks only the outermost attributes: it lets null pass for
/// a required attribute of a nested object, for an element of a collection and
/// for the value of a map.
fn missing(schema: &Schema, config: &Value) -> Diagnostics {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tf::schema::Nesting;

    fn name() -> Attribute {
        Attribute::string("name", Mode::Required, "")
    }

    fn nested(name: &str, nesting: Nesting, members: Vec<Attribute>) -> Attribute {
        Attribute::nested(name, nesting, members, Mode::Optional, "")
    }

    fn found(attribute: Attribute, value: Value) -> Vec<(String, String)> {
        let config = Value::object([(attribute.name.clone(), value)]);
        let found = missing(&Schema::new(vec![attribute], ""), &config);
        let told = |d: Diagnostic| {
            let (what, _) = d.detail.split_once(" is null").unwrap();
            (d.path.unwrap().to_string(), what.to_owned())
        };
        found.into_iter().map(told).collect()
    }

    fn told(path: &str, what: &str) -> Vec<(String, String)> {
        vec![(path.to_owned(), what.to_owned())]
    }

    #[test]
    fn null_is_found_wherever_something_must_be() {
        let null = || Value::object([("name", Value::Null)]);
        let list = |name_of| nested(name_of, Nesting::List, vec![name()]);
        assert_eq!(found(name(), Value::Null), told("name", "name"));
        let two = || vec![Value::object([("name", Value::UNKNOWN)]), null()];
        assert_eq!(found(list("l"), Value::List(two())), told("l[1].name", "l[1].name"));
        assert_eq!(found(list("l").as_block(), Value::List(two())).len(), 1);
        let map = nested("m", Nesting::Map, vec![name()]);
        let entries = Value::map([("k", null())]);
        assert_eq!(found(map, entries), told("m[\"k\"].name", "m[\"k\"].name"));
        let plain = Attribute::new(
            "p",
            crate::tf::ty::Type::map(crate::tf::ty::Type::Bool),
            Mode::Optional,
            "",
        );
        let entries = Value::map([("k", Value::Null)]);
        assert_eq!(found(plain, entries), told("p[\"k\"]", "p[\"k\"]"));
    }

    #[test]
    fn what_is_missing_in_an_element_of_a_set_is_called_by_its_own_name() {
        let null = Value::object([("name", Value::Null)]);
        // The name of the set ends like the name of the member.
        let set = nested("surname", Nesting::Set, vec![name()]);
        let expected = told("surname", "name of an element in surname");
        assert_eq!(found(set, Value::Set(vec![null])), expected);
    }
}
