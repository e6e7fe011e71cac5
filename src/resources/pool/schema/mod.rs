//! What `modelarts_pool` accepts, and how its attributes behave in a plan.

mod billing;
mod entry;
mod network;
mod status;

use std::sync::OnceLock;

use crate::tf::schema::{
    Attribute, Block, BlockNesting, ElementKey,
    Mode::{Computed, Optional, OptionalComputed, Required},
    NestedBlock, Schema,
};
use crate::tf::ty::Type;
use crate::tf::value::Value;

use super::defaults;

/// The version of the state that this release writes.
pub const VERSION: i64 = 1;

/// Attributes that live in Terraform alone: changing only these calls nobody.
pub const LOCAL: &[&str] = &["wait_for", "on_timeout", "deletion_protection", "timeouts"];

/// Attributes whose change sets the pool to work: its status follows.
const WORKING: &[&str] = &["workspace_id", "scope", "driver", "job_flavors", "resources"];

fn schema() -> Schema {
    let mut attributes = identity_attributes();
    attributes.extend(metadata_attributes());
    attributes.extend(spec_attributes());
    attributes.extend(local_attributes());
    attributes.extend(computed_attributes());
    Schema {
        version: VERSION,
        block: Block {
            attributes,
            blocks: vec![timeouts()],
            description: "A ModelArts resource pool: nodes of one or more flavors that training, \
                          inference and notebook jobs run on.\n\nCreating, scaling and deleting \
                          take minutes to hours; the provider waits for them and a run that is \
                          interrupted or runs out of time is taken up again by the next apply."
                .to_owned(),
            deprecation: None,
        },
    }
}

fn identity_attributes() -> Vec<Attribute> {
    vec![
        Attribute::string(
            "id",
            Computed,
            "ID of the pool, given by the service. Use it for `terraform import`.",
        )
        .not_null(),
        Attribute::string(
            "name",
            Required,
            "Display name of the pool, unique in the project: 4 to 64 lower-case letters, digits \
             and hyphens, starting with a letter and not ending with a hyphen. Some regions \
             accept no more than 30. Changing it creates a new pool.",
        )
        .replaces(),
        Attribute::string(
            "workspace_id",
            OptionalComputed,
            "ID of the workspace that the pool belongs to. Defaults to the provider's \
             `workspace_id`, otherwise to the default workspace `0`. Changing it moves the pool in \
             place.",
        )
        .not_null(),
        Attribute::string(
            "node_prefix",
            Optional,
            "Prefix of the names of the nodes. Changing it creates a new pool.",
        )
        .replaces(),
    ]
}

fn metadata_attributes() -> Vec<Attribute> {
    vec![
        Attribute::string(
            "sharing",
            OptionalComputed,
            "Whether other users may use the pool: `unshared` or `shared`. Changed in place.",
        ),
        Attribute::new(
            "labels",
            Type::map(Type::String),
            Optional,
            "Further labels of the pool. Only the keys written here are managed; all that the \
             service holds is in `effective_labels`. Changing them creates a new pool.",
        )
        .replaces(),
        Attribute::string(
            "description",
            Optional,
            "Description of the pool, without any of `! < > = & \" '`. Changed in place.",
        ),
        Attribute::string(
            "scheduler_extension",
            Optional,
            "Priority of the jobs that other users send to a shared pool. Changed in place.",
        ),
        Attribute::new(
            "annotations",
            Type::map(Type::String),
            Optional,
            "Further annotations of the pool. Only the keys written here are managed; all that \
             the service holds is in `effective_annotations`. Changed in place.",
        ),
    ]
}

fn spec_attributes() -> Vec<Attribute> {
    let mut attributes = vec![
        Attribute::string(
            "type",
            OptionalComputed,
            "Kind of pool: `Dedicate` has a network of its own, custom drivers and job types; \
             `Logical` has none of these and is quicker to create. Default `Dedicate`. Changing \
             it creates a new pool.",
        )
        .default_value(defaults::TYPE)
        .not_null()
        .replaces(),
        Attribute::new(
            "scope",
            Type::set(Type::String),
            OptionalComputed,
            "Job types that the pool runs: any of `Train`, `Infer` and `Notebook`. At least one \
             for a pool with a ModelArts network, none for a `Logical` or privileged one. Changed \
             in place.",
        ),
        Attribute::string(
            "parent",
            Optional,
            "ID of the pool that a `Logical` pool is carved from. Changing it creates a new pool.",
        )
        .replaces(),
    ];
    attributes.extend(network::attributes());
    attributes.extend([
        driver(),
        Attribute::new(
            "job_flavors",
            Type::set(Type::String),
            Optional,
            "Names of job flavors that the pool offers. Changed in place.",
        ),
    ]);
    attributes.extend(billing::attributes());
    attributes.push(entry::attribute());
    attributes
}

fn driver() -> Attribute {
    Attribute::single(
        "driver",
        vec![
            Attribute::string(
                "gpu_version",
                OptionalComputed,
                "Version of the GPU driver, such as `440.33`. Only with GPU flavors.",
            ),
            Attribute::string(
                "npu_version",
                OptionalComputed,
                "Version of the Ascend driver, such as `C78`. Only with NPU flavors, and \
                 mandatory for them on some clouds.",
            ),
            update_strategy(),
        ],
        OptionalComputed,
        "Drivers of the accelerators. Changed in place.",
    )
    .null_when_unset()
}

/// The same for the drivers of a pool and for the one of an entry.
fn update_strategy() -> Attribute {
    Attribute::string(
        "update_strategy",
        Optional,
        "When a node gets a new driver: `force` at once, which may break running jobs, or `idle` \
         when no job runs on it.",
    )
}

fn local_attributes() -> Vec<Attribute> {
    vec![
        Attribute::string(
            "wait_for",
            OptionalComputed,
            "How far an apply waits: `ready` (all nodes, job types and drivers are ready), \
             `running` (the phase is `Running`) or `accepted` (the service has taken the request). \
             Default `ready`.",
        )
        .default_value(defaults::WAIT_FOR)
        .not_null(),
        Attribute::string(
            "on_timeout",
            OptionalComputed,
            "What a create or update does that runs out of time: `keep` saves the pool with a \
             warning, and the next apply goes on waiting; `fail` is an error, and a new pool is \
             tainted. Default `keep`.",
        )
        .default_value(defaults::ON_TIMEOUT)
        .not_null(),
        Attribute::bool(
            "deletion_protection",
            OptionalComputed,
            "While this is `true`, a plan that would destroy or replace the pool is refused. \
             Default `false`.",
        )
        .default_value(false)
        .not_null(),
    ]
}

fn computed_attributes() -> Vec<Attribute> {
    let mut attributes = vec![
        Attribute::bool(
            "ready",
            Computed,
            "Whether all nodes, job types and drivers are ready. For `postcondition` and `check` \
             blocks.",
        )
        .changes_with(WORKING)
        .not_null(),
        Attribute::string("creation_timestamp", Computed, "When the pool was created, RFC 3339."),
        Attribute::string("resource_id", Computed, "ID of the pool in billing."),
        Attribute::string("order_name", Computed, "Name of the last order job of the pool.")
            .changes_with(&["resources", "workspace_id"]),
        Attribute::string("tenant_domain_id", Computed, "ID of the account that owns the pool."),
        Attribute::string("tenant_project_id", Computed, "ID of the project that owns the pool."),
        Attribute::string("biz", Computed, "Business type of the pool: `public` or `private`."),
        Attribute::string(
            "create_from",
            Computed,
            "Where the pool was created, such as `console`.",
        ),
        Attribute::new(
            "effective_labels",
            Type::map(Type::String),
            Computed,
            "All labels that the service holds.",
        )
        .changes_with(&["sharing", "labels", "workspace_id", "resources"]),
        Attribute::new(
            "effective_annotations",
            Type::map(Type::String),
            Computed,
            "All annotations that the service holds.",
        )
        .changes_with(&[
            "description",
            "annotations",
            "scheduler_extension",
            "order_id",
            "resources",
        ]),
        Attribute::number(
            "control_mode",
            Computed,
            "Restrictions as a bit set: 1 change to yearly/monthly, 2 change of specifications, 4 \
             service, 8 frozen, 16 frozen by public security. 0 is none.",
        ),
        Attribute::new(
            "restrictions",
            Type::list(Type::String),
            Computed,
            "What `control_mode` means, in words. Empty when nothing is restricted.",
        ),
    ];
    attributes.push(status::attribute());
    attributes
}

fn timeouts() -> NestedBlock {
    let timeout = |name: &str, what: &str, default: &str| {
        Attribute::string(
            name,
            Optional,
            &format!("How long {what} may take, such as `45m` or `1h30m`. Default `{default}`."),
        )
    };
    NestedBlock {
        name: "timeouts".to_owned(),
        nesting: BlockNesting::Single,
        block: Block {
            attributes: vec![
                timeout("create", "creating the pool", defaults::CREATE_TIMEOUT),
                timeout("update", "changing the pool", defaults::UPDATE_TIMEOUT),
                timeout("delete", "deleting the pool", defaults::DELETE_TIMEOUT),
            ],
            description: "How long operations may take. Changing this calls nobody.".to_owned(),
            ..Block::default()
        },
    }
}

/// Keys by which entries of `resources` are told apart.
pub fn entry_keys() -> &'static [ElementKey] {
    entry::KEYS
}

/// The schema, built once.
pub fn shared() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(schema)
}

/// An object with every attribute null, to be filled.
pub fn empty_object() -> Value {
    let block = &shared().block;
    let attributes = block.attributes.iter().map(|attribute| attribute.name.clone());
    let blocks = block.blocks.iter().map(|nested| nested.name.clone());
    Value::object(attributes.chain(blocks).map(|name| (name, Value::Null)))
}
