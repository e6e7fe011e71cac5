//! What a plan orders: the nodes that it adds, as far as they are known, and the
//! drivers that it names.

use std::collections::BTreeMap;

use crate::modelarts::driver::Card;
use crate::resources::offer::ChargingMode;
use crate::tf::model::{Mismatch, Set, Tf};
use crate::tf::path::Path;
use crate::tf::resource::Plan;

use super::super::super::schema::{Az, Driver, Entry, EntryDriver, PoolModel};
use super::super::pairs::Pairs;

/// What a plan orders.
#[derive(Debug, Default)]
pub struct Wanted {
    /// `Dedicate` or `Logical`, if it is known.
    pub kind: Option<String>,
    /// How it is paid for, if it is known.
    pub mode: Option<ChargingMode>,
    /// The nodes are those of another pool: nothing is bought.
    pub is_share: bool,
    /// Entries that get new nodes.
    pub nodes: Vec<NewNodes>,
    /// Drivers that the configuration names.
    pub drivers: Vec<WantedDriver>,
}

/// An entry that gets new nodes.
#[derive(Debug)]
pub struct NewNodes {
    /// The entry.
    pub at: Path,
    /// Name of the flavor.
    pub flavor: String,
    /// The zones that get nodes; none when that is left to the service.
    pub zones: Vec<String>,
}

/// A driver that the configuration names.
#[derive(Debug)]
pub struct WantedDriver {
    /// The version's attribute.
    pub at: Path,
    /// The kind of cards, where the attribute says it.
    pub kind: Option<Card>,
    /// The flavor whose cards it is for, where that says it.
    pub flavor: Option<String>,
    /// The version.
    pub version: String,
    /// The pool does not have it yet.
    pub is_new: bool,
}

impl Wanted {
    /// What a plan orders; `None` when that is nothing. A replacement orders
    /// nothing here: Terraform asks for the plan of the new pool by itself.
    pub fn of(plan: &Plan<'_, PoolModel>) -> Result<Option<Self>, Mismatch> {
        if plan.is_noop() || !plan.requires_replace.is_empty() {
            return Ok(None);
        }
        let is_new = plan.is_create();
        let (prior, planned) = (plan.prior()?, plan.planned()?);
        let pairs = Pairs::of((!is_new).then_some(&prior), &planned);
        let nodes: Vec<NewNodes> =
            pairs.growing().filter_map(|(old, new)| new_nodes(&planned, new, old)).collect();
        let mut drivers = named_drivers(&plan.config()?, &prior, !nodes.is_empty());
        drivers.extend(pairs.all().filter_map(|(old, new)| entry_driver(&planned, new, old)));
        if nodes.is_empty() && drivers.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            kind: planned.r#type.cloned(),
            mode: planned.charging_mode.text().map(ChargingMode::read),
            is_share: !planned.parent.is_null(),
            nodes,
            drivers,
        }))
    }
}

fn new_nodes(pool: &PoolModel, new: &Entry, old: Option<&Entry>) -> Option<NewNodes> {
    let before = zones(old.map_or(&Tf::Null, |old| &old.azs));
    let more = |(zone, count): (&str, i64)| {
        (count > before.get(zone).copied().unwrap_or(0)).then(|| zone.to_owned())
    };
    let zones = zones(&new.azs).into_iter().filter_map(more).collect();
    Some(NewNodes { at: place(pool, new)?, flavor: new.flavor.cloned()?, zones })
}

/// Nodes per zone, as far as zones are known. A zone whose number is decided later
/// has one at least.
fn zones(azs: &Tf<Set<Az>>) -> BTreeMap<&str, i64> {
    let all = azs.known().into_iter().flat_map(Set::known);
    all.filter_map(|az| Some((az.az.text()?, az.count.get().unwrap_or(1)))).collect()
}

/// Where an entry of a pool stands.
fn place(pool: &PoolModel, entry: &Entry) -> Option<Path> {
    let mut entries = pool.resources.known()?.iter();
    let is_it = |item: &Tf<Entry>| item.known().is_some_and(|item| std::ptr::eq(item, entry));
    Some(Path::of(PoolModel::RESOURCES).index(entries.position(is_it)?))
}

/// The drivers of the pool that the configuration names and that are of concern:
/// those that the pool does not have, and when it grows all.
fn named_drivers(config: &PoolModel, prior: &PoolModel, grows: bool) -> Vec<WantedDriver> {
    let version = |pool: &PoolModel, kind| match kind {
        Card::Gpu => pool.driver.and_then(|driver| &driver.gpu_version),
        Card::Npu => pool.driver.and_then(|driver| &driver.npu_version),
    };
    let kinds = [(Card::Gpu, Driver::GPU_VERSION), (Card::Npu, Driver::NPU_VERSION)];
    let named = kinds.into_iter().filter_map(|(kind, attribute)| {
        let wanted = version(config, kind).into_known()?;
        let is_new = version(prior, kind).text() != Some(wanted.as_str());
        let at = Path::of(PoolModel::DRIVER).attribute(attribute);
        let driver = WantedDriver { at, kind: Some(kind), flavor: None, version: wanted, is_new };
        (is_new || grows).then_some(driver)
    });
    named.collect()
}

/// The driver of an entry, if it is another than before.
fn entry_driver(pool: &PoolModel, new: &Entry, old: Option<&Entry>) -> Option<WantedDriver> {
    let version = |entry: &Entry| entry.driver.and_then(|driver| &driver.version).into_known();
    let wanted = version(new)?;
    if old.and_then(version).as_ref() == Some(&wanted) {
        return None;
    }
    let at = place(pool, new)?.attribute(Entry::DRIVER).attribute(EntryDriver::VERSION);
    let flavor = Some(new.flavor.cloned()?);
    Some(WantedDriver { at, kind: None, flavor, version: wanted, is_new: true })
}
