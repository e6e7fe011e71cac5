//! Making what a resource returns fit for Terraform's state.

use crate::plugin::convert::encode;
use crate::plugin::proto::tfplugin6 as pb;
use crate::tf::conform;
use crate::tf::diagnostics::Diagnostic;
use crate::tf::private::Private;
use crate::tf::resource::AnyResource;
use crate::tf::value::Value;

use super::identity;

/// An object in the form in which Terraform takes it.
pub(super) struct Settled {
    /// The object: complete, wholly known, without write-only values.
    pub(super) state: pb::DynamicValue,
    /// What names it for good.
    pub(super) identity: Option<pb::ResourceIdentityData>,
    /// Something in it was still unknown and is null now.
    pub(super) had_unknowns: bool,
}

/// Brings an object into the form in which Terraform takes it.
///
/// # Errors
/// When it does not fit the schema; the message is at the place.
pub(super) fn settle(resource: &dyn AnyResource, mut state: Value) -> Result<Settled, Diagnostic> {
    let schema = resource.schema();
    conform::null_write_only(schema, &mut state);
    conform::complete(schema, &mut state);
    let had_unknowns = !state.is_wholly_known();
    if had_unknowns {
        conform::unknowns_to_null(&mut state);
    }
    let identity = identity::of(resource, &state)?;
    Ok(Settled { state: encode(&state, schema.ty(), "an object")?, identity, had_unknowns })
}

/// Private data, which goes back as it came unless it was changed: what is in
/// a format of someone else's is kept too.
#[derive(Debug, Clone)]
pub(super) struct PrivateData {
    bytes: Vec<u8>,
    /// What can be read of it.
    pub(super) read: Private,
}

impl PrivateData {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { read: Private::from_bytes(&bytes), bytes }
    }

    /// The bytes as they came.
    pub(super) fn bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The bytes for Terraform to keep, given what the resource made of it.
    pub(super) fn keep(self, now: &Private) -> Vec<u8> {
        if *now == self.read { self.bytes } else { now.to_bytes() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_data_of_an_unknown_format_survives() {
        let foreign = PrivateData::new(b"foreign".to_vec());
        let read = foreign.read.clone();
        assert_eq!(foreign.clone().keep(&read), b"foreign");
        let mut changed = read;
        changed.set("a", 1);
        assert_eq!(foreign.keep(&changed), br#"{"a":1}"#);
    }
}
