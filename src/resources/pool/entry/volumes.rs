//! Which data volume is which: the service answers them in any order.

use crate::modelarts::pool::{DataVolume, gib};

/// The extend parameter of a data volume that names its group.
pub const VOLUME_GROUP: &str = "volumeGroup";

/// Where each wanted volume is among the live ones, whose order means nothing.
pub fn pair_volumes(wanted: &[DataVolume], live: &[DataVolume]) -> Vec<Option<usize>> {
    let group = |volume: &DataVolume| {
        volume.extend_params.as_ref().and_then(|params| params.get(VOLUME_GROUP)).cloned()
    };
    let size = |volume: &DataVolume| volume.size.as_deref().and_then(gib);
    type Same<'a> = &'a dyn Fn(&DataVolume, &DataVolume) -> bool;
    let exact = |one: &DataVolume, other: &DataVolume| {
        group(one) == group(other)
            && one.volume_type == other.volume_type
            && size(one) == size(other)
    };
    let grouped = |one: &DataVolume, other: &DataVolume| group(one) == group(other);
    let any = |_: &DataVolume, _: &DataVolume| true;
    let ways: [Same<'_>; 3] = [&exact, &grouped, &any];
    let mut found: Vec<Option<usize>> = vec![None; wanted.len()];
    for same in ways {
        let mut taken: Vec<usize> = found.iter().flatten().copied().collect();
        for (slot, wanted) in found.iter_mut().zip(wanted).filter(|(slot, _)| slot.is_none()) {
            *slot = live
                .iter()
                .enumerate()
                .position(|(index, live)| !taken.contains(&index) && same(wanted, live));
            taken.extend(*slot);
        }
    }
    found
}
