//! Write-only values in a configuration.

use crate::tf::diagnostics::Diagnostic;
use crate::tf::path::Path;
use crate::tf::schema::{Attribute, Block};
use crate::tf::value::Value;

/// Says for each write-only attribute that the configuration sets that this
/// Terraform does not know such attributes: it would store the value.
pub(super) fn refuse(block: &Block, config: &Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    in_block(block, config, &Path::root(), &mut found);
    found.into_iter().map(refusal).collect()
}

fn refusal(path: Path) -> Diagnostic {
    let detail = format!(
        "{path} is write-only: it must not be stored. This needs Terraform 1.11 or later, or \
         OpenTofu 1.11 or later; an older one would store the value. Leave {path} out or use a \
         newer release."
    );
    Diagnostic::error("Write-only values are not supported here", detail).at(path)
}

fn in_block(block: &Block, value: &Value, path: &Path, found: &mut Vec<Path>) {
    in_attributes(&block.attributes, value, path, found);
    for nested in &block.blocks {
        let (value, path) = (value.get(&nested.name), path.attribute(&nested.name));
        each(value, &path, &mut |value, path| in_block(&nested.block, value, path, found));
    }
}

fn in_attributes(attributes: &[Attribute], value: &Value, path: &Path, found: &mut Vec<Path>) {
    for attribute in attributes {
        let (value, path) = (value.get(&attribute.name), path.attribute(&attribute.name));
        if attribute.write_only {
            if !value.is_null() {
                found.push(path);
            }
        } else if let Some(members) = attribute.members() {
            each(value, &path, &mut |value, path| in_attributes(members, value, path, found));
        }
    }
}

/// Visits an object, or the objects in a list or map. Sets hold nothing
/// write-only (plugin protocol, schema rules), and of an unknown value nothing
/// is known to be set.
fn each(value: &Value, path: &Path, visit: &mut dyn FnMut(&Value, &Path)) {
    match value {
        Value::Object(_) => visit(value, path),
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(item, &path.index(index));
            }
        }
        Value::Map(entries) => {
            for (key, entry) in entries {
                visit(entry, &path.key(key));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tf::schema::Mode;

    fn secret() -> Attribute {
        Attribute::string("secret", Mode::Optional, "").write_only()
    }

    #[test]
    fn each_write_only_value_is_refused_where_it_stands() {
        let block = Block {
            attributes: vec![secret(), Attribute::list("l", vec![secret()], Mode::Optional, "")],
            ..Block::default()
        };
        let inner = |value: Value| Value::object([("secret", value)]);
        let config = Value::object([
            ("secret", Value::UNKNOWN),
            ("l", Value::List(vec![inner(Value::Null), inner("x".into())])),
        ]);
        let paths: Vec<_> =
            refuse(&block, &config).into_iter().map(|d| d.path.unwrap().to_string()).collect();
        assert_eq!(paths, ["secret", "l[1].secret"]);
        assert!(refuse(&block, &inner(Value::Null)).is_empty());
    }
}
