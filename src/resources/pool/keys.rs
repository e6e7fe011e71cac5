//! Keys of labels and annotations: whose they are.

use std::sync::OnceLock;

use crate::modelarts::labels;
use crate::tf::model::Model;

use super::schema::PoolModel;

/// Labels that only the service sets.
const LABELS_OF_SERVICE: &[&str] = &[
    labels::RESOURCE_ID,
    labels::TENANT_DOMAIN_ID,
    labels::TENANT_PROJECT_ID,
    labels::ENTERPRISE_PROJECT_ID,
    labels::ORDER_NAME,
    labels::CREATE_FROM,
    labels::BIZ,
    labels::PRIVILEGED,
];

/// Annotations that only the service sets.
const ANNOTATIONS_OF_SERVICE: &[&str] = &[
    labels::FLAVOR_RESOURCE_IDS,
    labels::TENANT_DOMAIN_NAME,
    labels::SUBPOOLS_COUNT,
    labels::TMS_TAGS,
];

/// The attribute that stands for a key, if there is one.
pub fn owner(key: &str) -> Option<&'static str> {
    static OWNERS: OnceLock<Vec<(&'static str, String)>> = OnceLock::new();
    let owners = OWNERS.get_or_init(|| {
        let owned = |a: crate::tf::schema::Attribute| Some((a.behaviour.owns_key?, a.name));
        PoolModel::attributes().into_iter().filter_map(owned).collect()
    });
    owners.iter().find(|(owned, _)| *owned == key).map(|(_, name)| name.as_str())
}

/// Says whether only the service sets a label or annotation of this key.
pub fn is_of_service(key: &str) -> bool {
    LABELS_OF_SERVICE.contains(&key) || ANNOTATIONS_OF_SERVICE.contains(&key)
}
