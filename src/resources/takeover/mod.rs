//! Taking objects over from the state of the Go provider.
//!
//! Its resources describe the same objects of the service, so a state of theirs
//! is read as though it were an answer: what an import would show is shown here
//! as well, and the refresh that Terraform does next fills in the rest. Nothing
//! is sent.

pub mod source;

use serde_json::Value as Json;

use crate::tf::diagnostics::Diagnostic;
use crate::tf::resource::{MoveRequest, Outcome, Saved};

use super::lifecycle::Kind;

/// The address of the other provider after the host of its registry.
const SOURCE_PROVIDER: &str = "/huaweicloud/huaweicloud";
/// The only version of its states so far (its source code has no other).
const SOURCE_VERSION: i64 = 0;

/// Takes an object over; `None` when the source is not of the Go provider's type
/// `source_type`. `read` makes the object of its identity and its old state.
pub fn take_over<K: Kind>(
    from: &MoveRequest,
    source_type: &str,
    read: impl FnOnce(String, &Json) -> K::Model,
    saved: &Saved<'_, K::Model>,
) -> Option<Outcome> {
    let known = from.source_type == source_type && from.source_provider.ends_with(SOURCE_PROVIDER);
    known.then(|| {
        if from.source_version != SOURCE_VERSION {
            return Err(newer::<K>(from).into());
        }
        let id = source::text(&from.source_state, "id").ok_or_else(|| unreadable::<K>(from))?;
        saved.imported(&read(id, &from.source_state));
        Ok(())
    })
}

/// The times of a `timeouts` block: create, update and delete; `None` when there
/// is none.
pub fn timeouts(source: &Json) -> Option<[Option<String>; 3]> {
    let times = source.get("timeouts")?;
    let all = ["create", "update", "delete"].map(|name| source::text(times, name));
    all.iter().any(Option::is_some).then_some(all)
}

fn newer<K: Kind>(request: &MoveRequest) -> Diagnostic {
    let noun = K::NOUN;
    let id = source::text(&request.source_state, "id");
    let id = id.unwrap_or_else(|| format!("<id of the {noun}>"));
    Diagnostic::error(
        "State is of an unknown version",
        format!(
            "The state of this {} ({id}) has schema version {}; this provider can take over \
             version {SOURCE_VERSION}, which provider huaweicloud writes up to at least 1.75.5. \
             If the state was last written by an older release, go back to that release of \
             huaweicloud until the move has been applied. Otherwise import the {noun}: replace \
             the moved block by a removed block for the old address with lifecycle {{ destroy = \
             false }}, and an import block for the new one with id = \"{id}\".",
            request.source_type, request.source_version
        ),
    )
}

fn unreadable<K: Kind>(request: &MoveRequest) -> Diagnostic {
    let noun = K::NOUN;
    Diagnostic::error(
        "State cannot be read",
        format!(
            "The state of this {} of {} does not say which {noun} it is: it has no id. Apply the \
             old configuration once with the old provider, so that it writes its state anew. If \
             that does not help, import the {noun}: replace the moved block by a removed block \
             for the old address with lifecycle {{ destroy = false }}, and an import block for \
             the new one.",
            request.source_type, request.source_provider
        ),
    )
}
