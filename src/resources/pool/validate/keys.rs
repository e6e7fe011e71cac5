//! Keys of labels and annotations that are not the user's to write.

use crate::modelarts::keys;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::field::Field;

use super::super::config::{PoolConfig, TextMap};
use super::report::Place;

/// Labels that a typed attribute owns, or that only the service sets.
const RESERVED_LABELS: &[(&str, Option<&str>)] = &[
    (keys::NAME, Some("name")),
    (keys::WORKSPACE_ID, Some("workspace_id")),
    (keys::NODE_PREFIX, Some("node_prefix")),
    (keys::SHARING, Some("sharing")),
    (keys::RESOURCE_ID, None),
    (keys::TENANT_DOMAIN_ID, None),
    (keys::TENANT_PROJECT_ID, None),
    (keys::ORDER_NAME, None),
    (keys::CREATE_FROM, None),
    (keys::BIZ, None),
];

/// Annotations that a typed attribute owns, or that only the service sets.
const RESERVED_ANNOTATIONS: &[(&str, Option<&str>)] = &[
    (keys::DESCRIPTION, Some("description")),
    (keys::SCHEDULER_EXTENSION, Some("scheduler_extension")),
    (keys::BILLING_MODE, Some("charging_mode")),
    (keys::PERIOD_NUM, Some("period")),
    (keys::PERIOD_TYPE, Some("period_unit")),
    (keys::AUTO_RENEW, Some("auto_renew")),
    (keys::AUTO_PAY, Some("auto_pay")),
    (keys::PROMOTION_INFO, Some("promotion_info")),
    (keys::CONSOLE_URL, Some("console_url")),
    (keys::ORDER_ID, Some("order_id")),
    (keys::FLAVOR_RESOURCE_IDS, None),
    (keys::TENANT_DOMAIN_NAME, None),
    (keys::SUBPOOLS_COUNT, None),
];

/// Finds reserved keys.
pub fn check(pool: &PoolConfig, found: &mut Diagnostics) {
    reserved(&pool.labels, "labels", RESERVED_LABELS, found);
    reserved(&pool.annotations, "annotations", RESERVED_ANNOTATIONS, found);
}

fn reserved(
    map: &Field<TextMap>,
    attribute: &str,
    table: &[(&str, Option<&str>)],
    found: &mut Diagnostics,
) {
    for key in map.known().into_iter().flat_map(|map| map.keys()) {
        let detail = match table.iter().find(|(reserved, _)| reserved == key) {
            Some((_, Some(owner))) => {
                format!("The key {key:?} belongs to the attribute `{owner}`. Set that instead.")
            }
            Some((_, None)) => format!("Only the service sets {key:?}. Take it out."),
            None => continue,
        };
        Place::of(attribute).key(key).error("Reserved key", detail, found);
    }
}
