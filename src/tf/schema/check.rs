//! Whether a schema is one that Terraform accepts and that planning can use.
//!
//! Terraform refuses to run any command with a provider whose schema breaks its
//! rules, so schemas are checked in tests.

use std::collections::BTreeSet;

use super::{Attribute, Keys, Kind, Mode, Nesting, OnUpdate, Schema};
use crate::tf::codec::conforms;
use crate::tf::path::Path;
use crate::tf::ty::Type;

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
    let names = schema.attributes.iter().map(|attribute| &attribute.name);
    for name in names.filter(|name| reserved.contains(&name.as_str())) {
        checker.report(&Path::of(name), "is a name that Terraform reserves at this place");
    }
    if schema.deprecation.as_deref() == Some("") {
        checker.report(&Path::root(), "has an empty deprecation message");
    }
    checker.members(&schema.attributes, &Path::root(), false);
    checker.problems
}

struct Checker {
    problems: Vec<String>,
}

impl Checker {
    fn report(&mut self, path: &Path, problem: &str) {
        self.problems.push(format!("{path}: {problem}"));
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
        if attribute.is_block {
            self.block(attribute, path);
        }
        self.kind(attribute, path, in_set);
        self.behaviour(attribute, names, path);
    }

    fn block(&mut self, block: &Attribute, path: &Path) {
        if matches!(block.nesting(), None | Some(Nesting::Map)) {
            self.report(path, "is a block that holds no object, or objects by key");
        }
        if block.mode != Mode::Optional || block.write_only || block.sensitive {
            self.report(path, "is a block with properties of an attribute");
        }
    }

    fn kind(&mut self, attribute: &Attribute, path: &Path, in_set: bool) {
        match &attribute.kind {
            Kind::Plain(ty) => {
                if has_dynamic(ty) && (in_set || *ty != Type::Dynamic) {
                    self.report(path, "holds a dynamic value inside another type or a set");
                }
            }
            Kind::Nested(nesting, members) => {
                // Terraform would use other types than lists for such a value.
                if *nesting != Nesting::Single && has_dynamic(&attribute.ty()) {
                    self.report(path, "is a collection of objects with a dynamic attribute");
                }
                if members.is_empty() {
                    self.report(path, "holds objects without attributes");
                }
                if !attribute.is_block && members.iter().any(|member| member.is_block) {
                    self.report(path, "is an attribute that holds a block");
                }
                self.members(members, path, in_set || *nesting == Nesting::Set);
            }
        }
    }

    fn members(&mut self, members: &[Attribute], path: &Path, in_set: bool) {
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
            if !behaviour.on_update.is_keep() {
                self.report(path, "has a default and changes with updates");
            }
        }
        if let OnUpdate::UnknownWith(siblings) = behaviour.on_update {
            for sibling in siblings.iter().filter(|sibling| !names.contains(sibling)) {
                self.report(path, &format!("changes with {sibling}, which does not exist"));
            }
        }
        if !attribute.mode.is_computed() && (!behaviour.on_update.is_keep() || behaviour.not_null) {
            self.report(path, "makes promises about computed values without being computed");
        }
        if attribute.mode == Mode::Computed && !behaviour.replace.is_never() {
            self.report(path, "is computed only and replaces the object");
        }
        if attribute.write_only && !behaviour.replace.is_never() {
            self.report(path, "is write-only and replaces the object, which no change can show");
        }
        self.elements(attribute, path);
        if behaviour.found_stays && attribute.mode != Mode::OptionalComputed {
            self.report(path, "stays when it was found without being optional and computed");
        }
        if behaviour.empty_is_null && attribute.ty() != Type::String {
            self.report(path, "takes empty for null without being a text");
        }
        if behaviour.same.is_some() && attribute.members().is_some() {
            self.report(path, "compares values of a nested type, where Terraform allows no choice");
        }
    }

    fn elements(&mut self, attribute: &Attribute, path: &Path) {
        let behaviour = &attribute.behaviour;
        let objects = matches!(attribute.nesting(), Some(Nesting::List | Nesting::Set));
        if behaviour.keys.is_some() && !objects {
            self.report(path, "has element keys without being a list or set of objects");
        }
        if let Keys::Members(names) = behaviour.keys {
            let members = attribute.members().unwrap_or_default();
            for name in names.iter().filter(|name| !members.iter().any(|m| m.name == **name)) {
                self.report(path, &format!("is keyed by {name}, which does not exist"));
            }
        }
        if behaviour.unordered && !matches!(attribute.ty(), Type::List(_)) {
            self.report(path, "has no order to be without");
        }
        let is_vague = attribute.nesting() == Some(Nesting::Set) && !behaviour.keys.is_some();
        let stays = |member: &Attribute| member.behaviour.found_stays;
        if is_vague && attribute.members().into_iter().flatten().any(stays) {
            self.report(path, "keeps what was found in elements that have no keys");
        }
        if behaviour.unordered && attribute.is_block {
            self.report(path, "is a block, where Terraform insists on the order");
        }
        if behaviour.only_written
            && !matches!(attribute.ty(), Type::Map(_))
            && !behaviour.keys.is_some()
        {
            self.report(path, "manages what was written of something that has no keys");
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

    fn of(attributes: Vec<Attribute>, blocks: Vec<Attribute>) -> Schema {
        Schema::new(attributes.into_iter().chain(blocks).collect(), "")
    }

    fn string(name: &str) -> Attribute {
        Attribute::string(name, Mode::Optional, "")
    }

    fn computed(name: &str) -> Attribute {
        Attribute::string(name, Mode::Computed, "")
    }

    fn nested(name: &str, nesting: Nesting, attributes: Vec<Attribute>) -> Attribute {
        Attribute::nested(name, nesting, attributes, Mode::Optional, "").as_block()
    }

    fn set(name: &str, members: Vec<Attribute>) -> Attribute {
        Attribute::nested(name, Nesting::Set, members, Mode::Optional, "")
    }

    fn single(name: &str, members: Vec<Attribute>) -> Attribute {
        Attribute::nested(name, Nesting::Single, members, Mode::Optional, "")
    }

    fn dynamic() -> Attribute {
        Attribute::new("any", Type::Dynamic, Mode::Optional, "")
    }

    #[test]
    fn a_good_schema_has_no_problems() {
        let schema = of(
            vec![
                string("name").replaces(),
                string("secret").write_only(),
                dynamic(),
                Attribute::string("kind", Mode::OptionalComputed, "").default_value("a"),
                Attribute::nested("items", Nesting::List, vec![string("a")], Mode::Required, "")
                    .keyed_by_members(&["a"]),
                computed("id").not_null().changes_with(&["name", "timeouts"]),
            ],
            vec![nested("timeouts", Nesting::Single, vec![string("create"), dynamic()])],
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
        let both = of(vec![string("a")], vec![nested("a", Nesting::List, vec![string("x")])]);
        assert_eq!(check(&both), ["a: is declared twice"]);
        let members = vec![string("x"), string("x")];
        refused(single("a", members), "a.x: is declared twice");
    }

    #[test]
    fn reserved_names_are_refused_at_the_root_only() {
        refused(string("for_each"), "reserves");
        let block = nested("lifecycle", Nesting::List, vec![string("x")]);
        assert_eq!(check(&of(vec![], vec![block])).len(), 1);
        let inner = single("a", vec![string("count")]);
        assert_eq!(check(&of(vec![inner], vec![])), Vec::<String>::new());
        assert_eq!(check_provider(&of(vec![string("alias"), string("count")], vec![])).len(), 1);
    }

    #[test]
    fn versions_are_not_negative() {
        assert_eq!(check(&of(vec![], vec![]).version(-1)).len(), 1);
    }

    #[test]
    fn sets_hold_neither_dynamic_nor_write_only_attributes() {
        let secret = || string("secret").write_only();
        refused(set("a", vec![secret()]), "a.secret: is write-only");
        let deep = single("b", vec![secret()]);
        refused(set("a", vec![deep]), "a.b.secret: is write-only");
        refused(set("a", vec![dynamic()]), "a.any: holds a dynamic");
        refused(Attribute::new("a", Type::set(Type::Dynamic), Mode::Optional, ""), "dynamic");
        for attribute in [secret(), dynamic()] {
            let block = nested("a", Nesting::Set, vec![attribute]);
            assert!(!check(&of(vec![], vec![block])).is_empty());
        }
    }

    #[test]
    fn collections_hold_no_dynamic_attributes() {
        refused(
            Attribute::nested("a", Nesting::List, vec![dynamic()], Mode::Optional, ""),
            "dynamic",
        );
        refused(
            Attribute::nested("a", Nesting::Map, vec![dynamic()], Mode::Optional, ""),
            "dynamic",
        );
        let block = nested("a", Nesting::List, vec![dynamic()]);
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
        refused(maybe("a").default_value(Value::Null).not_null(), "null where it must not be");
        refused(maybe("a").default_value("x").changes_on_update(), "changes with updates");
        refused(computed("a").changes_with(&["b"]), "changes with b, which does not exist");
        refused(string("a").not_null(), "without being computed");
        refused(string("a").changes_on_update(), "without being computed");
        refused(computed("a").replaces(), "computed only and replaces");
        refused(string("a").keyed_by(|_, _| vec![None]), "element keys");
        refused(single("a", vec![string("b")]).keyed_by_members(&["b"]), "element keys");
        refused(set("a", vec![string("b")]).keyed_by_members(&["c"]), "keyed by c");
        refused(string("a").found_stays(), "stays when it was found");
        refused(string("a").unordered(), "no order");
        refused(string("a").only_written(), "no keys");
        let object = single("a", vec![string("b")]);
        refused(object.same_when(|_, _| true), "nested type");
        refused(single("a", vec![]), "without attributes");
    }

    #[test]
    fn deprecation_messages_are_not_empty() {
        let attribute = Attribute { deprecation: Some(String::new()), ..string("a") };
        refused(attribute, "empty deprecation");
    }

    #[test]
    fn what_terraform_or_nobody_can_tell_apart_is_found() {
        let list = |members| Attribute::nested("l", Nesting::List, members, Mode::Optional, "");
        let block = list(vec![string("a")]).as_block().unordered();
        assert_eq!(check(&of(vec![], vec![block])).len(), 1);
        assert!(check(&of(vec![list(vec![string("a")]).unordered()], vec![])).is_empty());
        let found = || Attribute::string("a", Mode::OptionalComputed, "").found_stays();
        let members = || vec![string("k"), found()];
        assert_eq!(check(&of(vec![set("s", members())], vec![])).len(), 1);
        let keyed = set("s", members()).keyed_by_members(&["k"]);
        assert!(check(&of(vec![keyed], vec![])).is_empty());
    }
}
