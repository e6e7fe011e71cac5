//! Changes networks in place (API reference, networks).

use serde_json::{Value, json};

use super::{
    answer::{Answer, Check, bad},
    call::Call,
    check::{Object, check_description, drop_nulls},
    connection,
    network::{connect, find},
    network_view::view,
    pool_find::busy,
    pool_rules::{DESCRIPTION, WORKSPACE, check_workspace},
    shape::take_back,
    world::{Network, World, set_entry},
};

pub(super) fn patch(world: &mut World, call: &Call<'_>, id: &str) -> Check<Answer> {
    call.query.only(&[])?;
    let mut body = call.json()?;
    take_back(&mut body);
    let network = find(world, id)?;
    if network.deleting.is_some() {
        return Err(busy(call, "the network is being deleted"));
    }
    let body = Object::new(&body, "", &["metadata", "spec"])?;
    if let Some(metadata) = body.object("metadata", &["labels", "annotations"])? {
        patch_metadata(network, &metadata)?;
    }
    if let Some(spec) = body.get("spec") {
        patch_spec(network, call, spec)?;
    }
    Ok(Answer::ok(view(network, call.now)))
}

fn patch_metadata(network: &mut Network, metadata: &Object<'_>) -> Check {
    if let Some(labels) = metadata.get("labels") {
        let labels = Object::any(labels, "metadata.labels")?;
        if let Some(key) = labels.keys().find(|key| *key != WORKSPACE) {
            return Err(bad(format!("label {key} cannot be changed")));
        }
        if let Some(value) = labels.get(WORKSPACE) {
            // Whoever takes the label away is back in the default workspace.
            let value = if value.is_null() { "0" } else { labels.need_text(WORKSPACE)? };
            check_workspace(value)?;
            set_entry(&mut network.object, "labels", WORKSPACE, Some(value));
        }
    }
    match metadata.get("annotations") {
        None => {}
        Some(Value::Null) => network.object["metadata"]["annotations"] = json!({}),
        Some(annotations) => {
            let annotations = Object::any(annotations, "metadata.annotations")?;
            for key in annotations.keys() {
                let value = match annotations.get(key) {
                    Some(Value::Null) => None,
                    _ => annotations.text(key)?,
                };
                if key == DESCRIPTION {
                    check_description(DESCRIPTION, value.unwrap_or(""))?;
                }
                set_entry(&mut network.object, "annotations", key, value);
            }
        }
    }
    Ok(())
}

fn patch_spec(network: &mut Network, call: &Call<'_>, changes: &Value) -> Check {
    let mut there = changes.clone();
    drop_nulls(&mut there);
    let spec = Object::new(&there, "spec", &["ipv6enable", "connection"])?;
    connection::check(&spec)?;
    let was = network.object.pointer("/spec/ipv6enable").and_then(Value::as_bool).unwrap_or(false);
    if let Some(change) = changes.get("ipv6enable") {
        let wanted =
            if change.is_null() { false } else { spec.boolean("ipv6enable")? == Some(true) };
        if was && !wanted {
            return Err(bad("spec.ipv6enable cannot be switched off"));
        }
        network.object["spec"]["ipv6enable"] = json!(wanted);
    }
    if let Some(change) = changes.get("connection") {
        if network.phase(call.now) != "Active" {
            return Err(bad("the network is not Active"));
        }
        connection::replace(&mut network.object, change);
        connect(network, call, Some(call.now));
    }
    Ok(())
}
