//! What answers look like, and what the service demands beyond the documented rules.

use serde::Deserialize;

use super::super::span::{Offset, Span};

/// Says what answers look like.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// The order of list items and of the entries inside a pool or network.
    pub order: AnswerOrder,
    /// `status.resources.*` is one object where it has one entry (older tables of the API).
    pub resources_as_objects: bool,
    /// Fields that no reference knows are added on every level.
    pub unknown_fields: bool,
    /// Numbers come as strings.
    pub numbers_as_strings: bool,
    /// What the service may leave out is left out: period, auto.renew, driver update strategy; of
    /// a network a phase that is empty, IPv6 that is off and connections that there are not.
    pub terse: bool,
    /// The label with the name of the order is there.
    pub order_names: bool,
    /// Entries are answered with nothing but flavor and count, as one edition of the API prints
    /// them.
    pub short_entries: bool,
    /// Volumes that nobody asked for are filled in.
    pub fill_volumes: bool,
    /// Connections of networks show the settings that nobody asked for: the default gateway, the
    /// subnet.
    pub fill_connections: bool,
    /// DELETE and node actions answer with an empty body.
    pub empty_bodies: bool,
    /// A reboot answers with the names of the nodes alone and names no job.
    pub reboot_without_job: bool,
    /// Locks and unlocks answer with the plain names of the nodes that went well.
    pub lock_names: bool,
    /// The gateway knows no call that shows a job.
    pub no_jobs: bool,
    /// The largest page of paged lists.
    pub page_size: usize,
    /// Nodes of a pool come all at once, whatever page is asked for.
    pub nodes_at_once: bool,
    /// What answers about pools and networks leave out.
    pub leave_out: LeaveOut,
    /// A look-up of projects by name also finds those whose names only begin with it.
    pub sub_projects: bool,
    /// Bodies are compressed with gzip where the request accepts that.
    pub gzip: bool,
    /// How far the `Date` of answers is off, beside the gateway's clock (`clock_offset`).
    pub date_offset: Offset,
    /// Answers have no `Date`.
    pub no_date: bool,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            order: AnswerOrder::AsIs,
            resources_as_objects: false,
            unknown_fields: false,
            numbers_as_strings: false,
            terse: false,
            order_names: true,
            short_entries: false,
            fill_volumes: false,
            fill_connections: false,
            empty_bodies: false,
            reboot_without_job: false,
            lock_names: false,
            no_jobs: false,
            page_size: 500,
            nodes_at_once: false,
            leave_out: LeaveOut::default(),
            sub_projects: false,
            gzip: false,
            date_offset: Offset::default(),
            no_date: false,
        }
    }
}

/// Names what answers about pools and networks leave out.
///
/// A name is a path through the object with dots, such as `spec.network` or `metadata.labels`; it
/// goes through the items of lists by itself, as in `spec.resources.azs`. `label:` and
/// `annotation:` name one entry; without a prefix of its own, `os.modelarts/` is put before it, as
/// in `label:node.prefix`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LeaveOut {
    /// Left out of the objects of a list.
    pub list: Vec<String>,
    /// Left out of an object that is asked for by its ID.
    pub show: Vec<String>,
    /// Left out of answers to create, patch and delete.
    pub change: Vec<String>,
    /// They are null instead of absent.
    pub as_null: bool,
}

/// Says in which order lists are answered.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerOrder {
    /// As stored.
    #[default]
    AsIs,
    /// Back to front.
    Reversed,
    /// Differently for every answer; the number is the seed.
    Random(u64),
}

/// Says what the service demands beyond the documented rules.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Logical pools wait for an approval.
    pub approval: bool,
    /// The largest number of pools; absent means no limit.
    pub pool_quota: Option<usize>,
    /// The largest number of networks; absent means no limit.
    pub network_quota: Option<usize>,
    /// The longest display name of a pool; clouds differ between 25 and 64.
    pub max_name_length: usize,
    /// A GET without a content type is refused, as some gateways do.
    pub content_type_on_get: bool,
    /// So many wrong signatures in a row lock an access key for five minutes; 0 means never.
    pub lock_after: u32,
    /// The status of answers that say a pool is busy; no reference states it.
    pub busy_status: u16,
    /// How long tokens and temporary keys are valid.
    pub token_lifetime: Span,
    /// Deleting a pool in phase Creating is refused as busy.
    pub creating_is_busy: bool,
    /// What becomes of an entry's old `maxCount` when a patch changes the count and says nothing
    /// of it.
    pub old_max_count: WhenOmitted,
    /// What becomes of an entry's old zones when a patch changes the count and says nothing of
    /// them.
    pub old_zones: WhenOmitted,
    /// Zones of a request whose counts do not add up to the entry's count.
    pub zone_sums: ZoneSums,
    /// Whether a reset says how many nodes it may take at a time.
    pub rolling_config: RollingConfig,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            approval: false,
            pool_quota: None,
            network_quota: None,
            max_name_length: 64,
            content_type_on_get: false,
            lock_after: 5,
            busy_status: 409,
            token_lifetime: Span::ms(24 * 3600 * 1000),
            creating_is_busy: false,
            old_max_count: WhenOmitted::default(),
            old_zones: WhenOmitted::default(),
            zone_sums: ZoneSums::default(),
            rolling_config: RollingConfig::default(),
        }
    }
}

/// Says what becomes of a value that a patch leaves out although it no longer fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenOmitted {
    /// It moves along with the count.
    #[default]
    Moves,
    /// The patch is refused.
    Refused,
    /// It stays as it is and is answered so.
    Stays,
}

/// Says whether counts of zones must add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneSums {
    /// A request in which they do not is refused.
    #[default]
    Checked,
    /// They are taken and answered as they come; nodes follow the count.
    Ignored,
}

/// Says whether a reset has a `rollingConfig`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollingConfig {
    /// It must, as the API says.
    #[default]
    Required,
    /// It may; without one all nodes are reset at once.
    Optional,
    /// It must not, as has been seen with pools of plain virtual machines.
    Refused,
}
