//! Keys of the labels and annotations that the service gives a meaning.

/// Label: the display name, unique per project.
pub const NAME: &str = "os.modelarts/name";
/// Label: the workspace; `0` is the default workspace.
pub const WORKSPACE_ID: &str = "os.modelarts/workspace.id";
/// Label: prefix of the node names.
pub const NODE_PREFIX: &str = "os.modelarts/node.prefix";
/// Label: `shared` or `unshared`.
pub const SHARING: &str = "os.modelarts/sharing";
/// Label: the billing resource, needed to unsubscribe a prepaid pool.
pub const RESOURCE_ID: &str = "os.modelarts/resource.id";
/// Label: the account that owns the object.
pub const TENANT_DOMAIN_ID: &str = "os.modelarts/tenant.domain.id";
/// Label: the project that owns the object.
pub const TENANT_PROJECT_ID: &str = "os.modelarts/tenant.project.id";
/// Label: the enterprise project.
pub const ENTERPRISE_PROJECT_ID: &str = "os.modelarts/enterprise.project.id";
/// Label: where the pool was made, such as `console`.
pub const CREATE_FROM: &str = "os.modelarts/create-from";
/// Label: `public` or `private`.
pub const BIZ: &str = "os.modelarts.pool/biz";
/// Label: present on a privileged pool.
pub const PRIVILEGED: &str = "os.modelarts/privileged";
/// Label: the last order job of the pool.
pub const ORDER_NAME: &str = "os.modelarts/order.name";

/// Annotation: free text.
pub const DESCRIPTION: &str = "os.modelarts/description";
/// Annotation: `0` pay-per-use, `1` yearly or monthly.
pub const BILLING_MODE: &str = "os.modelarts/billing.mode";
/// Annotation: number of periods of a prepaid pool.
pub const PERIOD_NUM: &str = "os.modelarts/period.num";
/// Annotation: `2` month, `3` year; `4` hour occurs in answers.
pub const PERIOD_TYPE: &str = "os.modelarts/period.type";
/// Annotation: `0` off, `1` on.
pub const AUTO_RENEW: &str = "os.modelarts/auto.renew";
/// Annotation: `true` pays the order automatically.
pub const AUTO_PAY: &str = "os.modelarts/auto.pay";
/// Annotation: a discount chosen in billing.
pub const PROMOTION_INFO: &str = "os.modelarts/promotion.info";
/// Annotation: the page to land on after payment.
pub const CONSOLE_URL: &str = "os.modelarts/service.console.url";
/// Annotation: the billing order.
pub const ORDER_ID: &str = "os.modelarts/order.id";
/// Annotation: priorities of jobs in a shared pool.
pub const SCHEDULER_EXTENSION: &str = "os.modelarts/scheduler.extension";
/// Annotation: number of sub-pools carved from a pool.
pub const SUBPOOLS_COUNT: &str = "os.modelarts.pool/subpools.count";
/// Annotation: JSON text, flavour to billing resource.
pub const FLAVOR_RESOURCE_IDS: &str = "os.modelarts/flavor.resource.ids";
/// Annotation: the name of the owning account.
pub const TENANT_DOMAIN_NAME: &str = "os.modelarts/tenant.domain.name";
/// Annotation: JSON text with the pool's tags.
pub const TMS_TAGS: &str = "os.modelarts/tms.tags";

/// Flavor label: `true` for machines without virtualisation.
pub const FLAVOR_BAREMETAL: &str = "os.modelarts.flavor/baremetal";

/// Node label: ID of the machine that the node is.
pub const NODE_INSTANCE: &str = "os.modelarts.node/underlying.instance.id";
/// Node annotation: what the node is locked against; not empty when it is.
pub const NODE_LOCK: &str = "os.modelarts.node/lock.action";
/// Node annotation: how far the draining of the node is.
pub const NODE_DRAIN: &str = "os.modelarts.node/drain";
/// Node label: the node pool a node belongs to.
pub const NODE_POOL: &str = "os.modelarts.node/nodepool";
/// Node label: `0` normal, `1` frozen, `2` ended.
pub const BILLING_STATUS: &str = "os.modelarts/billing.status";
/// Flavour label: job types, separated by dots.
pub const FLAVOR_SCOPE: &str = "os.modelarts/scope";
