//! Write-only values in a configuration.

use crate::tf::diagnostics::Diagnostic;
use crate::tf::path::Path;
use crate::tf::schema::Attribute;
use crate::tf::value::Value;
use crate::tf::walk::{At, visit};

/// Says for each write-only attribute that the configuration sets that this
/// Terraform does not know such attributes: it would store the value.
pub(super) fn refuse(attributes: &[Attribute], config: &Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    collect(attributes, config, &At::root(), &mut found);
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

fn collect(attributes: &[Attribute], object: &Value, at: &At<'_>, found: &mut Vec<Path>) {
    for attribute in attributes {
        let (value, at) = (object.get(&attribute.name), at.attribute(&attribute.name));
        if attribute.write_only && !value.is_null() {
            found.push(at.path());
        }
        visit(attribute, &at, value, [], |attributes, at, item, []| {
            collect(attributes, item, at, found);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tf::schema::{Mode, Nesting};

    fn secret() -> Attribute {
        Attribute::string("secret", Mode::Optional, "").write_only()
    }

    #[test]
    fn each_write_only_value_is_refused_where_it_stands() {
        let list = Attribute::nested("l", Nesting::List, vec![secret()], Mode::Optional, "");
        let attributes = [secret(), list];
        let inner = |value: Value| Value::object([("secret", value)]);
        let config = Value::object([
            ("secret", Value::UNKNOWN),
            ("l", Value::List(vec![inner(Value::Null), inner("x".into())])),
        ]);
        let paths: Vec<_> =
            refuse(&attributes, &config).into_iter().map(|d| d.path.unwrap().to_string()).collect();
        assert_eq!(paths, ["secret", "l[1].secret"]);
        assert!(refuse(&attributes, &inner(Value::Null)).is_empty());
    }
}
