//! What the service's lists say to what a plan orders.

use crate::modelarts::driver::Card;
use crate::modelarts::flavor::Flavor;
use crate::resources::offer::{self, ChargingMode};
use crate::tf::path::Path;

use super::super::super::schema::{Entry, PoolModel};
use super::instead;
use super::wanted::{NewNodes, Wanted, WantedDriver};

/// Something that is wanted and cannot be had.
#[derive(Debug, PartialEq)]
pub struct Finding {
    /// Names it: Terraform folds messages of one summary.
    pub summary: String,
    /// Where it is wanted, why it cannot be had, and what can be had instead.
    pub detail: String,
    /// The attribute.
    pub at: Path,
}

/// Judges the nodes that an entry gets by the flavors on offer.
pub fn of_nodes(nodes: &NewNodes, pool: &Wanted, flavors: &[Flavor]) -> Option<Finding> {
    let name = nodes.flavor.as_str();
    let known: Vec<&Flavor> = flavors.iter().filter(|flavor| flavor.name() == name).collect();
    let at = nodes.at.attribute(Entry::FLAVOR);
    // A list without any flavor says nothing about this one.
    let Some(flavor) = known.first().copied() else {
        return (!flavors.is_empty()).then(|| unknown(name, pool, flavors, at));
    };
    if pool.is_share {
        return None;
    }
    let of_kind = keep(&known, |flavor| is_of_kind(flavor, pool));
    if of_kind.is_empty() {
        return Some(wrong_kind(flavor, pool, flavors, at));
    }
    let payable = keep(&of_kind, |flavor| can_be_paid(flavor, pool));
    if payable.is_empty() {
        return Some(wrong_mode(flavor, pool, flavors));
    }
    let sale = Sale { flavor, offers: payable, pool, flavors };
    if !sale.offers.iter().any(|flavor| offer::is_on_sale(flavor)) {
        return Some(sale.is_over(&nodes.zones, at));
    }
    let closed =
        |zone: &&String| !sale.offers.iter().any(|flavor| offer::is_on_sale_in(flavor, zone));
    let closed: Vec<&str> = nodes.zones.iter().filter(closed).map(String::as_str).collect();
    (!closed.is_empty()).then(|| sale.is_elsewhere(&closed, nodes.at.attribute(Entry::AZS)))
}

fn keep<'a>(flavors: &[&'a Flavor], fits: impl Fn(&Flavor) -> bool) -> Vec<&'a Flavor> {
    flavors.iter().copied().filter(|flavor| fits(flavor)).collect()
}

/// What the service does not say does not speak against a flavor.
fn is_of_kind(flavor: &Flavor, pool: &Wanted) -> bool {
    let (is, wanted) = (flavor.spec.kind.as_deref(), pool.kind.as_deref());
    is.zip(wanted).is_none_or(|(is, wanted)| is == wanted)
}

fn can_be_paid(flavor: &Flavor, pool: &Wanted) -> bool {
    pool.mode.is_none_or(|mode| offer::can_be_paid(flavor, mode))
}

/// Flavors that the pool could have, in all of these zones.
fn on_sale<'a>(pool: &Wanted, flavors: &'a [Flavor], zones: &[&str]) -> Vec<&'a Flavor> {
    let fits = |flavor: &&Flavor| {
        is_of_kind(flavor, pool)
            && can_be_paid(flavor, pool)
            && offer::is_on_sale(flavor)
            && zones.iter().all(|zone| offer::zones_on_sale(flavor).any(|open| open == *zone))
    };
    flavors.iter().filter(fits).collect()
}

fn unknown(name: &str, pool: &Wanted, flavors: &[Flavor], at: Path) -> Finding {
    let near = instead::named_like(name, on_sale(pool, flavors, &[]));
    Finding {
        summary: format!("Flavor {name} is not on offer"),
        detail: format!(
            "{at} is {name:?}, which is not among the flavors that the service offers to this \
             project. {}",
            alternatives("On sale, with the most similar names", &near)
        ),
        at,
    }
}

fn wrong_kind(flavor: &Flavor, pool: &Wanted, flavors: &[Flavor], at: Path) -> Finding {
    let name = flavor.name();
    let is = flavor.spec.kind.as_deref().unwrap_or_default();
    let wanted = pool.kind.as_deref().unwrap_or_default();
    let near = instead::like(flavor, on_sale(pool, flavors, &[]));
    Finding {
        summary: format!("Flavor {name} is not for {wanted} pools"),
        detail: format!(
            "{at}: {name} is a flavor for pools of type {is}, and the type of this pool is \
             {wanted}. {}",
            alternatives("On sale instead", &near)
        ),
        at,
    }
}

fn wrong_mode(flavor: &Flavor, pool: &Wanted, flavors: &[Flavor]) -> Finding {
    let name = flavor.name();
    let (wanted, other) = match pool.mode {
        Some(ChargingMode::PrePaid) => (ChargingMode::PrePaid, ChargingMode::PostPaid),
        _ => (ChargingMode::PostPaid, ChargingMode::PrePaid),
    };
    let (wanted, other) = (wanted.as_str(), other.as_str());
    let near = instead::like(flavor, on_sale(pool, flavors, &[]));
    Finding {
        summary: format!("Flavor {name} is not sold {wanted}"),
        detail: format!(
            "The charging_mode of this pool is {wanted}, and the service sells {name} {other} only. {}",
            alternatives("On sale instead", &near)
        ),
        at: Path::of(PoolModel::CHARGING_MODE),
    }
}

/// How a flavor that fits otherwise is sold.
struct Sale<'a> {
    flavor: &'a Flavor,
    /// The offers of it that fit otherwise.
    offers: Vec<&'a Flavor>,
    pool: &'a Wanted,
    flavors: &'a [Flavor],
}

impl Sale<'_> {
    fn is_over(&self, zones: &[String], at: Path) -> Finding {
        let name = self.flavor.name();
        let all = self.offers.iter().flat_map(|flavor| flavor.status.phase.keys());
        let zones: Vec<&str> = zones.iter().map(String::as_str).collect();
        Finding {
            summary: format!("Flavor {name} is sold out"),
            detail: format!(
                "{at}: {name} is sold out in every zone that has it ({}). {}",
                list(all.map(String::as_str)),
                self.others(&zones)
            ),
            at,
        }
    }

    fn is_elsewhere(&self, closed: &[&str], at: Path) -> Finding {
        let name = self.flavor.name();
        let has =
            |zone: &&str| self.offers.iter().any(|flavor| flavor.status.phase.contains_key(*zone));
        let (sold_out, absent): (Vec<&str>, Vec<&str>) = closed.iter().partition(|zone| has(zone));
        let mut said = Vec::new();
        if !sold_out.is_empty() {
            said.push(format!("sold out in {}", sold_out.join(", ")));
        }
        if !absent.is_empty() {
            said.push(format!("not offered in {}", absent.join(", ")));
        }
        let said = said.join(" and ");
        let open = list(self.offers.iter().flat_map(|flavor| offer::zones_on_sale(flavor)));
        Finding {
            summary: format!("Flavor {name} is {said}"),
            detail: format!(
                "{at}: {name} is {said}. It is on sale in {open}. {}",
                self.others(closed)
            ),
            at,
        }
    }

    fn others(&self, zones: &[&str]) -> String {
        let there = instead::like(self.flavor, on_sale(self.pool, self.flavors, zones));
        if zones.is_empty() {
            return alternatives("On sale instead", &there);
        }
        let what = format!("On sale instead in {}", zones.join(", "));
        if !there.is_empty() {
            return alternatives(&what, &there);
        }
        let elsewhere = instead::like(self.flavor, on_sale(self.pool, self.flavors, &[]));
        alternatives("On sale instead in other zones", &elsewhere)
    }
}

fn alternatives(what: &str, flavors: &[&Flavor]) -> String {
    if flavors.is_empty() {
        return "No other flavor that this pool could have is on sale.".to_owned();
    }
    let all: Vec<String> = flavors.iter().map(|flavor| instead::describe(flavor)).collect();
    format!("{what}: {}.", all.join(", "))
}

/// Names, each once, in order.
fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: std::collections::BTreeSet<&str> = names.collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// Judges a driver by the versions on offer, newest first.
pub fn of_driver(driver: &WantedDriver, kind: Card, versions: &[String]) -> Option<Finding> {
    let WantedDriver { version, at, .. } = driver;
    // A list without any version says nothing about this one.
    if versions.is_empty() || versions.contains(version) {
        return None;
    }
    let word = match kind {
        Card::Gpu => "GPU",
        Card::Npu => "NPU",
    };
    Some(Finding {
        summary: format!("{word} driver version {version} is not on offer"),
        detail: format!(
            "{at} is {version:?}. The service offers, newest first: {}.",
            versions.join(", ")
        ),
        at: at.clone(),
    })
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
