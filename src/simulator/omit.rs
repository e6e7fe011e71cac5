//! Takes out of answers what a scenario wants to be missing.

use serde_json::Value;

use super::scenario::{LeaveOut, Operation};

/// Leaves out of an answer about pools or networks what the scenario names for this operation.
pub(super) fn leave_out(body: &mut Value, names: &LeaveOut, operation: Option<Operation>) {
    use Operation as Op;
    let list = match operation {
        Some(Op::List | Op::ListNetworks) => &names.list,
        Some(Op::Show | Op::ShowNetwork) => &names.show,
        Some(Op::Create | Op::Patch | Op::Delete) => &names.change,
        Some(Op::CreateNetwork | Op::PatchNetwork | Op::DeleteNetwork) => &names.change,
        _ => return,
    };
    for name in list {
        let path = path(name);
        match body.get_mut("items").and_then(Value::as_array_mut) {
            Some(pools) => pools.iter_mut().for_each(|pool| omit(pool, &path, names.as_null)),
            None => omit(body, &path, names.as_null),
        }
    }
}

/// Takes a name apart into the keys that lead to the value.
fn path(name: &str) -> Vec<String> {
    for (kind, map) in [("label:", "labels"), ("annotation:", "annotations")] {
        if let Some(key) = name.strip_prefix(kind) {
            let prefix = if key.contains('/') { "" } else { "os.modelarts/" };
            return vec!["metadata".to_owned(), map.to_owned(), format!("{prefix}{key}")];
        }
    }
    name.split('.').map(str::to_owned).collect()
}

fn omit(value: &mut Value, path: &[String], as_null: bool) {
    if let Value::Array(items) = value {
        return items.iter_mut().for_each(|item| omit(item, path, as_null));
    }
    let Some(map) = value.as_object_mut() else { return };
    match path {
        [] => {}
        [last] if as_null => {
            if let Some(value) = map.get_mut(last) {
                *value = Value::Null;
            }
        }
        [last] => drop(map.remove(last)),
        [first, rest @ ..] => {
            if let Some(inner) = map.get_mut(first) {
                omit(inner, rest, as_null);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn without(name: &str, as_null: bool) -> Value {
        let mut pool = json!({
            "metadata": { "labels": { "os.modelarts/sharing": "shared", "a.b/c": "x" } },
            "spec": { "resources": [{ "flavor": "f", "azs": [] }, { "flavor": "g" }] },
        });
        omit(&mut pool, &path(name), as_null);
        pool
    }

    #[test]
    fn names_lead_to_labels_fields_and_fields_of_items() {
        let pool = without("label:sharing", false);
        assert_eq!(pool["metadata"]["labels"], json!({ "a.b/c": "x" }));
        let pool = without("label:a.b/c", true);
        assert_eq!(pool["metadata"]["labels"]["a.b/c"], Value::Null);
        let pool = without("spec.resources.azs", false);
        assert_eq!(pool["spec"]["resources"], json!([{ "flavor": "f" }, { "flavor": "g" }]));
        assert!(without("spec", false).get("spec").is_none());
        assert_eq!(without("spec.parent", true), without("spec.parent", false));
    }
}
