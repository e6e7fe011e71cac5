//! Work on nodes that takes a while: reboots and resets (API reference, nodes).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    answer::{Answer, Check, bad},
    call::Call,
    digest::id32,
    kept::Kept,
    world::{Moment, World, reached},
};

/// The most jobs that are remembered.
const MOST: usize = 1000;

/// Is the record of one piece of work on nodes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Job {
    id: String,
    pool: String,
    /// The word of the request's path, such as `batch-reset`.
    kind: String,
    nodes: Vec<String>,
    created: i64,
    ends: Moment,
    /// Why it ends badly.
    #[serde(default)]
    failure: Option<String>,
}

/// Begins a job with an end, which may be a bad one, and returns its ID.
pub(super) fn begin(
    world: &mut World,
    call: &Call<'_>,
    (pool, kind): (&str, &str),
    nodes: &[&str],
    (ends, failure): (Moment, Option<String>),
) -> String {
    let id = id32(&format!("job {} {}", world.next(), call.now));
    world.jobs.push(Kept::from(Job {
        id: id.clone(),
        pool: pool.to_owned(),
        kind: kind.to_owned(),
        nodes: nodes.iter().map(|name| (*name).to_owned()).collect(),
        created: call.now,
        ends,
        failure,
    }));
    let surplus = world.jobs.len().saturating_sub(MOST);
    world.jobs.drain(..surplus);
    id
}

fn view(job: &Job, now: i64) -> Value {
    let done = reached(job.ends, now);
    let phase = match (done, &job.failure) {
        (false, _) => "Running",
        (true, None) => "Success",
        (true, Some(_)) => "Failed",
    };
    json!({
        "jobId": job.id,
        "jobName": job.kind,
        "type": job.kind,
        "involvedObjects": job.nodes.join(","),
        "startTimestamp": job.created,
        "endTimestamp": job.ends.filter(|_| done).unwrap_or(0),
        "phase": phase,
        "suspend": false,
        "message": job.failure.as_deref().filter(|_| done).unwrap_or(""),
    })
}

pub(super) fn show(world: &World, call: &Call<'_>, id: &str) -> Check<Answer> {
    if call.scenario().answers.no_jobs {
        let message = "The API does not exist or has not been published in the environment";
        return Err(Answer::gateway(404, "0101", message));
    }
    let job = world.jobs.iter().find(|job| job.id == id);
    let missing = || Answer::error(404, "50015001", format!("Job {id} not found."));
    job.map(|job| Answer::ok(view(job, call.now))).ok_or_else(missing)
}

pub(super) fn list(world: &World, call: &Call<'_>) -> Check<Answer> {
    let query = &call.query;
    query.only(&["type", "limit", "offset", "since", "until", "resource", "name"])?;
    if query.get("resource").is_some_and(|resource| resource != "pools") {
        return Err(bad("query parameter resource must be pools"));
    }
    let limit = query.number("limit", 1..=500, 100)?;
    let offset = query.number("offset", 0..=500, 0)?;
    let found = world.jobs.iter().rev().filter(|job| {
        query.get("name").is_none_or(|name| name == job.pool)
            && query.get("type").is_none_or(|kind| kind == job.kind)
    });
    let all: Vec<Value> = found.map(|job| view(job, call.now)).collect();
    let count = all.len();
    let items: Vec<Value> = all.into_iter().skip(offset).take(limit).collect();
    Ok(Answer::ok(json!({ "count": count, "items": items })))
}
