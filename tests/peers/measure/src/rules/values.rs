//! How values are read and written.

use std::sync::Arc;

use rmpv::Value;

use super::rules;
use crate::proto::tfplugin6 as pb;
use crate::session::{Checked, Miss, Plan, Session, Subject, ensure, has_error, item, told};
use crate::wire::{attribute, dynamic, encode, get, object, same, to_json, unknown, with, words};

type S = Arc<Subject>;

rules! {
    "19" "an unknown string stays unknown in a plan" unknown_string,
    "19" "an unknown list stays unknown" unknown_list,
    "19" "an unknown element stays unknown" unknown_element,
    "19" "an unknown member of an element stays unknown" unknown_member,
    "19" "null and an empty list are two things" empty_list,
    "19" "a fraction for a whole number is refused, by the attribute's name" fraction,
    "19" "a number beyond 64 bits is kept, or refused by the attribute's name" big_number,
    "20" "an unknown value with promises (extension 12) is read as unknown" promises,
    "21" "a value of the wrong type is refused, by the attribute's name" wrong_type,
    "21" "an object that lacks an attribute is refused" missing,
    "21" "an object with an attribute too many is refused" extra,
    "21" "values cut short or nested 10,000 deep give an error, not a crash" broken,
    "22" "values in JSON are understood" json,
    "22" "a state in JSON is answered in msgpack" msgpack,
    "23" "a configuration in which all is unknown is valid" all_unknown,
    "25" "a write-only value is refused for a Terraform that cannot keep it out of the state" guarded,
    "25" "a write-only value is neither in a plan nor in a state" kept_out,
    "14" "a panic is an error message, and the process goes on" panics,
}

/// Plans the creation of a bucket with other values for some attributes.
async fn planned<const N: usize>(subject: &S, members: [(&str, Value); N]) -> Result<Plan, Miss> {
    let session = Session::start(subject).await?;
    let config = with(&subject.bucket("values")?, members);
    session.calls.plan(&Value::Nil, &config, &[]).await
}

async fn keeps(subject: S, name: &str, value: Value) -> Checked {
    let plan = planned(&subject, [(name, value.clone())]).await?;
    ensure(!has_error(&plan.messages), || told(&plan.messages))?;
    let found = get(&plan.state, name);
    ensure(same(found, &value), || format!("planned {found}"))
}

async fn unknown_string(subject: S) -> Checked {
    keeps(subject, "name", unknown()).await
}

async fn unknown_list(subject: S) -> Checked {
    keeps(subject, "items", unknown()).await
}

async fn unknown_element(subject: S) -> Checked {
    let items = vec![item("a".into(), "1".into()), unknown()];
    keeps(subject, "items", Value::Array(items)).await
}

async fn unknown_member(subject: S) -> Checked {
    keeps(subject, "items", Value::Array(vec![item("a".into(), unknown())])).await
}

async fn empty_list(subject: S) -> Checked {
    for items in [Value::Nil, Value::Array(Vec::new())] {
        let session = Session::start(&subject).await?;
        let config = with(&subject.bucket("empty")?, [("items", items.clone())]);
        let kept = session.calls.create(&config).await?;
        let read = session.calls.read(&kept).await?;
        let found = get(&read.state, "items");
        ensure(same(found, &items), || format!("{items} became {found}"))?;
    }
    Ok(())
}

/// An error that says which attribute is meant: by its path, or in its text.
fn names(messages: &[pb::Diagnostic], name: &str) -> Checked {
    let error = messages.iter().find(|m| m.severity() == pb::diagnostic::Severity::Error);
    let error = error.ok_or("it is not refused")?;
    let named = words(error.attribute.as_ref()).starts_with(name)
        || format!("{} {}", error.summary, error.detail).contains(name);
    ensure(named, || format!("an error without a place: {:?}", error.summary.trim()))
}

async fn fraction(subject: S) -> Checked {
    let plan = planned(&subject, [("size", 2.5.into())]).await?;
    if !has_error(&plan.messages) {
        return ensure(same(get(&plan.state, "size"), &2.5.into()), || {
            format!("2.5 became {}", get(&plan.state, "size"))
        });
    }
    names(&plan.messages, "size")
}

async fn big_number(subject: S) -> Checked {
    // As Terraform sends them.
    for number in ["9223372036854775808", "12345678901234567890123"] {
        let plan = planned(&subject, [("size", number.into())]).await?;
        if has_error(&plan.messages) {
            names(&plan.messages, "size")?;
        } else {
            let found = get(&plan.state, "size");
            ensure(
                found.as_str() == Some(number) || found.as_u64() == number.parse().ok(),
                || format!("{number} became {found}"),
            )?;
        }
    }
    Ok(())
}

async fn promises(subject: S) -> Checked {
    // Not null, and of the prefix "a".
    let promised = Value::Ext(12, vec![0x82, 0x01, 0xc2, 0x02, 0xa1, b'a']);
    keeps(subject, "name", promised).await
}

async fn wrong_type(subject: S) -> Checked {
    let plan = planned(&subject, [("name", Value::Array(vec![1.into()]))]).await?;
    names(&plan.messages, "name")
}

async fn missing(subject: S) -> Checked {
    let bucket = subject.bucket("missing")?;
    let members = bucket.as_map().into_iter().flatten().filter(|(k, _)| k.as_str() != Some("size"));
    let config = Value::Map(members.cloned().collect());
    let messages = Session::start(&subject).await?.calls.validate(&config).await?;
    ensure(has_error(&messages), || "it is accepted".to_owned())
}

async fn extra(subject: S) -> Checked {
    let config = with(&subject.bucket("extra")?, [("colour", "red".into())]);
    let messages = Session::start(&subject).await?.calls.validate(&config).await?;
    ensure(has_error(&messages), || "it is accepted".to_owned())
}

async fn broken(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    let whole = encode(&subject.bucket("broken")?);
    let cut = whole[..whole.len() - 3].to_vec();
    let mut deep = vec![0x81, 0xa4];
    deep.extend(b"name");
    deep.extend([0x91; 10_000]);
    deep.push(0xc0);
    for (msgpack, how) in [(cut, "cut short"), (deep, "nested")] {
        let config = pb::DynamicValue { msgpack, json: Vec::new() };
        let messages = session.calls.validate_raw(config, true).await?;
        ensure(has_error(&messages), || format!("{how}: it is accepted"))?;
    }
    session.calls.still_serves().await
}

async fn json(subject: S) -> Checked {
    let json = to_json(&subject.bucket("json")?).to_string().into_bytes();
    let config = pb::DynamicValue { msgpack: Vec::new(), json };
    let messages = Session::start(&subject).await?.calls.validate_raw(config, true).await?;
    ensure(!has_error(&messages), || told(&messages))
}

async fn msgpack(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    let kept = session.calls.create(&subject.bucket("json")?).await?;
    let json = to_json(&kept.state).to_string().into_bytes();
    let request = pb::upgrade_resource_state::Request {
        type_name: subject.resource.clone(),
        version: subject.resource_schema()?.version,
        raw_state: Some(pb::RawState { json, flatmap: Default::default() }),
    };
    let answer = session.calls.provider.clone().upgrade_resource_state(request).await?;
    let state = answer.into_inner().upgraded_state.unwrap_or_default();
    ensure(!state.msgpack.is_empty(), || "the JSON comes back unread".to_owned())
}

async fn all_unknown(subject: S) -> Checked {
    let nothing = subject.bucket("unknown")?;
    let schema = subject.resource_schema()?;
    let members = nothing.as_map().into_iter().flatten().filter_map(|(name, value)| {
        let name = name.as_str()?;
        let settable = attribute(schema, name).is_some_and(|a| a.required || a.optional);
        Some((name, if settable { unknown() } else { value.clone() }))
    });
    let config = object(members);
    let messages = Session::start(&subject).await?.calls.validate(&config).await?;
    ensure(!has_error(&messages), || told(&messages))
}

fn secret(subject: &S) -> Result<Value, Miss> {
    let config = with(&subject.bucket("secret")?, [("password", "hush".into())]);
    let found = attribute(subject.resource_schema()?, "password");
    match found.is_some_and(|attribute| attribute.write_only) {
        true => Ok(config),
        false => Err(Miss::Skips("no write-only attributes")),
    }
}

async fn guarded(subject: S) -> Checked {
    let config = secret(&subject)?;
    let session = Session::start(&subject).await?;
    let messages = session.calls.validate_raw(dynamic(&config), false).await?;
    names(&messages, "password")
}

async fn kept_out(subject: S) -> Checked {
    let config = secret(&subject)?;
    let session = Session::start(&subject).await?;
    let plan = session.calls.plan(&Value::Nil, &config, &[]).await?;
    ensure(get(&plan.state, "password").is_nil(), || "it is in the plan".to_owned())?;
    let kept = session.calls.apply(&Value::Nil, &config, &plan).await?;
    ensure(get(&kept.state, "password").is_nil(), || "it is in the state".to_owned())
}

async fn panics(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    let kept = session.calls.try_create(&subject.bucket("panic")?).await?;
    ensure(has_error(&kept.messages), || "it says nothing of it".to_owned())?;
    session.calls.still_serves().await
}
