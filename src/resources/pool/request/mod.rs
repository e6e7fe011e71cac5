//! What the service is asked for.

mod create;
mod entries;
mod entry;
mod patch;

use crate::modelarts::labels;
use crate::modelarts::pool::Driver;

use super::spec::{DriverSpec, PatchableSpec};

pub use create::{carries, create};
pub use patch::{Change, Conflict, PatchStep, asks_the_same, is_same, patches};

/// Annotations that an attribute of their own stands for and that can change.
fn typed_annotations(wanted: &PatchableSpec) -> [(&'static str, &Option<String>); 3] {
    [
        (labels::DESCRIPTION, &wanted.description),
        (labels::SCHEDULER_EXTENSION, &wanted.scheduler_extension),
        (labels::ORDER_ID, &wanted.order_id),
    ]
}

fn driver(spec: &DriverSpec) -> Driver {
    Driver {
        gpu_version: spec.gpu_version.clone(),
        npu_version: spec.npu_version.clone(),
        update_strategy: spec.update_strategy.clone(),
    }
}
