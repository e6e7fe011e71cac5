//! What could be ordered in place of a flavor that cannot be had.

use std::cmp::Ordering;

use crate::modelarts::flavor::Flavor;
use crate::resources::offer;

/// So many are named.
const MOST: usize = 3;

/// Flavors on sale that come closest to one that is not: those with the same
/// accelerator first, then those of about the same size. Others than those with
/// its kind of accelerator are named only where there is none.
pub fn like<'a>(flavor: &Flavor, mut on_sale: Vec<&'a Flavor>) -> Vec<&'a Flavor> {
    on_sale.retain(|other| other.name() != flavor.name());
    if on_sale.iter().any(|other| other.card() == flavor.card()) {
        on_sale.retain(|other| other.card() == flavor.card());
    }
    on_sale.sort_by(|one, other| compare(flavor, one, other));
    first(on_sale)
}

/// Flavors on sale whose names come closest to one that nobody knows.
pub fn named_like<'a>(name: &str, mut on_sale: Vec<&'a Flavor>) -> Vec<&'a Flavor> {
    let distance = |flavor: &Flavor| strsim::levenshtein(name, flavor.name());
    on_sale.sort_by_key(|flavor| (distance(flavor), flavor.name()));
    first(on_sale)
}

fn first(mut flavors: Vec<&Flavor>) -> Vec<&Flavor> {
    flavors.dedup_by(|one, other| one.name() == other.name());
    flavors.truncate(MOST);
    flavors
}

fn compare(wanted: &Flavor, one: &Flavor, other: &Flavor) -> Ordering {
    let differs = |flavor: &Flavor| {
        (model(flavor) != model(wanted), flavor.spec.cpu_arch != wanted.spec.cpu_arch)
    };
    let by_size = distance(wanted, one).total_cmp(&distance(wanted, other));
    differs(one).cmp(&differs(other)).then(by_size).then_with(|| one.name().cmp(other.name()))
}

fn model(flavor: &Flavor) -> Option<&str> {
    flavor.accelerator()?.1.kind.as_deref()
}

/// How far two sizes are apart: the ratios of cards, cores and memory.
fn distance(one: &Flavor, other: &Flavor) -> f64 {
    let pairs =
        [(cards(one), cards(other)), (cores(one), cores(other)), (memory(one), memory(other))];
    let ratio = |(one, other): (Option<f64>, Option<f64>)| match (one, other) {
        (Some(one), Some(other)) if one > 0.0 && other > 0.0 => (one / other).log2().abs(),
        (None, None) => 0.0,
        // Worse than twice the size, better than ten times.
        _ => 3.0,
    };
    pairs.into_iter().map(ratio).sum()
}

fn cores(flavor: &Flavor) -> Option<f64> {
    offer::cores(flavor.spec.cpu.as_deref()?)
}

fn memory(flavor: &Flavor) -> Option<f64> {
    offer::gib(flavor.spec.memory.as_deref()?)
}

fn cards(flavor: &Flavor) -> Option<f64> {
    let number = i32::try_from(flavor.accelerator()?.1.size?).ok()?;
    Some(f64::from(number))
}

/// A flavor with its size, in words.
pub fn describe(flavor: &Flavor) -> String {
    let mut size = Vec::new();
    if let Some((_, card)) = flavor.accelerator() {
        let model = card.kind.as_deref().unwrap_or("accelerator");
        size.push(format!("{} x {model}", card.size.unwrap_or(1)));
    }
    size.extend(cores(flavor).map(|cores| format!("{cores} cores")));
    size.extend(memory(flavor).map(|memory| format!("{memory} GiB")));
    if size.is_empty() {
        return flavor.name().to_owned();
    }
    format!("{} ({})", flavor.name(), size.join(", "))
}
