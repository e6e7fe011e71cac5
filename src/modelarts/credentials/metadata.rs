//! Temporary keys of the virtual machine (API reference, ECS metadata credentials).

use std::time::Duration;

use http::Method;

use super::Lease;
use super::assume::temporary_keys;
use crate::modelarts::answer::Answer;
use crate::modelarts::call::Call;
use crate::modelarts::client::Client;
use crate::modelarts::error::{Error, ErrorKind};
use crate::modelarts::request::{Effect, Request, Service};
use crate::modelarts::send::Authn;

/// Where there is no metadata service, nobody answers: the whole probe, two
/// requests at most, stays under two seconds.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(900);
/// A session token that is longer is something else.
const LONGEST_SESSION: usize = 4096;

/// Asks the metadata service for keys, with a session token where it wants one.
pub(super) async fn of_machine(client: &Client, call: &Call) -> Result<Lease, Error> {
    let call = call.clone().single_attempt();
    let probe = async {
        let session = session(client, &call).await;
        let path = "/openstack/latest/securitykey";
        let mut get = Request::new(Effect::Read, path, |answer| Ok(temporary_keys(answer)))
            .to(Service::Metadata);
        if let Some(session) = &session {
            get = get.header("x-metadata-token", session);
        }
        client.send_as(&call, &get, "", &Authn::Nothing).await
    };
    let none = |reason: &str| {
        Error::new(
            ErrorKind::Credentials,
            format!(
                "no credentials are configured, and the machine's metadata service gives none \
                 ({reason})"
            ),
        )
    };
    match tokio::time::timeout(2 * TIMEOUT, probe).await {
        Ok(Ok(keys)) => keys.ok_or_else(|| none("no agency is bound to it")),
        Ok(Err(error)) if error.kind() == ErrorKind::Interrupted => Err(error),
        Ok(Err(error)) => Err(none(error.what())),
        Err(_) => Err(none("it does not answer")),
    }
}

/// Gets a session token; older metadata services know none.
async fn session(client: &Client, call: &Call) -> Option<String> {
    let put = Request::new(Effect::Read, "/meta-data/latest/api/token", word)
        .by(Method::PUT)
        .to(Service::Metadata)
        .header("x-metadata-token-ttl-seconds", "21600");
    client.send_as(call, &put, "", &Authn::Nothing).await.ok()?
}

/// Reads a body that is one plain word.
fn word(answer: &Answer) -> Result<Option<String>, Error> {
    let body = &answer.raw.body;
    let fits = body.len() < LONGEST_SESSION && body.iter().all(u8::is_ascii_graphic);
    let word = (fits && !body.is_empty() && answer.raw.cut.is_none())
        .then(|| String::from_utf8_lossy(body).into_owned());
    Ok(word)
}
