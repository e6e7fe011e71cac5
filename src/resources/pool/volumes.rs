//! Which data volume is which: the service answers them in any order.

use crate::modelarts::pool::{self, gib};
use crate::tf::matching::pair;
use crate::tf::schema::Side;
use crate::tf::value::Value;

use super::schema::DataVolume;

/// The extend parameter of a data volume that names its group.
pub const VOLUME_GROUP: &str = "volumeGroup";

/// Volumes are told apart by group, kind and size; of several in one group, or
/// of which one has changed, only what is left over can be told.
pub fn keys(volume: &Value, _side: Side) -> Vec<Option<String>> {
    let group = volume.get(DataVolume::EXTEND_PARAMS).get(VOLUME_GROUP).as_str();
    let kind = volume.get(DataVolume::VOLUME_TYPE).as_str();
    keys_of(group, kind, volume.get(DataVolume::SIZE).as_i64())
}

fn keys_of(group: Option<&str>, kind: Option<&str>, gib: Option<i64>) -> Vec<Option<String>> {
    let (group, kind) = (group.unwrap_or_default(), kind.unwrap_or_default());
    let exact = format!("{group}\n{kind}\n{}", gib.unwrap_or_default());
    vec![Some(exact), Some(group.to_owned()), Some(String::new())]
}

/// Where each wanted volume is among the live ones, by the same keys.
pub fn align(wanted: &[pool::DataVolume], live: &[pool::DataVolume]) -> Vec<Option<usize>> {
    let keys = |volumes: &[pool::DataVolume]| volumes.iter().map(wire_keys).collect::<Vec<_>>();
    pair(&keys(wanted), &keys(live))
}

fn wire_keys(volume: &pool::DataVolume) -> Vec<Option<String>> {
    let group = volume.extend_params.as_ref().and_then(|params| params.get(VOLUME_GROUP)?.as_str());
    keys_of(group, volume.volume_type.as_deref(), volume.size.as_deref().and_then(gib))
}
