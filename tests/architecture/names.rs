//! An attribute of a resource is named in its model and nowhere else: elsewhere
//! the model's constants and fields stand for it.

use std::collections::BTreeSet;

use terraform_provider_modelarts::provider::ModelArtsProvider;
use terraform_provider_modelarts::tf::provider::Provider as _;
use terraform_provider_modelarts::tf::schema::Attribute;

use super::{Source, sources};

/// Words that are values, keys or words of the service too, and where they
/// stand as such.
const OTHER_MEANINGS: &[(&str, &str, &str)] = &[
    ("pool/plan/nodes.rs", "nodes", "a word of a message: more than one node"),
    ("pool/validate/texts.rs", "ready", "a value of `wait_for`"),
];

/// Where attributes are named: the models, and another provider's state.
const HOMES: &[&str] = &[
    "resources/pool/schema/",
    "resources/pool/moved/",
    "resources/network/schema.rs",
    "resources/network/moved.rs",
];

fn names(attributes: &[Attribute], found: &mut BTreeSet<String>) {
    for attribute in attributes {
        found.insert(attribute.name.clone());
        names(attribute.members().unwrap_or_default(), found);
    }
}

/// The texts in quotes that a file holds, tests aside.
fn texts(code: &str) -> Vec<String> {
    let code = code.split("#[cfg(test)]\nmod ").next().unwrap();
    let mut texts = Vec::new();
    let mut rest = code.replace("'\"'", "");
    while let Some((_, after)) = rest.clone().split_once('"') {
        let mut text = String::new();
        let mut chars = after.char_indices();
        let mut end = after.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => text.extend(chars.next().map(|(_, c)| c)),
                '"' => {
                    end = at + 1;
                    break;
                }
                c => text.push(c),
            }
        }
        texts.push(text);
        rest = after[end..].to_owned();
    }
    texts
}

#[test]
fn no_attribute_of_a_resource_is_a_text_outside_its_model() {
    let provider = ModelArtsProvider::new();
    let mut found = BTreeSet::new();
    for resource in provider.resources() {
        let folder = resource.type_name().replace("modelarts_", "resources/") + "/";
        let mut attributes = BTreeSet::new();
        names(&resource.schema().attributes, &mut attributes);
        let is_looked_at = |source: &Source| {
            source.name.starts_with(&folder)
                && !HOMES.iter().any(|home| source.name.starts_with(home))
                && !source.name.ends_with("tests.rs")
                && !source.name.contains("/tests/")
        };
        for source in sources().into_iter().filter(is_looked_at) {
            let texts = texts(&source.code).into_iter().filter(|text| attributes.contains(text));
            found.extend(texts.map(|text| (source.name.clone(), text)));
        }
    }
    let allowed: BTreeSet<_> = OTHER_MEANINGS
        .iter()
        .map(|(file, word, _)| (format!("resources/{file}"), (*word).to_owned()))
        .collect();
    let wrong: Vec<_> = found.difference(&allowed).collect();
    assert!(wrong.is_empty(), "use the model's constants or fields: {wrong:#?}");
    let gone: Vec<_> = allowed.difference(&found).collect();
    assert!(gone.is_empty(), "these are no texts any more, take them out: {gone:#?}");
}

#[test]
fn texts_are_found_where_they_stand() {
    let code =
        "f(\"name\", '\"', \"say \\\"os\\\"\", r\"raw\");\n#[cfg(test)]\nmod tests { \"id\" }";
    assert_eq!(texts(code), ["name", "say \"os\"", "raw"]);
}
