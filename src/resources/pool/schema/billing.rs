//! How a pool is paid for.

use crate::tf::schema::{
    Attribute,
    Mode::{Optional, OptionalComputed},
};

use super::super::defaults;

/// The attributes, in the order in which they are documented.
///
/// The service seldom returns what was ordered: a prior null then means "not
/// known", and writing the value down is no reason for a new pool.
pub fn attributes() -> Vec<Attribute> {
    vec![
        Attribute::string(
            "charging_mode",
            OptionalComputed,
            "`postPaid` pays by use, `prePaid` for months or years in advance. Default \
             `postPaid`. Changing it creates a new pool.",
        )
        .default_value(defaults::CHARGING_MODE)
        .not_null()
        .replaces(),
        Attribute::string(
            "period_unit",
            Optional,
            "Unit of `period`: `month` or `year`. Mandatory for a `prePaid` pool, not allowed \
             otherwise. Changing it creates a new pool.",
        )
        .replaces_unless_prior_null(),
        Attribute::number(
            "period",
            Optional,
            "How long to pay for in advance: 1 to 9 months, or 1 to 3 years. Mandatory for a \
             `prePaid` pool, not allowed otherwise. Nodes that are added later are ordered for the \
             same period. Changing it creates a new pool.",
        )
        .replaces_unless_prior_null(),
        Attribute::bool(
            "auto_renew",
            Optional,
            "Whether a `prePaid` pool is renewed when its period ends. The service assumes \
             `false`. Changing it creates a new pool; to change it without, use the billing \
             console.",
        )
        .replaces_unless_prior_null(),
        Attribute::bool(
            "auto_pay",
            Optional,
            "Whether the order of a `prePaid` pool is paid automatically. Without it, and without \
             `order_id`, the pool waits in phase `Waiting` until somebody pays. Changing it \
             creates a new pool.",
        )
        .replaces_unless_prior_null(),
        Attribute::string(
            "promotion_info",
            Optional,
            "Discount chosen in billing. Changing it creates a new pool.",
        )
        .replaces_unless_prior_null(),
        Attribute::string(
            "console_url",
            Optional,
            "Page to land on after payment. Changing it creates a new pool.",
        )
        .replaces_unless_prior_null(),
        Attribute::string(
            "order_id",
            Optional,
            "ID of the billing order of a `prePaid` pool. Changed in place.",
        ),
    ]
}
