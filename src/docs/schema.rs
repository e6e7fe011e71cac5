//! The reference part of a page: arguments by who sets them, nested objects
//! in sections of their own.

use crate::tf::schema::{Attribute, Kind, Mode, Nesting, Replace, Schema};
use crate::tf::ty::Type;
use crate::tf::value::Value;

/// Renders a schema and everything nested in it.
pub(super) fn reference(schema: &Schema) -> String {
    let mut sections = vec!["## Schema".to_owned()];
    let mut nested = Vec::new();
    body(&mut sections, &mut nested, &schema.attributes, "");
    // Sections may bring further ones; document order is depth first.
    while let Some(next) = nested.pop() {
        let mut deeper = Vec::new();
        sections.push(format!("<a id=\"{}\"></a>", anchor(&next.path)));
        sections.push(format!("### Nested schema for `{}`", next.path));
        body(&mut sections, &mut deeper, next.attributes, &next.path);
        nested.extend(deeper);
    }
    sections.join("\n\n")
}

/// Renders arguments that have no nested ones, in short.
pub(super) fn arguments(attributes: &[Attribute], path: &str) -> String {
    let mut sections = Vec::new();
    body(&mut sections, &mut Vec::new(), attributes, path);
    sections.join("\n\n")
}

/// A type in words, as the registry spells them.
pub(super) fn type_name(ty: &Type) -> String {
    match ty {
        Type::String => "String".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::Bool => "Boolean".to_owned(),
        Type::Dynamic => "Dynamic".to_owned(),
        Type::List(element) => format!("List of {}", type_name(element)),
        Type::Set(element) => format!("Set of {}", type_name(element)),
        Type::Map(element) => format!("Map of {}", type_name(element)),
        Type::Object(_) => "Object".to_owned(),
        Type::Tuple(_) => "Tuple".to_owned(),
    }
}

const GROUPS: [&str; 3] = ["Required", "Optional", "Read-only"];

fn group(mode: Mode) -> &'static str {
    match mode {
        Mode::Required => "Required",
        Mode::Optional | Mode::OptionalComputed => "Optional",
        Mode::Computed => "Read-only",
    }
}

/// A section that still has to be written.
struct Nested<'a> {
    path: String,
    attributes: &'a [Attribute],
}

fn body<'a>(
    sections: &mut Vec<String>,
    nested: &mut Vec<Nested<'a>>,
    attributes: &'a [Attribute],
    path: &str,
) {
    for title in GROUPS {
        let chosen = attributes.iter().filter(|attribute| group(attribute.mode) == title);
        let lines = chosen.map(|attribute| line(attribute, path)).collect::<Vec<_>>();
        if !lines.is_empty() {
            // Nested groups are plain words so that they do not crowd the
            // table of contents.
            let mark = if path.is_empty() { format!("### {title}") } else { format!("{title}:") };
            sections.push(mark);
            sections.push(lines.join("\n"));
        }
    }
    // Taken from the end, so pushed in reverse.
    nested.extend(attributes.iter().rev().filter_map(|attribute| {
        let attributes = attribute.members()?;
        Some(Nested { path: join(path, &attribute.name), attributes })
    }));
}

fn line(attribute: &Attribute, path: &str) -> String {
    let mut marks = vec![kind_name(attribute)];
    if attribute.sensitive {
        marks.push("Sensitive".to_owned());
    }
    if attribute.write_only {
        marks.push("Write-only".to_owned());
    }
    if attribute.deprecation.is_some() {
        marks.push("Deprecated".to_owned());
    }
    let mut text = format!("- `{}` ({})", attribute.name, marks.join(", "));
    let mut say = |sentence: &str| {
        let sentence = sentence.trim();
        if !sentence.is_empty() {
            text.push(' ');
            text.push_str(&sentence.replace("\n\n", "<br/>").replace('\n', " "));
        }
    };
    say(&attribute.description);
    if let Some(default) = &attribute.behaviour.default
        && !attribute.description.to_lowercase().contains("default")
        && let Some(default) = literal(default)
    {
        say(&format!("Default: `{default}`."));
    }
    say(replace_note(attribute));
    if let Some(instead) = &attribute.deprecation {
        say(instead);
    }
    if attribute.members().is_some() {
        say(&see(&join(path, &attribute.name)));
    }
    text
}

fn replace_note(attribute: &Attribute) -> &'static str {
    let told = attribute.description.contains("creates a new");
    if told || !attribute.mode.is_configurable() {
        return "";
    }
    match attribute.behaviour.replace {
        Replace::Never => "",
        Replace::Always => "**Changing this forces replacement.**",
        Replace::UnlessPriorNull => {
            "**Changing this forces replacement**, except where the state does not know the old \
             value (after an import or a move)."
        }
        Replace::When(_) => "**Some changes of this force replacement.**",
    }
}

fn see(path: &str) -> String {
    format!("(see [below for nested schema](#{}))", anchor(path))
}

fn kind_name(attribute: &Attribute) -> String {
    let what = if attribute.is_block { "Block" } else { "Attributes" };
    let several = match &attribute.kind {
        Kind::Plain(ty) => return type_name(ty),
        Kind::Nested(Nesting::Single, _) => return what.to_owned(),
        Kind::Nested(Nesting::List, _) => "List",
        Kind::Nested(Nesting::Set, _) => "Set",
        Kind::Nested(Nesting::Map, _) => "Map",
    };
    format!("{what} {several}")
}

fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Bool(truth) => Some(truth.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Number(_) => value.as_i64().map(|number| number.to_string()),
        _ => None,
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn anchor(path: &str) -> String {
    format!("nestedatt--{}", path.replace('.', "--"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        let inner = vec![
            Attribute::string("az", Mode::Required, "Zone."),
            Attribute::number("count", Mode::Optional, "Nodes.").default_value(1),
        ];
        let times = vec![Attribute::string("create", Mode::Optional, "How long.")];
        let nested = |name: &str, nesting, members, description: &str| {
            Attribute::nested(name, nesting, members, Mode::Optional, description)
        };
        let attributes = vec![
            Attribute::string("name", Mode::Required, "Its name.").replaces(),
            nested("groups", Nesting::List, inner, "Groups."),
            Attribute::string("password", Mode::Optional, "Secret.").sensitive().write_only(),
            Attribute::string("id", Mode::Computed, "Its ID."),
            nested("timeouts", Nesting::Single, times, "Limits.").as_block(),
        ];
        Schema::new(attributes, "")
    }

    #[test]
    fn arguments_are_grouped_by_who_sets_them() {
        let text = reference(&schema());
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} in {text}"));
        assert!(at("### Required") < at("- `name` (String) Its name."));
        assert!(at("- `name`") < at("### Optional"));
        assert!(at("- `timeouts` (Block) Limits. (see") < at("### Read-only"));
        assert!(at("### Read-only") < at("- `id` (String) Its ID."));
    }

    #[test]
    fn a_change_that_replaces_and_a_default_are_told() {
        let text = reference(&schema());
        assert!(text.contains("Its name. **Changing this forces replacement.**"), "{text}");
        assert!(text.contains("- `count` (Number) Nodes. Default: `1`."), "{text}");
        assert!(text.contains("(String, Sensitive, Write-only)"), "{text}");
    }

    #[test]
    fn nested_objects_have_sections_that_their_lines_link_to() {
        let text = reference(&schema());
        assert!(text.contains("(#nestedatt--groups)"), "{text}");
        assert!(text.contains("<a id=\"nestedatt--groups\"></a>"), "{text}");
        assert!(text.find("for `groups`").unwrap() < text.find("for `timeouts`").unwrap());
    }
}
