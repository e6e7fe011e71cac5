//! The name, other texts, and how an apply goes about it.

use crate::resources::rules::{self, Name, Place, filled, one_of};
use crate::tf::diagnostics::Diagnostics;

use super::super::schema::{CREATE_TIMEOUT, DELETE_TIMEOUT, PoolModel, Timeouts, UPDATE_TIMEOUT};

/// What names of pools may be. An ID is the name, a hyphen and 32 characters, and
/// at most 63 long in some regions.
const NAME: Name = Name { noun: "pool", most: 64, safe: 30 };

/// Finds wrong texts.
pub fn check(pool: &PoolModel, found: &mut Diagnostics) {
    rules::name(&pool.name, &Place::of(PoolModel::NAME), NAME, found);
    one_of(&pool.sharing, &Place::of(PoolModel::SHARING), &["unshared", "shared"], found);
    rules::description(&pool.description, &Place::of(PoolModel::DESCRIPTION), found);
    // Texts that cannot be empty: the service would refuse them, after a
    // replacing apply has destroyed the old pool.
    for (field, name) in [
        (&pool.workspace_id, PoolModel::WORKSPACE_ID),
        (&pool.parent, PoolModel::PARENT),
        (&pool.cluster_flavor, PoolModel::CLUSTER_FLAVOR),
    ] {
        filled(field, &Place::of(name), found);
    }
    one_of(
        &pool.wait_for,
        &Place::of(PoolModel::WAIT_FOR),
        &["ready", "running", "accepted"],
        found,
    );
    one_of(&pool.on_timeout, &Place::of(PoolModel::ON_TIMEOUT), &["keep", "fail"], found);
    timeouts(pool, found);
}

fn timeouts(pool: &PoolModel, found: &mut Diagnostics) {
    let Some(timeouts) = pool.timeouts.known() else { return };
    let all = [
        (Timeouts::CREATE, &timeouts.create, CREATE_TIMEOUT),
        (Timeouts::UPDATE, &timeouts.update, UPDATE_TIMEOUT),
        (Timeouts::DELETE, &timeouts.delete, DELETE_TIMEOUT),
    ];
    rules::timeouts(all, &Place::of(PoolModel::TIMEOUTS), found);
}
