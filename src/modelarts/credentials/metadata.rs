//! Temporary keys of the virtual machine (API reference, ECS metadata credentials).

use std::time::Duration;

use http::Method;

use super::Lease;
use super::assume::temporary_keys;
use crate::modelarts::call::Call;
use crate::modelarts::client::Client;
use crate::modelarts::error::{Error, ErrorKind};
use crate::modelarts::transport::{Request, Service};

/// Where there is no metadata service, nobody answers: the whole probe, two
/// requests at most, stays under two seconds.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(900);

/// Asks the metadata service for keys, with a session token where it wants one.
pub(super) async fn of_machine(client: &Client, call: &Call) -> Result<Lease, Error> {
    let probe = async {
        let session = session(client, call).await;
        let mut get =
            Request::reading(Method::GET, "/openstack/latest/securitykey").to(Service::Metadata);
        if let Some(session) = &session {
            get = get.header("x-metadata-token", session);
        }
        client.once(call, &get).await
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
    let answer = match tokio::time::timeout(2 * TIMEOUT, probe).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) if error.kind() == ErrorKind::Interrupted => return Err(error),
        Ok(Err(error)) => return Err(none(error.what())),
        Err(_) => return Err(none("it does not answer")),
    };
    answer.value().and_then(temporary_keys).ok_or_else(|| none("no agency is bound to it"))
}

/// Gets a session token; older metadata services know none.
async fn session(client: &Client, call: &Call) -> Option<String> {
    let put = Request::reading(Method::PUT, "/meta-data/latest/api/token")
        .to(Service::Metadata)
        .header("x-metadata-token-ttl-seconds", "21600");
    let answer = client.once(call, &put).await.ok()?;
    let token = answer.text?;
    (token.len() < 4096).then_some(token)
}
