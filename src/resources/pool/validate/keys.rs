//! Keys of labels and annotations that are not the user's to write.

use crate::resources::rules::Place;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::model::{Map, Tf};

use super::super::keys::{is_of_service, owner};
use super::super::schema::PoolModel;

/// Finds reserved keys.
pub fn check(pool: &PoolModel, found: &mut Diagnostics) {
    reserved(&pool.labels, &Place::of(PoolModel::LABELS), found);
    reserved(&pool.annotations, &Place::of(PoolModel::ANNOTATIONS), found);
}

fn reserved(map: &Tf<Map<String>>, place: &Place, found: &mut Diagnostics) {
    for key in map.known().into_iter().flat_map(Map::keys) {
        let detail = match owner(key) {
            Some(owner) => {
                format!("The key {key:?} belongs to the attribute `{owner}`. Set that instead.")
            }
            None if is_of_service(key) => format!("Only the service sets {key:?}. Take it out."),
            None => continue,
        };
        place.key(key).error("Reserved key", detail, found);
    }
}
