//! Keeping the promises of a plan.

use crate::tf::value::Value;

/// What an apply that succeeded has to return: what was planned wherever that
/// was known, what is true wherever it was not. A difference between the two
/// is somebody else's change; the next refresh shows it (plugin protocol,
/// rules after apply).
pub fn plan(planned: &Value, actual: &Value) -> Value {
    match planned {
        Value::Unknown(_) => actual.clone(),
        Value::Object(members) => Value::object(
            members.iter().map(|(name, member)| (name.clone(), plan(member, actual.get(name)))),
        ),
        Value::Map(entries) => Value::map(
            entries.iter().map(|(key, entry)| (key.clone(), plan(entry, actual.get(key)))),
        ),
        Value::List(items) => {
            let others = actual.elements().unwrap_or_default();
            let other = |index: usize| others.get(index).unwrap_or(&Value::Null);
            Value::List(items.iter().enumerate().map(|(i, item)| plan(item, other(i))).collect())
        }
        Value::Set(_) if !planned.is_wholly_known() => actual.clone(),
        known => known.clone(),
    }
}
