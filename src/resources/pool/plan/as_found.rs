//! The first plan after an import.

use crate::tf::resource::PlanRequest;
use crate::tf::value::Value;

use super::super::identity::EntryId;
use super::super::marker;

/// An import cannot know in which order the user writes the entries, nor which
/// keys of a map are the user's. Until the first apply, what was found stands
/// for it, so that a plan of a matching configuration is empty.
pub(super) fn as_found(request: &PlanRequest) -> Option<PlanRequest> {
    if !marker::is_imported(&request.private) {
        return None;
    }
    let mut request = request.clone();
    let (config, prior) = (&mut request.config, &request.prior);
    for name in ["labels", "annotations"] {
        take_found(config, prior, name);
    }
    let entries = prior.get("resources").elements()?;
    let mut items: Vec<(usize, Value)> = Vec::new();
    let written = config.get("resources").elements()?.to_vec();
    if written.len() != entries.len() {
        return None;
    }
    for mut item in written {
        let id = EntryId::of_value(&item)?;
        let place = entries.iter().position(|e| EntryId::of_value(e).as_ref() == Some(&id))?;
        let found = entries.get(place)?;
        for name in ["extend_params", "labels", "tags"] {
            take_found(&mut item, found, name);
        }
        let volumes = found.get("data_volumes").elements().unwrap_or_default();
        if let Some(Value::List(own)) =
            item.entries_mut().and_then(|members| members.get_mut("data_volumes"))
        {
            for (volume, found) in own.iter_mut().zip(volumes) {
                take_found(volume, found, "extend_params");
            }
        }
        items.push((place, item));
    }
    items.sort_by_key(|(place, _)| *place);
    let items = items.into_iter().map(|(_, item)| item).collect();
    config.set_entry("resources", Value::List(items));
    Some(request)
}

/// Puts a map that was found in the place of a written part of it.
fn take_found(config: &mut Value, found: &Value, name: &str) {
    let (Value::Map(written), Value::Map(all)) = (config.get(name), found.get(name)) else {
        return;
    };
    if written.iter().all(|(key, value)| all.get(key) == Some(value)) {
        config.set_entry(name, found.get(name).clone());
    }
}
