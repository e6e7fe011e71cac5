//! What becomes of an object.

use std::collections::BTreeSet;
use std::sync::Arc;

use rmpv::Value;

use super::rules;
use crate::proto::tfplugin6 as pb;
use crate::session::{Checked, Kept, Miss, Plan, Session, Subject, ensure, has_error, told};
use crate::wire::{self, get, is_known, same, to_json, with};

type S = Arc<Subject>;

rules! {
    "26" "a plan holds what is configured, unknown and defaults elsewhere" plan_holds,
    "27" "without a change the plan is the state, byte by byte" no_change,
    "28" "an unrelated change keeps the ID known" keeps_id,
    "29" "a new name needs a new object, and only a new name" replaces,
    "30" "the same question gets the same plan" deterministic,
    "31" "destroying plans null" destroy_plan,
    "33" "an applied object is whole, known and as planned" applied,
    "34" "an object that was accepted before the error is kept, with its ID" accepted,
    "35" "an object that was refused is not in the state" refused,
    "37" "deleting what is gone succeeds" gone,
    "37" "a failed deletion keeps the object" stuck,
    "41" "an object that is gone is read as null" vanished,
    "41" "a failed read is an error and keeps the object" unreadable,
    "42" "import, read and plan end without a difference" import,
    "42" "importing what does not exist ends in null or an error" import_nothing,
    "43" "a state of the same version with keys too many and too few is read" tolerant,
    "43" "a state from before 0.12 is refused" flatmap,
    "44" "an object of an unknown type is refused with a message" move_unknown,
    "45" "a created object of a resource with identity has its identity" has_identity,
    "46" "100 objects, 10 at once, each with an ID of its own" parallel,
}

/// A bucket that was created, and the configuration it came from.
async fn made(subject: &S, name: &str) -> Result<(Session, Value, Kept), Miss> {
    let session = Session::start(subject).await?;
    let config = subject.bucket(name)?;
    let kept = session.calls.create(&config).await?;
    Ok((session, config, kept))
}

async fn plan_for(session: &Session, kept: &Kept, config: &Value) -> Result<Plan, Miss> {
    let plan = session.calls.plan(&kept.state, config, &kept.private).await?;
    ensure(!has_error(&plan.messages), || told(&plan.messages))?;
    Ok(plan)
}

async fn plan_holds(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    let config = subject.bucket("plan")?;
    let plan = session.calls.plan(&Value::Nil, &config, &[]).await?;
    ensure(!has_error(&plan.messages), || told(&plan.messages))?;
    for name in ["name", "items", "timeouts"] {
        let found = get(&plan.state, name);
        ensure(same(found, get(&config, name)), || format!("{name}: {found}"))?;
    }
    let id = get(&plan.state, "id");
    ensure(!is_known(id), || format!("id: {id}"))?;
    let size = get(&plan.state, "size");
    ensure(size.as_i64() == Some(10), || format!("size: {size}"))
}

async fn no_change(subject: S) -> Checked {
    let (session, config, kept) = made(&subject, "same").await?;
    let plan = plan_for(&session, &kept, &config).await?;
    ensure(same(&plan.state, &kept.state), || format!("{} became {}", kept.state, plan.state))?;
    ensure(plan.private == kept.private, || "the private data changes".to_owned())
}

async fn keeps_id(subject: S) -> Checked {
    let (session, config, kept) = made(&subject, "keeps").await?;
    let config = with(&config, [("size", 20.into())]);
    let plan = plan_for(&session, &kept, &config).await?;
    ensure(same(get(&plan.state, "id"), get(&kept.state, "id")), || {
        format!("id: {}", get(&plan.state, "id"))
    })?;
    let changed = session.calls.apply(&kept.state, &config, &plan).await?;
    let size = get(&changed.state, "size");
    ensure(size.as_i64() == Some(20), || format!("size: {size}"))
}

async fn replaces(subject: S) -> Checked {
    let (session, config, kept) = made(&subject, "named").await?;
    let plan = plan_for(&session, &kept, &with(&config, [("size", 20.into())])).await?;
    ensure(plan.replaces.is_empty(), || format!("a new size: {:?}", plan.replaces))?;
    let plan = plan_for(&session, &kept, &with(&config, [("name", "other".into())])).await?;
    ensure(plan.replaces == ["name"], || format!("a new name: {:?}", plan.replaces))
}

async fn deterministic(subject: S) -> Checked {
    let (session, config, kept) = made(&subject, "twice").await?;
    let config = with(&config, [("size", 20.into())]);
    let one = plan_for(&session, &kept, &config).await?;
    let two = plan_for(&session, &kept, &config).await?;
    ensure(same(&one.state, &two.state), || "two plans differ".to_owned())
}

async fn destroy_plan(subject: S) -> Checked {
    let (session, _, kept) = made(&subject, "destroyed").await?;
    let plan = plan_for(&session, &kept, &Value::Nil).await?;
    ensure(plan.state.is_nil(), || format!("{}", plan.state))
}

async fn applied(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    let config = subject.bucket("whole")?;
    let plan = session.calls.plan(&Value::Nil, &config, &[]).await?;
    let kept = session.calls.apply(&Value::Nil, &config, &plan).await?;
    ensure(!has_error(&kept.messages), || told(&kept.messages))?;
    ensure(is_known(&kept.state), || format!("not all is known: {}", kept.state))?;
    for (name, planned) in plan.state.as_map().into_iter().flatten() {
        let name = name.as_str().unwrap_or_default();
        let found = get(&kept.state, name);
        ensure(!is_known(planned) || same(planned, found), || format!("{name}: {found}"))?;
    }
    Ok(())
}

async fn accepted(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    let kept = session.calls.try_create(&subject.bucket("broken")?).await?;
    ensure(has_error(&kept.messages), || "no error".to_owned())?;
    let id = get(&kept.state, "id");
    ensure(id.is_str() && is_known(&kept.state), || format!("kept: {}", kept.state))
}

async fn refused(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    let kept = session.calls.try_create(&subject.bucket("refused")?).await?;
    ensure(has_error(&kept.messages), || "no error".to_owned())?;
    ensure(kept.state.is_nil(), || format!("kept: {}", kept.state))
}

async fn delete(session: &Session, kept: &Kept) -> Result<Kept, Miss> {
    let plan = plan_for(session, kept, &Value::Nil).await?;
    session.calls.apply(&kept.state, &Value::Nil, &plan).await
}

async fn gone(subject: S) -> Checked {
    let (session, _, kept) = made(&subject, "gone").await?;
    for _ in 0..2 {
        let left = delete(&session, &kept).await?;
        ensure(!has_error(&left.messages), || told(&left.messages))?;
        ensure(left.state.is_nil(), || format!("kept: {}", left.state))?;
    }
    Ok(())
}

async fn stuck(subject: S) -> Checked {
    let (session, _, kept) = made(&subject, "stuck").await?;
    let left = delete(&session, &kept).await?;
    ensure(has_error(&left.messages), || "no error".to_owned())?;
    // Terraform keeps the prior object when the answer is an error and null.
    ensure(left.state.is_nil() || same(&left.state, &kept.state), || format!("{}", left.state))
}

async fn vanished(subject: S) -> Checked {
    let (session, _, kept) = made(&subject, "vanished").await?;
    delete(&session, &kept).await?;
    let read = session.calls.read(&kept).await?;
    ensure(!has_error(&read.messages), || told(&read.messages))?;
    ensure(read.state.is_nil(), || format!("{}", read.state))
}

async fn unreadable(subject: S) -> Checked {
    let (session, _, kept) = made(&subject, "unreadable").await?;
    let read = session.calls.read(&kept).await?;
    ensure(has_error(&read.messages), || "no error".to_owned())
}

async fn imported(session: &Session, id: &str) -> Result<Result<Kept, String>, Miss> {
    let request = pb::import_resource_state::Request {
        type_name: session.subject.resource.clone(),
        id: id.to_owned(),
        ..Default::default()
    };
    let answer = session.calls.provider.clone().import_resource_state(request).await?.into_inner();
    if has_error(&answer.diagnostics) {
        return Ok(Err(told(&answer.diagnostics)));
    }
    let found = answer.imported_resources.into_iter().next().ok_or("nothing is imported")?;
    Ok(Ok(Kept {
        state: wire::value(found.state.as_ref())?,
        private: found.private,
        identity: found.identity,
        messages: answer.diagnostics,
    }))
}

async fn import(subject: S) -> Checked {
    let (session, config, kept) = made(&subject, "imported").await?;
    let id = get(&kept.state, "id").as_str().unwrap_or_default().to_owned();
    let found = imported(&session, &id).await??;
    let read = session.calls.read(&found).await?;
    ensure(!has_error(&read.messages), || told(&read.messages))?;
    let plan = plan_for(&session, &read, &config).await?;
    for name in ["id", "name", "size", "items"] {
        let (is, planned) = (get(&read.state, name), get(&plan.state, name));
        ensure(same(is, planned), || format!("{name}: {is} would become {planned}"))?;
    }
    ensure(plan.replaces.is_empty(), || format!("{:?}", plan.replaces))
}

async fn import_nothing(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    subject.bucket("")?;
    if let Ok(found) = imported(&session, "nowhere").await? {
        let read = session.calls.read(&found).await?;
        let fits = read.state.is_nil() || has_error(&read.messages);
        return ensure(fits, || format!("{}", read.state));
    }
    Ok(())
}

async fn upgraded(session: &Session, raw: pb::RawState) -> Result<Result<Value, String>, Miss> {
    let request = pb::upgrade_resource_state::Request {
        type_name: session.subject.resource.clone(),
        version: session.subject.resource_schema()?.version,
        raw_state: Some(raw),
    };
    let answer = session.calls.provider.clone().upgrade_resource_state(request).await?.into_inner();
    if has_error(&answer.diagnostics) {
        return Ok(Err(told(&answer.diagnostics)));
    }
    Ok(Ok(wire::value(answer.upgraded_state.as_ref())?))
}

async fn tolerant(subject: S) -> Checked {
    let (session, _, kept) = made(&subject, "old").await?;
    let mut json = to_json(&kept.state);
    json["colour"] = "red".into();
    json.as_object_mut().ok_or("no object")?.remove("password");
    let json = json.to_string().into_bytes();
    let raw = pb::RawState { json, flatmap: Default::default() };
    let state = upgraded(&session, raw).await??;
    ensure(same(&state, &kept.state), || format!("{} became {state}", kept.state))
}

async fn flatmap(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    subject.bucket("")?;
    let flatmap = [("id".to_owned(), "1".to_owned())].into();
    match upgraded(&session, pb::RawState { json: Vec::new(), flatmap }).await? {
        Ok(state) => Err(format!("it is read as {state}").into()),
        Err(_) => Ok(()),
    }
}

async fn move_unknown(subject: S) -> Checked {
    // Terraform asks a process that nobody has configured.
    let process = subject.launch().start().await?;
    let channel = process.connect().await?;
    let request = pb::move_resource_state::Request {
        source_provider_address: "registry.terraform.io/somebody/else".to_owned(),
        source_type_name: "else_thing".to_owned(),
        source_state: Some(pb::RawState { json: b"{}".to_vec(), flatmap: Default::default() }),
        target_type_name: subject.resource.clone(),
        ..Default::default()
    };
    let answer = crate::session::client(&channel).move_resource_state(request).await?;
    let messages = answer.into_inner().diagnostics;
    ensure(has_error(&messages), || "it is accepted".to_owned())?;
    ensure(messages[0].summary.trim().len() > 1, || "without a message".to_owned())
}

async fn has_identity(subject: S) -> Checked {
    let (session, _, kept) = made(&subject, "identified").await?;
    let request = pb::get_resource_identity_schemas::Request {};
    let answer = session.calls.provider.clone().get_resource_identity_schemas(request).await;
    let schemas = answer.map(|answer| answer.into_inner().identity_schemas).unwrap_or_default();
    if !schemas.contains_key(&subject.resource) {
        return Err(Miss::Skips("no identity"));
    }
    let identity = kept.identity.and_then(|identity| identity.identity_data);
    ensure(identity.is_some(), || "it has none".to_owned())
}

async fn parallel(subject: S) -> Checked {
    let session = Session::start(&subject).await?;
    let mut ids = BTreeSet::new();
    for round in 0..10 {
        let calls: Vec<_> = (0..10)
            .map(|number| {
                let (calls, subject) = (session.calls.clone(), Arc::clone(&subject));
                tokio::spawn(async move {
                    calls.create(&subject.bucket(&format!("many-{round}-{number}"))?).await
                })
            })
            .collect();
        for call in calls {
            let kept = call.await.map_err(|error| error.to_string())??;
            ids.insert(get(&kept.state, "id").to_string());
        }
    }
    ensure(ids.len() == 100, || format!("{} IDs", ids.len()))
}
