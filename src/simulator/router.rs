//! Admits a request and carries it out.

use super::{
    access::PROJECT_ID,
    answer::{Answer, Check, Kind, bad},
    auth::Audience,
    call::Call,
    routes::{Route, Work, find},
    store::{Store, StoreError},
    world::World,
};

/// Is what carrying out a request has led to.
pub(super) struct Outcome {
    pub(super) answer: Answer,
    /// Something was destroyed.
    pub(super) destroyed: bool,
}

/// Checks a request and carries it out.
pub(super) fn carry_out(store: &Store, call: &mut Call<'_>) -> Result<Outcome, StoreError> {
    let method = call.signed.method;
    let Some((route, names)) = find(method, call.signed.path) else {
        let message = "The API does not exist or has not been published in the environment";
        return Ok(Outcome { answer: Answer::gateway(404, "0101", message), destroyed: false });
    };
    if let Err(refusal) = admit(&route, &names, call) {
        return Ok(Outcome { answer: refusal, destroyed: false });
    }
    match route.work {
        Work::Read(work) => {
            let answer = store.read(|world| {
                call.now += world.ahead;
                work(world, call, &names)
            })?;
            Ok(Outcome { answer: answer.unwrap_or_else(|refusal| refusal), destroyed: false })
        }
        Work::Write(work) => store.update(|world| {
            call.now += world.ahead;
            world.settle(call.now);
            let before = node_count(world);
            let result = work(world, call, &names);
            let shrinks = node_count(world) < before;
            match result {
                Ok(answer) => (true, Outcome { answer, destroyed: route.destroys || shrinks }),
                Err(refusal) => (false, Outcome { answer: refusal, destroyed: false }),
            }
        }),
    }
}

/// Counts the nodes that are meant to stay, to see whether a patch takes some away.
fn node_count(world: &World) -> usize {
    world.pools.iter().map(|pool| pool.nodes.iter().filter(|node| node.stays()).count()).sum()
}

fn admit(route: &Route, names: &[&str], call: &Call<'_>) -> Check {
    call.authenticate(route.audience)?;
    if route.audience != Audience::Project {
        return Ok(());
    }
    if names.first() != Some(&PROJECT_ID) {
        return Err(Answer::error(403, "0210", "The project IDs of token and URL differ."));
    }
    let given = call.content_type();
    match call.signed.method {
        "PATCH" if given != "application/merge-patch+json" => Err(wrong_content_type()),
        "POST" if given != "application/json" => Err(wrong_content_type()),
        "GET" if given.is_empty() && call.scenario().rules.content_type_on_get => {
            Err(Answer::gateway(400, "0106", "Orchestration error: Content-Type is missing"))
        }
        "GET" if !call.signed.body.is_empty() => Err(bad("a GET has no body")),
        _ => Ok(()),
    }
}

fn wrong_content_type() -> Answer {
    Answer::error(415, "50004100", "Content type not supported")
}

/// Makes the answer to a request that the state file made impossible.
pub(super) fn broken(error: &StoreError) -> Answer {
    let mut text = error.to_string();
    if let Some(source) = std::error::Error::source(error) {
        text = format!("{text}: {source}");
    }
    Answer {
        kind: Kind::Plain,
        ..Answer::error(500, "50005000", format!("internal error: {text}"))
    }
}
