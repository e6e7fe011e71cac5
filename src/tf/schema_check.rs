//! Whether a schema is one that Terraform accepts and that planning can use.
//!
//! Terraform refuses to run any command with a provider whose schema breaks its
//! rules, so schemas are checked in tests.

use std::collections::BTreeSet;

use super::conform::conforms;
use super::path::Path;
use super::schema::{
    Attribute, AttributeKind, Block, BlockNesting, Mode, NestedBlock, OnUpdate, Replace, Schema,
};
use super::ty::Type;

const RESERVED_IN_RESOURCES: [&str; 7] =
    ["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"];
const RESERVED_IN_PROVIDERS: [&str; 2] = ["alias", "version"];

/// Checks the schema of a resource or data source. Each problem is one text
/// that starts with the place; none means that the schema is good.
pub fn check(schema: &Schema) -> Vec<String> {
    run(schema, &RESERVED_IN_RESOURCES)
}

/// Checks the schema of a `provider` block.
pub fn check_provider(schema: &Schema) -> Vec<String> {
    run(schema, &RESERVED_IN_PROVIDERS)
}

fn run(schema: &Schema, reserved: &[&str]) -> Vec<String> {
    let mut checker = Checker { problems: Vec::new() };
    if schema.version < 0 {
        checker.report(&Path::of("version"), "is negative");
    }
    let attributes = schema.block.attributes.iter().map(|attribute| &attribute.name);
    let blocks = schema.block.blocks.iter().map(|nested| &nested.name);
    for name in attributes.chain(blocks).filter(|name| reserved.contains(&name.as_str())) {
        checker.report(&Path::of(name), "is a name that Terraform reserves at this place");
    }
    checker.block(&schema.block, &Path::root(), false);
    checker.problems
}

struct Checker {
    problems: Vec<String>,
}

impl Checker {
    fn report(&mut self, path: &Path, problem: &str) {
        self.problems.push(format!("{path}: {problem}"));
    }

    fn block(&mut self, block: &Block, path: &Path, in_set: bool) {
        let attributes = block.attributes.iter().map(|attribute| attribute.name.as_str());
        let names: Vec<&str> =
            attributes.chain(block.blocks.iter().map(|nested| nested.name.as_str())).collect();
        self.names(&names, path);
        for attribute in &block.attributes {
            self.attribute(attribute, &names, &path.attribute(&attribute.name), in_set);
        }
        for nested in &block.blocks {
            self.nested_block(nested, &path.attribute(&nested.name), in_set);
        }
        if block.deprecation.as_deref() == Some("") {
            self.report(path, "has an empty deprecation message");
        }
    }

    fn nested_block(&mut self, nested: &NestedBlock, path: &Path, in_set: bool) {
        // Terraform would use other types than lists for such a block.
        if nested.nesting != BlockNesting::Single && has_dynamic(&nested.block.ty()) {
            self.report(path, "is a collection of blocks and holds a dynamic attribute");
        }
        self.block(&nested.block, path, in_set || nested.nesting == BlockNesting::Set);
    }

    fn names(&mut self, names: &[&str], path: &Path) {
        let mut seen = BTreeSet::new();
        for name in names {
            let path = path.attribute(name);
            if !seen.insert(name) {
                self.report(&path, "is declared twice");
            }
            let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if !name.chars().all(allowed)
                || !name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            {
                self.report(&path, "is no name of lower-case letters, digits and underscores");
            }
        }
    }

    fn attribute(&mut self, attribute: &Attribute, names: &[&str], path: &Path, in_set: bool) {
        if attribute.write_only && attribute.mode.is_computed() {
            self.report(path, "is write-only and computed");
        }
        if attribute.write_only && in_set {
            self.report(path, "is write-only inside a set");
        }
        if attribute.deprecation.as_deref() == Some("") {
            self.report(path, "has an empty deprecation message");
        }
        self.kind(attribute, path, in_set);
        self.behaviour(attribute, names, path);
    }

    fn kind(&mut self, attribute: &Attribute, path: &Path, in_set: bool) {
        match &attribute.kind {
            AttributeKind::Plain(ty) => {
                if has_dynamic(ty) && (in_set || *ty != Type::Dynamic) {
                    self.report(path, "holds a dynamic value inside another type or a set");
                }
            }
            AttributeKind::Single(members) => self.members(members, path, in_set),
            AttributeKind::List(members)
            | AttributeKind::Set(members)
            | AttributeKind::Map(members) => {
                if has_dynamic(&attribute.ty()) {
                    self.report(path, "is a collection of objects with a dynamic attribute");
                }
                let is_set = matches!(attribute.kind, AttributeKind::Set(_));
                self.members(members, path, in_set || is_set);
            }
        }
    }

    fn members(&mut self, members: &[Attribute], path: &Path, in_set: bool) {
        if members.is_empty() {
            self.report(path, "holds objects without attributes");
        }
        let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
        self.names(&names, path);
        for member in members {
            self.attribute(member, &names, &path.attribute(&member.name), in_set);
        }
    }

    fn behaviour(&mut self, attribute: &Attribute, names: &[&str], path: &Path) {
        let behaviour = &attribute.behaviour;
        if let Some(default) = &behaviour.default {
            if attribute.mode != Mode::OptionalComputed {
                self.report(path, "has a default without being optional and computed");
            }
            if !default.is_wholly_known() || (default.is_null() && behaviour.not_null) {
                self.report(path, "has a default that is unknown, or null where it must not be");
            }
            if let Err(error) = conforms(default, &attribute.ty()) {
                self.report(path, &format!("has a default of another type: {error}"));
            }
            if behaviour.on_update != OnUpdate::Keep {
                self.report(path, "has a default and changes with updates");
            }
        }
        if let OnUpdate::UnknownWhen(siblings) = behaviour.on_update {
            for sibling in siblings.iter().filter(|sibling| !names.contains(sibling)) {
                self.report(path, &format!("changes with {sibling}, which does not exist"));
            }
        }
        if !attribute.mode.is_computed()
            && (behaviour.on_update != OnUpdate::Keep || behaviour.not_null)
        {
            self.report(path, "makes promises about computed values without being computed");
        }
        if attribute.mode == Mode::Computed && behaviour.replace != Replace::Never {
            self.report(path, "is computed only and replaces the object");
        }
        if attribute.write_only && behaviour.replace != Replace::Never {
            self.report(path, "is write-only and replaces the object, which no change can show");
        }
        if !behaviour.keys.is_empty() && !matches!(attribute.kind, AttributeKind::List(_)) {
            self.report(path, "has element keys without being a list of objects");
        }
        if behaviour.same.is_some() && !matches!(attribute.kind, AttributeKind::Plain(_)) {
            self.report(path, "compares values of a nested type, where Terraform allows no choice");
        }
    }
}

fn has_dynamic(ty: &Type) -> bool {
    match ty {
        Type::Dynamic => true,
        Type::String | Type::Number | Type::Bool => false,
        Type::List(element) | Type::Set(element) | Type::Map(element) => has_dynamic(element),
        Type::Object(types) => types.values().any(has_dynamic),
        Type::Tuple(types) => types.iter().any(has_dynamic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tf::value::Value;

    fn of(attributes: Vec<Attribute>, blocks: Vec<NestedBlock>) -> Schema {
        Schema { version: 0, block: Block { attributes, blocks, ..Block::default() } }
    }

    fn string(name: &str) -> Attribute {
        Attribute::string(name, Mode::Optional, "")
    }

    fn computed(name: &str) -> Attribute {
        Attribute::string(name, Mode::Computed, "")
    }

    fn nested(name: &str, nesting: BlockNesting, attributes: Vec<Attribute>) -> NestedBlock {
        let block = Block { attributes, ..Block::default() };
        NestedBlock { name: name.to_owned(), nesting, block }
    }

    fn dynamic() -> Attribute {
        Attribute::new("any", Type::Dynamic, Mode::Optional, "")
    }

    #[test]
    fn a_good_schema_has_no_problems() {
        let keys: &[crate::tf::schema::ElementKey] = &[|_, _| None];
        let schema = of(
            vec![
                string("name").replaces(),
                string("secret").write_only(),
                dynamic(),
                Attribute::string("kind", Mode::OptionalComputed, "").default_value("a"),
                Attribute::list("items", vec![string("a")], Mode::Required, "").keyed_by(keys),
                computed("id").not_null().changes_with(&["name", "timeouts"]),
            ],
            vec![nested("timeouts", BlockNesting::Single, vec![string("create"), dynamic()])],
        );
        assert_eq!(check(&schema), Vec::<String>::new());
    }

    #[track_caller]
    fn refused(attribute: Attribute, problem: &str) {
        let problems = check(&of(vec![attribute], vec![]));
        assert!(problems.iter().any(|text| text.contains(problem)), "{problems:?}");
    }

    #[test]
    fn names_are_lower_case_and_unique() {
        for name in ["Name", "with-dash", "1st", "", "ümlaut"] {
            refused(string(name), "is no name");
        }
        let both = of(vec![string("a")], vec![nested("a", BlockNesting::List, vec![])]);
        assert_eq!(check(&both), ["a: is declared twice"]);
        let members = vec![string("x"), string("x")];
        refused(Attribute::single("a", members, Mode::Optional, ""), "a.x: is declared twice");
    }

    #[test]
    fn reserved_names_are_refused_at_the_root_only() {
        refused(string("for_each"), "reserves");
        let block = nested("lifecycle", BlockNesting::List, vec![]);
        assert_eq!(check(&of(vec![], vec![block])).len(), 1);
        let inner = Attribute::single("a", vec![string("count")], Mode::Optional, "");
        assert_eq!(check(&of(vec![inner], vec![])), Vec::<String>::new());
        assert_eq!(check_provider(&of(vec![string("alias"), string("count")], vec![])).len(), 1);
    }

    #[test]
    fn versions_are_not_negative() {
        assert_eq!(check(&Schema { version: -1, ..of(vec![], vec![]) }).len(), 1);
    }

    #[test]
    fn sets_hold_neither_dynamic_nor_write_only_attributes() {
        let secret = || string("secret").write_only();
        refused(Attribute::set("a", vec![secret()], Mode::Optional, ""), "a.secret: is write-only");
        let deep = Attribute::single("b", vec![secret()], Mode::Optional, "");
        refused(Attribute::set("a", vec![deep], Mode::Optional, ""), "a.b.secret: is write-only");
        refused(Attribute::set("a", vec![dynamic()], Mode::Optional, ""), "a.any: holds a dynamic");
        refused(Attribute::new("a", Type::set(Type::Dynamic), Mode::Optional, ""), "dynamic");
        for attribute in [secret(), dynamic()] {
            let block = nested("a", BlockNesting::Set, vec![attribute]);
            assert!(!check(&of(vec![], vec![block])).is_empty());
        }
    }

    #[test]
    fn collections_hold_no_dynamic_attributes() {
        refused(Attribute::list("a", vec![dynamic()], Mode::Optional, ""), "dynamic");
        refused(Attribute::map("a", vec![dynamic()], Mode::Optional, ""), "dynamic");
        let block = nested("a", BlockNesting::List, vec![dynamic()]);
        assert_eq!(check(&of(vec![], vec![block])).len(), 1);
    }

    #[test]
    fn write_only_attributes_are_neither_computed_nor_compared() {
        refused(computed("a").write_only(), "write-only and computed");
        refused(string("a").write_only().replaces(), "no change can show");
    }

    #[test]
    fn behaviours_fit_who_sets_the_attribute() {
        let maybe = |name: &str| Attribute::string(name, Mode::OptionalComputed, "");
        refused(string("a").default_value("x"), "has a default without");
        refused(maybe("a").default_value(true), "has a default of another type");
        refused(maybe("a").default_value(Value::UNKNOWN), "is unknown");
        refused(maybe("a").null_when_unset().not_null(), "null where it must not be");
        refused(maybe("a").default_value("x").changes_on_update(), "changes with updates");
        refused(computed("a").changes_with(&["b"]), "changes with b, which does not exist");
        refused(string("a").not_null(), "without being computed");
        refused(string("a").changes_on_update(), "without being computed");
        refused(computed("a").replaces(), "computed only and replaces");
        refused(string("a").keyed_by(&[|_, _| None]), "element keys");
        let object = Attribute::single("a", vec![string("b")], Mode::Optional, "");
        refused(object.same_when(|_, _| true), "nested type");
        refused(Attribute::single("a", vec![], Mode::Optional, ""), "without attributes");
    }

    #[test]
    fn deprecation_messages_are_not_empty() {
        let attribute = Attribute { deprecation: Some(String::new()), ..string("a") };
        refused(attribute, "empty deprecation");
    }
}
