//! Selects objects by labels: equality, sets and existence, joined with commas.

use serde_json::Value;

use super::answer::{Check, bad};

/// Is one condition on the labels of an object.
enum Condition {
    Exists(String),
    Missing(String),
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
}

/// Holds conditions of which all must be fulfilled.
pub(super) struct Selector(Vec<Condition>);

impl Selector {
    pub(super) fn parse(text: &str) -> Check<Self> {
        let parts = split(text);
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(condition)
            .collect::<Check<_>>()
            .map(Self)
    }

    /// Tells whether the object's labels fulfil every condition.
    pub(super) fn matches(&self, object: &Value) -> bool {
        let labels = object.get("metadata").and_then(|metadata| metadata.get("labels"));
        let label =
            |key: &String| labels.and_then(|labels| labels.get(key)).and_then(Value::as_str);
        self.0.iter().all(|condition| match condition {
            Condition::Exists(key) => label(key).is_some(),
            Condition::Missing(key) => label(key).is_none(),
            Condition::In(key, values) => {
                label(key).is_some_and(|label| values.iter().any(|value| value == label))
            }
            Condition::NotIn(key, values) => {
                label(key).is_none_or(|label| values.iter().all(|value| value != label))
            }
        })
    }
}

/// Splits at commas that are not inside parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0;
    let parts = text.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(str::trim).collect()
}

fn condition(part: &str) -> Check<Condition> {
    let key = |text: &str| text.trim().to_owned();
    let one = |text: &str| vec![key(text)];
    if let Some((name, value)) = part.split_once("!=") {
        return Ok(Condition::NotIn(key(name), one(value)));
    }
    if let Some((name, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return Ok(Condition::In(key(name), one(value)));
    }
    if let Some((name, values)) = part.split_once(" notin ") {
        return Ok(Condition::NotIn(key(name), set(values)?));
    }
    if let Some((name, values)) = part.split_once(" in ") {
        return Ok(Condition::In(key(name), set(values)?));
    }
    match part.strip_prefix('!') {
        Some(name) if is_key(name) => Ok(Condition::Missing(key(name))),
        None if is_key(part) => Ok(Condition::Exists(key(part))),
        _ => Err(bad(format!("labelSelector has a part that is no condition: {part}"))),
    }
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
}

fn set(text: &str) -> Check<Vec<String>> {
    let inner = text.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let inner = inner.ok_or_else(|| bad("labelSelector has a set without parentheses"))?;
    Ok(inner.split(',').map(|value| value.trim().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_select_by_labels() {
        let object = json!({ "metadata": { "labels": { "os.modelarts/name": "a", "env": "x" } } });
        for (text, expected) in [
            ("", true),
            ("env", true),
            ("!env", false),
            ("env=x", true),
            ("env==y", false),
            ("env!=y", true),
            ("os.modelarts/name in (b, a),env", true),
            ("env notin (x)", false),
            ("other notin (x)", true),
        ] {
            let selector = Selector::parse(text).ok().unwrap();
            assert_eq!(selector.matches(&object), expected, "{text}");
        }
        assert!(Selector::parse("a b").is_err());
        assert!(Selector::parse("a in b").is_err());
    }
}
