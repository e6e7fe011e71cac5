//! Whether what a plan asks for is on sale.
//!
//! When a pool is created or grows, its flavors are looked up in the list of
//! flavors, and its drivers in the list of versions. Both are asked for once in a
//! run. What cannot be looked up is a note in the log: a plan must not fail, or
//! wait for long, because of a hint.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use crate::modelarts::driver::Card;
use crate::modelarts::flavor::{Accelerator, Flavor};
use crate::modelarts::{Call, Error};
use crate::resources::offer::{self, ChargingMode, Check};
use crate::resources::session::{Connection, Session};
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics, Severity};
use crate::tf::path::Path;
use crate::tf::resource::{Outcome, Plan};

use super::super::schema::{Driver, Entry, PREPAID, PoolModel};
use super::pairs::Pairs;

/// Time for the look-up of one pool.
const TIMEOUT: Duration = Duration::from_secs(10);
/// So many alternatives are named.
const ALTERNATIVES: usize = 3;

/// Looks up what a plan asks for, and says what cannot be had.
pub async fn check(session: &dyn Session, cx: &Context, plan: &mut Plan<'_, PoolModel>) -> Outcome {
    let severity = match session.availability_check() {
        Check::Off => return Ok(()),
        Check::Warn => Severity::Warning,
        Check::Error => Severity::Error,
    };
    let wishes = Wishes::of(plan)?;
    if wishes.are_none() {
        return Ok(());
    }
    let connection = match session.connect(cx).await {
        Ok(connection) => connection,
        // The apply will tell.
        Err(_) => {
            tracing::info!("what is on sale is not looked up: there is no connection");
            return Ok(());
        }
    };
    let call = Call::new(cx.stop.clone(), Some(Instant::now() + TIMEOUT));
    let mut found = flavors(&connection, &call, &wishes).await;
    found.extend(drivers(&connection, &call, &wishes).await);
    let found: Diagnostics =
        found.into_iter().map(|finding| Diagnostic { severity, ..finding }).collect();
    if found.has_errors() {
        return Err(found);
    }
    plan.say_all(found);
    Ok(())
}

/// What a plan asks for that it did not have.
#[derive(Debug, Default)]
struct Wishes {
    /// New nodes.
    nodes: Vec<Nodes>,
    /// New drivers: the kind of card, the attribute's name and the version.
    drivers: Vec<(Card, &'static str, String)>,
    /// Kind of pool.
    kind: Option<String>,
    charging_mode: Option<ChargingMode>,
}

/// New nodes of one flavor.
#[derive(Debug, PartialEq, Eq)]
struct Nodes {
    flavor: String,
    /// Where they are wanted; empty when that is left to the service, or decided
    /// later.
    zones: BTreeSet<String>,
}

impl Wishes {
    fn of(plan: &Plan<'_, PoolModel>) -> Result<Self, Diagnostics> {
        if plan.is_noop() || !plan.requires_replace.is_empty() {
            return Ok(Self::default());
        }
        let planned = plan.planned()?;
        let prior = if plan.is_create() { None } else { Some(plan.prior()?) };
        // A part of another pool has that pool's nodes.
        let nodes = match planned.parent.is_null() {
            true => {
                let pairs = Pairs::of(prior.as_ref(), &planned);
                pairs.growing().filter_map(|(old, new)| Nodes::of(old, new)).collect()
            }
            false => Vec::new(),
        };
        Ok(Self {
            nodes,
            drivers: new_drivers(prior.as_ref(), &planned),
            kind: planned.r#type.cloned(),
            charging_mode: planned.charging_mode.text().map(|mode| match mode {
                PREPAID => ChargingMode::PrePaid,
                _ => ChargingMode::PostPaid,
            }),
        })
    }

    fn are_none(&self) -> bool {
        self.nodes.is_empty() && self.drivers.is_empty()
    }
}

fn new_drivers(
    prior: Option<&PoolModel>,
    planned: &PoolModel,
) -> Vec<(Card, &'static str, String)> {
    let none = Driver::default();
    let driver = |pool: Option<&PoolModel>| {
        pool.and_then(|pool| pool.driver.known()).unwrap_or(&none).clone()
    };
    let (old, new) = (driver(prior), driver(Some(planned)));
    let changed = [
        (Card::Gpu, Driver::GPU_VERSION, old.gpu_version, new.gpu_version),
        (Card::Npu, Driver::NPU_VERSION, old.npu_version, new.npu_version),
    ];
    let changed = changed.into_iter().filter(|(_, _, old, new)| old != new);
    changed.filter_map(|(card, name, _, new)| Some((card, name, new.into_known()?))).collect()
}

impl Nodes {
    fn of(old: Option<&Entry>, new: &Entry) -> Option<Self> {
        let count = |entry: Option<&Entry>, zone: &str| {
            let zones = entry.and_then(|entry| entry.azs.known());
            let zones = zones.into_iter().flat_map(|zones| zones.known());
            let there = zones.filter(|z| z.az.text() == Some(zone));
            there.filter_map(|z| z.count.get()).sum::<i64>()
        };
        let is_known = new.azs.known().is_some_and(|zones| {
            zones.is_known() && zones.known().all(|z| z.az.is_known() && z.count.is_known())
        });
        let names = new.azs.known().filter(|_| is_known).into_iter().flat_map(|all| all.known());
        let names = names.filter_map(|zone| zone.az.text());
        let grown = names.filter(|zone| count(Some(new), zone) > count(old, zone));
        let zones = grown.map(str::to_owned).collect();
        Some(Self { flavor: new.flavor.text()?.to_owned(), zones })
    }
}

/// Notes that something could not be looked up.
fn unread(what: &str, error: &Error) {
    tracing::warn!(%error, "{what} cannot be listed, so the plan says nothing of what is on sale");
}

async fn flavors(connection: &Connection, call: &Call, wishes: &Wishes) -> Diagnostics {
    if wishes.nodes.is_empty() {
        return Diagnostics::new();
    }
    match connection.hints(call, connection.flavors(call, None)).await {
        Ok(Some(flavors)) => judge(&flavors, wishes),
        Ok(None) => Diagnostics::new(),
        Err(error) => {
            unread("flavors", &error);
            Diagnostics::new()
        }
    }
}

async fn drivers(connection: &Connection, call: &Call, wishes: &Wishes) -> Diagnostics {
    let mut found = Diagnostics::new();
    for (card, name, version) in &wishes.drivers {
        match connection.hints(call, connection.driver_versions(call, *card)).await {
            Ok(Some(versions)) if versions.iter().any(|offered| offered == version) => {}
            Ok(Some(versions)) => found.push(no_such_driver(name, version, &versions)),
            Ok(None) => {}
            Err(error) => unread("driver versions", &error),
        }
    }
    found
}

fn no_such_driver(name: &str, version: &str, offered: &[String]) -> Diagnostic {
    let offered = match offered {
        [] => "The service offers no version at all.".to_owned(),
        offered => format!("On offer, newest first: {}.", offered.join(", ")),
    };
    let detail =
        format!("driver.{name} is {version:?}, which the service does not list. {offered}");
    Diagnostic::warning("Driver version is not on offer", detail).at(Path::of(PoolModel::DRIVER))
}

/// Says what of the wanted nodes cannot be had.
fn judge(flavors: &[Flavor], wishes: &Wishes) -> Diagnostics {
    let mut found = Diagnostics::new();
    for nodes in &wishes.nodes {
        let flavor = flavors.iter().find(|flavor| flavor.name() == nodes.flavor);
        let Some((summary, problem)) = problem(flavor, nodes, wishes) else { continue };
        let instead = alternatives(flavors, flavor, nodes, wishes);
        let instead = match instead.as_slice() {
            [] => "Nothing like it is on sale there.".to_owned(),
            names => format!("On sale instead: {}.", names.join(", ")),
        };
        let detail = format!("{problem} {instead}");
        found.push(Diagnostic::warning(summary, detail).at(Path::of(PoolModel::RESOURCES)));
    }
    found
}

/// What is wrong with a flavor: a summary, and a sentence.
fn problem(
    flavor: Option<&Flavor>,
    nodes: &Nodes,
    wishes: &Wishes,
) -> Option<(&'static str, String)> {
    let name = &nodes.flavor;
    let Some(flavor) = flavor else {
        let text = format!("The service does not list flavor {name} in this region.");
        return Some(("Flavor is not on offer", text));
    };
    if let (Some(own), Some(wanted)) = (&flavor.spec.kind, &wishes.kind)
        && own != wanted
    {
        let text = format!("Flavor {name} is for pools of type {own}, and this one is {wanted}.");
        return Some(("Flavor is for another type of pool", text));
    }
    if let Some(mode) = wishes.charging_mode
        && !offer::can_be_paid(flavor, mode)
    {
        let text =
            format!("Flavor {name} cannot be paid for with charging_mode = \"{}\".", mode.as_str());
        return Some(("Flavor cannot be paid for like this", text));
    }
    if !offer::is_on_sale(flavor) {
        return Some(("Flavor is sold out", format!("Flavor {name} is sold out in every zone.")));
    }
    let zones = nodes.zones.iter();
    let lacking: Vec<&str> =
        zones.map(String::as_str).filter(|z| !offer::is_on_sale_in(flavor, z)).collect();
    if lacking.is_empty() {
        return None;
    }
    let (sold_out, not_there): (Vec<&str>, Vec<&str>) =
        lacking.into_iter().partition(|zone| offer::is_offered_in(flavor, zone));
    let of = |zones: &[&str], what: &str| {
        (!zones.is_empty()).then(|| format!("Flavor {name} is {what} {}.", zones.join(", ")))
    };
    let parts = [of(&sold_out, "sold out in"), of(&not_there, "not offered in")];
    let elsewhere: Vec<&str> = flavor
        .status
        .phase
        .iter()
        .filter(|(_, status)| *status == offer::ON_SALE)
        .map(|(zone, _)| zone.as_str())
        .collect();
    let elsewhere = format!("It is on sale in {}.", elsewhere.join(", "));
    let text = parts.into_iter().flatten().chain([elsewhere]).collect::<Vec<_>>().join(" ");
    Some(("Flavor is sold out in a zone", text))
}

/// Flavors that can be had where the nodes are wanted, the most similar first: of
/// the same accelerator, then of the closest size.
fn alternatives<'f>(
    flavors: &'f [Flavor],
    wanted: Option<&Flavor>,
    nodes: &Nodes,
    wishes: &Wishes,
) -> Vec<&'f str> {
    let card = match wanted {
        Some(wanted) => wanted.card(),
        // What is not listed tells by its name alone.
        None => guess(&nodes.flavor),
    };
    let fits = |flavor: &&Flavor| {
        let kind = match (&flavor.spec.kind, &wishes.kind) {
            (Some(own), Some(wanted)) => own == wanted,
            _ => true,
        };
        flavor.name() != nodes.flavor
            && flavor.card() == card
            && kind
            && wishes.charging_mode.is_none_or(|mode| offer::can_be_paid(flavor, mode))
            && offer::is_on_sale(flavor)
            && nodes.zones.iter().all(|zone| offer::is_on_sale_in(flavor, zone))
    };
    let mut found: Vec<&Flavor> = flavors.iter().filter(fits).collect();
    found.sort_by_cached_key(|flavor| (distance(wanted, flavor), flavor.name().to_owned()));
    found.into_iter().take(ALTERNATIVES).map(Flavor::name).collect()
}

fn guess(name: &str) -> Option<Card> {
    let name = name.to_ascii_lowercase();
    if name.contains("npu") || name.contains("ascend") {
        Some(Card::Npu)
    } else if name.contains("gpu") {
        Some(Card::Gpu)
    } else {
        None
    }
}

/// How much a flavor differs from the one that was wanted: another model of card,
/// another number of cards, then the size.
fn distance(wanted: Option<&Flavor>, other: &Flavor) -> (bool, u64, u64) {
    let Some(wanted) = wanted else { return (false, 0, 0) };
    let cards = |flavor: &Flavor| -> Option<Accelerator> {
        flavor.spec.npu.clone().or_else(|| flavor.spec.gpu.clone())
    };
    let (own, theirs) = (cards(wanted), cards(other));
    let model = |cards: &Option<Accelerator>| cards.as_ref().and_then(|cards| cards.kind.clone());
    let number = |cards: &Option<Accelerator>| cards.as_ref().and_then(|c| c.size).unwrap_or(0);
    let memory =
        |flavor: &Flavor| flavor.spec.memory.as_deref().and_then(offer::gib).unwrap_or(0.0);
    let cpu = |flavor: &Flavor| -> f64 {
        flavor.spec.cpu.as_deref().and_then(|text| text.parse().ok()).unwrap_or(0.0)
    };
    // In steps of a hundredth: only the order counts.
    let apart = |one: f64, other: f64| {
        let ratio = (one.max(1.0) / other.max(1.0)).ln().abs() * 100.0;
        ratio.min(1e6).round() as u64
    };
    let size = apart(cpu(wanted), cpu(other)) + apart(memory(wanted), memory(other));
    (model(&own) != model(&theirs), number(&own).abs_diff(number(&theirs)), size)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn flavor(name: &str, spec: Json, zones: Json) -> Flavor {
        let flavor = json!({ "metadata": { "name": name }, "spec": spec,
            "status": { "phase": zones } });
        serde_json::from_value(flavor).unwrap()
    }

    fn cpu(name: &str, cores: &str, memory: &str, zones: Json) -> Flavor {
        let spec = json!({ "type": "Dedicate", "cpu": cores, "memory": memory,
            "billingModes": [0, 1] });
        flavor(name, spec, zones)
    }

    fn gpu(name: &str, model: &str, cards: i64, zones: Json) -> Flavor {
        let spec = json!({ "type": "Dedicate", "cpu": "8", "memory": "32Gi",
            "gpu": { "type": model, "size": cards }, "billingModes": [1] });
        flavor(name, spec, zones)
    }

    fn offered() -> Vec<Flavor> {
        let all = json!({ "a": "normal", "b": "normal" });
        vec![
            cpu("cpu.small", "4", "8Gi", all.clone()),
            cpu("cpu.medium", "8", "32Gi", json!({ "a": "soldout", "b": "normal" })),
            cpu("cpu.large", "16", "64Gi", all.clone()),
            cpu("cpu.gone", "32", "128Gi", json!({ "a": "soldout" })),
            gpu("gpu.t4", "T4", 1, all.clone()),
            gpu("gpu.t4x2", "T4", 2, json!({ "a": "soldout" })),
            gpu("gpu.v100", "V100", 2, all),
            cpu("cpu.silent", "64", "256Gi", json!({})),
        ]
    }

    fn told(flavor: &str, zones: &[&str], mode: ChargingMode, kind: &str) -> Vec<(String, String)> {
        let zones = zones.iter().map(|zone| (*zone).to_owned()).collect();
        let wishes = Wishes {
            nodes: vec![Nodes { flavor: flavor.to_owned(), zones }],
            kind: Some(kind.to_owned()),
            charging_mode: Some(mode),
            ..Wishes::default()
        };
        let found = judge(&offered(), &wishes).into_iter();
        found.map(|finding| (finding.summary, finding.detail)).collect()
    }

    fn postpaid(flavor: &str, zones: &[&str]) -> Vec<(String, String)> {
        told(flavor, zones, ChargingMode::PostPaid, "Dedicate")
    }

    #[track_caller]
    fn says(found: &[(String, String)], summary: &str, detail: &str) {
        assert_eq!(found, [(summary.to_owned(), detail.to_owned())]);
    }

    #[test]
    fn what_is_on_sale_needs_no_word() {
        assert_eq!(postpaid("cpu.small", &[]), []);
        assert_eq!(postpaid("cpu.medium", &["b"]), []);
        // Sold out in one zone of two: the service chooses the other.
        assert_eq!(postpaid("cpu.medium", &[]), []);
        assert_eq!(postpaid("cpu.silent", &["somewhere"]), []);
    }

    #[test]
    fn what_is_not_listed_is_told_with_what_is_on_sale() {
        says(
            &postpaid("cpu.none", &[]),
            "Flavor is not on offer",
            "The service does not list flavor cpu.none in this region. On sale instead: \
             cpu.large, cpu.medium, cpu.silent.",
        );
    }

    #[test]
    fn sold_out_names_the_zones_and_the_closest_in_size() {
        says(
            &postpaid("cpu.medium", &["a", "b"]),
            "Flavor is sold out in a zone",
            "Flavor cpu.medium is sold out in a. It is on sale in b. On sale instead: \
             cpu.large, cpu.small, cpu.silent.",
        );
        says(
            &postpaid("cpu.medium", &["c"]),
            "Flavor is sold out in a zone",
            "Flavor cpu.medium is not offered in c. It is on sale in b. On sale instead: \
             cpu.silent.",
        );
        says(
            &postpaid("cpu.gone", &[]),
            "Flavor is sold out",
            "Flavor cpu.gone is sold out in every zone. On sale instead: cpu.large, cpu.silent, \
             cpu.medium.",
        );
    }

    #[test]
    fn the_same_model_of_card_comes_first() {
        says(
            &told("gpu.t4x2", &[], ChargingMode::PrePaid, "Dedicate"),
            "Flavor is sold out",
            "Flavor gpu.t4x2 is sold out in every zone. On sale instead: gpu.t4, gpu.v100.",
        );
    }

    #[test]
    fn the_wrong_type_of_pool_and_way_to_pay_are_told() {
        says(
            &told("cpu.small", &[], ChargingMode::PostPaid, "Logical"),
            "Flavor is for another type of pool",
            "Flavor cpu.small is for pools of type Dedicate, and this one is Logical. Nothing \
             like it is on sale there.",
        );
        says(
            &postpaid("gpu.t4", &[]),
            "Flavor cannot be paid for like this",
            "Flavor gpu.t4 cannot be paid for with charging_mode = \"postPaid\". Nothing like it \
             is on sale there.",
        );
    }
}
