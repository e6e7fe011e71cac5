//! The kinds of objects whose stories are the same.

use serde_json::Value as Json;

use crate::harness::Cloud;
use crate::pools::{CPU, NAME, entry, pool_with};

/// What a story is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Pool,
    Network,
}

/// All of them.
pub(crate) const KINDS: [Kind; 2] = [Kind::Pool, Kind::Network];

impl Kind {
    /// The type of the resource.
    pub(crate) fn resource(self) -> &'static str {
        match self {
            Self::Pool => "modelarts_pool",
            Self::Network => "modelarts_network",
        }
    }

    /// The object of a story.
    pub(crate) fn address(self) -> String {
        format!("{}.main", self.resource())
    }

    /// As messages call it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Pool => "Pool",
            Self::Network => "Network",
        }
    }

    /// Its configuration, with further arguments.
    pub(crate) fn with(self, further: &str) -> String {
        match self {
            Self::Pool => pool_with(&[entry(CPU, 2)], further),
            Self::Network => format!(
                "\nresource \"modelarts_network\" \"main\" {{\n  name = \"{NAME}\"\n  \
                 cidr = \"192.168.0.0/20\"\n  {further}\n}}\n"
            ),
        }
    }

    /// Where all of them are, as the harness names it.
    pub(crate) fn all(self) -> &'static str {
        match self {
            Self::Pool => "/pools",
            Self::Network => "/networks",
        }
    }

    /// Where one of them is, as the harness names it.
    pub(crate) fn one(self) -> &'static str {
        match self {
            Self::Pool => "/pools/",
            Self::Network => "/networks/",
        }
    }

    /// Those of the story in the cloud.
    pub(crate) fn objects(self, cloud: &Cloud) -> Vec<Json> {
        match self {
            Self::Pool => cloud.pools(),
            Self::Network => cloud.network(NAME).into_iter().collect(),
        }
    }

    /// Changes it as somebody else would.
    #[track_caller]
    pub(crate) fn change(self, cloud: &Cloud, change: impl FnOnce(&mut Json)) {
        match self {
            Self::Pool => cloud.change_pool(NAME, change),
            Self::Network => cloud.change_network(NAME, change),
        }
    }

    /// Makes it vanish.
    #[track_caller]
    pub(crate) fn remove(self, cloud: &Cloud) {
        match self {
            Self::Pool => cloud.remove_pool(NAME),
            Self::Network => cloud.remove_network(NAME),
        }
    }
}
