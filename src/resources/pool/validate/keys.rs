//! Keys of labels and annotations that are not the user's to write.

use crate::modelarts::labels;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::field::Field;

use super::super::config::{PoolConfig, TextMap};
use super::report::Place;

/// Labels that a typed attribute owns, or that only the service sets.
const RESERVED_LABELS: &[(&str, Option<&str>)] = &[
    (labels::NAME, Some("name")),
    (labels::WORKSPACE_ID, Some("workspace_id")),
    (labels::NODE_PREFIX, Some("node_prefix")),
    (labels::SHARING, Some("sharing")),
    (labels::RESOURCE_ID, None),
    (labels::TENANT_DOMAIN_ID, None),
    (labels::TENANT_PROJECT_ID, None),
    (labels::ORDER_NAME, None),
    (labels::CREATE_FROM, None),
    (labels::BIZ, None),
];

/// Annotations that a typed attribute owns, or that only the service sets.
const RESERVED_ANNOTATIONS: &[(&str, Option<&str>)] = &[
    (labels::DESCRIPTION, Some("description")),
    (labels::SCHEDULER_EXTENSION, Some("scheduler_extension")),
    (labels::BILLING_MODE, Some("charging_mode")),
    (labels::PERIOD_NUM, Some("period")),
    (labels::PERIOD_TYPE, Some("period_unit")),
    (labels::AUTO_RENEW, Some("auto_renew")),
    (labels::AUTO_PAY, Some("auto_pay")),
    (labels::PROMOTION_INFO, Some("promotion_info")),
    (labels::CONSOLE_URL, Some("console_url")),
    (labels::ORDER_ID, Some("order_id")),
    (labels::FLAVOR_RESOURCE_IDS, None),
    (labels::TENANT_DOMAIN_NAME, None),
    (labels::SUBPOOLS_COUNT, None),
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
