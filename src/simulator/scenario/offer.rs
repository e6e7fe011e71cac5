//! What is on offer: which flavors are sold out, and which workspaces there are.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Says what is on offer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Offer {
    /// Flavors that are sold out, with the zones; an empty list is every zone. Pools that want
    /// them there cannot be made.
    pub sold_out: BTreeMap<String, Vec<String>>,
    /// Flavors of whose zones the service says nothing.
    pub without_status: Vec<String>,
    /// Driver versions stand at the top of an answer, as in an example of the API, and not under
    /// `spec`.
    pub versions_at_top: bool,
    /// Workspaces that are listed besides the two in which there can be pools and networks.
    pub workspaces: Vec<OfferedWorkspace>,
}

/// Is a workspace that is listed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OfferedWorkspace {
    /// 32 hexadecimal characters.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// `PUBLIC`, `PRIVATE` or `INTERNAL`; absent means `PUBLIC`.
    pub auth_type: Option<String>,
    /// The enterprise project; absent means `0`.
    pub enterprise_project_id: Option<String>,
    /// `NORMAL` and other states; absent means `NORMAL`.
    pub status: Option<String>,
}

impl Offer {
    pub(in super::super) fn is_sold_out(&self, flavor: &str, zone: &str) -> bool {
        let zones = self.sold_out.get(flavor);
        zones.is_some_and(|zones| zones.is_empty() || zones.iter().any(|name| name == zone))
    }
}
