//! What is on offer, and where (API reference, resource flavors).

use crate::modelarts::flavor::Flavor;

/// What a plan does about flavors and drivers that are not on sale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Check {
    /// It does not look.
    Off,
    /// It warns.
    #[default]
    Warn,
    /// It is refused.
    Error,
}

impl Check {
    /// The words of a configuration.
    pub const WORDS: [&str; 3] = ["warn", "error", "off"];

    /// Reads the word of a configuration.
    pub fn read(word: &str) -> Option<Self> {
        match word {
            "off" => Some(Self::Off),
            "warn" => Some(Self::Warn),
            "error" => Some(Self::Error),
            _ => None,
        }
    }
}

/// How a pool is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargingMode {
    /// By use.
    PostPaid,
    /// In advance.
    PrePaid,
}

impl ChargingMode {
    /// Reads the word of a configuration.
    pub fn read(word: &str) -> Self {
        if word == "prePaid" { Self::PrePaid } else { Self::PostPaid }
    }

    /// The word of a configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PostPaid => "postPaid",
            Self::PrePaid => "prePaid",
        }
    }

    /// The number of the service.
    fn number(self) -> i64 {
        match self {
            Self::PostPaid => 0,
            Self::PrePaid => 1,
        }
    }
}

/// Says whether a flavor can be paid for in this way; unless the service says how
/// it is paid for, it can.
pub fn can_be_paid(flavor: &Flavor, mode: ChargingMode) -> bool {
    let modes = &flavor.spec.billing_modes;
    modes.is_empty() || modes.contains(&mode.number())
}

/// Says whether a flavor is for a job type; unless the service says for which, it
/// is for all.
pub fn is_for_scope(flavor: &Flavor, scope: &str) -> bool {
    let mut scopes = flavor.scopes().peekable();
    scopes.peek().is_none() || scopes.any(|own| own == scope)
}

/// Says whether a flavor is offered in a zone, sold out or not. Its zones may not
/// be known.
pub fn is_offered_in(flavor: &Flavor, zone: &str) -> bool {
    let zones = &flavor.status.phase;
    zones.is_empty() || zones.contains_key(zone)
}

/// Says whether a flavor is on sale in a zone. Without a sale status it counts as
/// on sale.
pub fn is_on_sale_in(flavor: &Flavor, zone: &str) -> bool {
    let zones = &flavor.status.phase;
    zones.is_empty() || zones.get(zone).is_some_and(|status| !is_sold_out(status))
}

/// Says whether a flavor is on sale in some zone.
pub fn is_on_sale(flavor: &Flavor) -> bool {
    flavor.status.phase.is_empty() || zones_on_sale(flavor).next().is_some()
}

/// The zones in which a flavor is on sale, as far as the service says where.
pub fn zones_on_sale(flavor: &Flavor) -> impl Iterator<Item = &str> {
    let zones = flavor.status.phase.iter();
    zones.filter(|(_, status)| !is_sold_out(status)).map(|(zone, _)| zone.as_str())
}

/// A status that nobody knows does not say that a flavor cannot be had.
fn is_sold_out(status: &str) -> bool {
    status.eq_ignore_ascii_case("soldout")
}

/// Reads a number of cores: `8`, `7.5`, `7500m`.
pub fn cores(quantity: &str) -> Option<f64> {
    let quantity = quantity.trim();
    let (number, unit) = match quantity.strip_suffix('m') {
        Some(thousandths) => (thousandths, 1000.0),
        None => (quantity, 1.0),
    };
    let is_number = number.chars().all(|c| c.is_ascii_digit() || c == '.');
    is_number.then(|| number.parse::<f64>().ok()).flatten().map(|number| number / unit)
}

/// Reads a quantity as GiB: `32Gi`, `512Mi`, `1Ti`, or a number of GiB.
pub fn gib(quantity: &str) -> Option<f64> {
    let quantity = quantity.trim();
    let end = quantity.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(quantity.len());
    let (number, unit) = quantity.split_at_checked(end)?;
    let number: f64 = number.parse().ok()?;
    let factor = match unit.trim().trim_end_matches(['B', 'b', 'i']) {
        "" | "G" | "g" => 1.0,
        "T" | "t" => 1024.0,
        "M" | "m" => 1.0 / 1024.0,
        "K" | "k" => 1.0 / 1024.0 / 1024.0,
        _ => return None,
    };
    Some(number * factor)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn flavor(zones: Json) -> Flavor {
        serde_json::from_value(json!({ "status": { "phase": zones } })).unwrap()
    }

    #[test]
    fn a_flavor_is_on_sale_where_its_status_says_so() {
        let scarce = flavor(json!({ "a": "soldout", "b": "normal" }));
        assert!(is_on_sale(&scarce) && is_on_sale_in(&scarce, "b"));
        assert!(!is_on_sale_in(&scarce, "a") && !is_on_sale_in(&scarce, "c"));
        assert!(is_offered_in(&scarce, "a") && !is_offered_in(&scarce, "c"));
        assert!(!is_on_sale(&flavor(json!({ "a": "soldout", "b": "SoldOut" }))));
        assert!(is_on_sale(&flavor(json!({ "a": "scarce" }))), "whatever that means");
        assert_eq!(zones_on_sale(&scarce).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn cores_are_read_with_thousandths() {
        assert_eq!(["8", "7.5", "7500m"].map(cores), [Some(8.0), Some(7.5), Some(7.5)]);
        assert_eq!(["", "8Gi", "m", "-8", "inf"].map(cores), [None; 5]);
    }

    #[test]
    fn without_a_status_a_flavor_counts_as_on_sale() {
        let unknown = flavor(json!({}));
        assert!(is_on_sale(&unknown) && is_on_sale_in(&unknown, "a"));
        assert!(is_offered_in(&unknown, "a"));
    }

    #[test]
    fn quantities_are_read_as_gib() {
        let cases =
            [("32Gi", 32.0), ("32", 32.0), ("512Mi", 0.5), ("1Ti", 1024.0), ("100 GiB", 100.0)];
        for (text, wanted) in cases {
            assert_eq!(gib(text), Some(wanted), "{text}");
        }
        for text in ["", "much", "1Xi"] {
            assert_eq!(gib(text), None, "{text}");
        }
    }
}
