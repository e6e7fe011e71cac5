//! `status`: what the service says about a pool.

use crate::tf::schema::{Attribute, Mode::Computed};

use super::WORKING;

/// The attribute.
pub fn attribute() -> Attribute {
    let text = |name: &str, description: &str| Attribute::string(name, Computed, description);
    let counts = |name: &str, description: &str| {
        Attribute::list(
            name,
            vec![
                text("flavor", "Flavor of the nodes."),
                text("node_pool", "Node pool of the nodes."),
                Attribute::number("count", Computed, "Number of nodes."),
                Attribute::number("max_count", Computed, "Number of nodes that it may grow to."),
                Attribute::set(
                    "azs",
                    vec![
                        text("az", "Name of the availability zone."),
                        Attribute::number("count", Computed, "Number of nodes in the zone."),
                    ],
                    Computed,
                    "Nodes in each availability zone.",
                ),
            ],
            Computed,
            description,
        )
    };
    let driver = |name: &str, description: &str| {
        Attribute::single(
            name,
            vec![text("version", "Version of the driver."), text("state", "State of the driver.")],
            Computed,
            description,
        )
    };
    Attribute::single(
        "status",
        vec![
            text("phase", "Phase of the pool, such as `Creating`, `Running` or `Abnormal`."),
            text("message", "Why the pool is in this phase."),
            text("parent", "ID of the pool that it is carved from."),
            text("root", "ID of the physical pool at the root."),
            Attribute::single(
                "resources",
                vec![
                    counts("creating", "Nodes that are being made."),
                    counts("available", "Nodes that are ready."),
                    counts("abnormal", "Nodes that do not work."),
                    counts("deleting", "Nodes that are being removed."),
                ],
                Computed,
                "Nodes by state.",
            ),
            Attribute::list(
                "scope",
                vec![
                    text("scope_type", "Job type."),
                    text(
                        "state",
                        "`Enabling`, `Enabled`, `Disabling`, `Disabled` or `EnableFailed`.",
                    ),
                    text("message", "Why the job type is in this state."),
                ],
                Computed,
                "Job types and their states.",
            ),
            Attribute::single(
                "driver",
                vec![driver("gpu", "The GPU driver."), driver("npu", "The Ascend driver.")],
                Computed,
                "Drivers and their states.",
            ),
            Attribute::list(
                "clusters",
                vec![
                    text("name", "Name of the cluster."),
                    text("provider_id", "ID of the cluster at its provider."),
                ],
                Computed,
                "Clusters of the pool.",
            ),
        ],
        Computed,
        "What the service says about the pool.",
    )
    .changes_with(WORKING)
}
