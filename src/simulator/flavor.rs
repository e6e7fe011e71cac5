//! The flavors on offer and the zones they are in (API reference, resource flavors).

use serde_json::{Map, Value, json};

use super::scenario::Offer;

/// Describes a flavor.
pub(super) struct Flavor {
    pub(super) name: &'static str,
    pub(super) arch: &'static str,
    cpu: &'static str,
    memory: &'static str,
    pub(super) card: Option<Card>,
    /// Zones and whether the flavor can be had there.
    zones: &'static [(&'static str, bool)],
    /// Numbers of nodes that are only made together.
    pub(super) steps: &'static [(i64, &'static str)],
    /// `Dedicate` or `Logical`.
    kind: &'static str,
    /// How it can be paid for: 0 by use, 1 in advance.
    billing: &'static [i64],
    /// Whether answers say where it can be had.
    has_status: bool,
    bare_metal: bool,
}

/// Describes the accelerator of a flavor.
pub(super) struct Card {
    /// `gpu` or `npu`.
    pub(super) kind: &'static str,
    model: &'static str,
    pub(super) size: i64,
    memory: &'static str,
    /// The driver that is installed unless another one is asked for.
    pub(super) driver: &'static str,
}

const ALL: &[(&str, bool)] = &[("cn-north-4a", true), ("cn-north-4b", true), ("cn-north-4c", true)];
const TWO: &[(&str, bool)] = &[("cn-north-4a", true), ("cn-north-4b", true)];
const SCARCE: &[(&str, bool)] = &[("cn-north-4a", false), ("cn-north-4b", true)];
const SOLD_OUT: &[(&str, bool)] = &[("cn-north-4a", false), ("cn-north-4b", false)];

const fn gpu(model: &'static str, size: i64, memory: &'static str) -> Option<Card> {
    Some(Card { kind: "gpu", model, size, memory, driver: "470.57.02" })
}

const fn npu(model: &'static str, size: i64, memory: &'static str) -> Option<Card> {
    Some(Card { kind: "npu", model, size, memory, driver: "C78" })
}

const fn flavor(
    name: &'static str,
    (arch, cpu, memory): (&'static str, &'static str, &'static str),
    card: Option<Card>,
    zones: &'static [(&'static str, bool)],
    steps: &'static [(i64, &'static str)],
) -> Flavor {
    Flavor {
        name,
        arch,
        cpu,
        memory,
        card,
        zones,
        steps,
        kind: "Dedicate",
        billing: &[0, 1],
        has_status: true,
        bare_metal: false,
    }
}

impl Flavor {
    const fn logical(mut self) -> Self {
        self.kind = "Logical";
        self
    }

    const fn prepaid_only(mut self) -> Self {
        self.billing = &[1];
        self
    }

    const fn without_status(mut self) -> Self {
        self.has_status = false;
        self
    }

    const fn bare_metal(mut self) -> Self {
        self.bare_metal = true;
        self
    }
}

/// Lists every flavor of the simulated region.
pub(super) const FLAVORS: &[Flavor] = &[
    flavor("modelarts.vm.cpu.4ud", ("x86", "4", "8Gi"), None, TWO, &[]),
    flavor("modelarts.vm.cpu.8ud", ("x86", "8", "32Gi"), None, ALL, &[]),
    flavor("modelarts.vm.cpu.16u64g.d", ("x86", "16", "64Gi"), None, ALL, &[]),
    flavor("modelarts.vm.cpu.32ud", ("x86", "32", "128Gi"), None, SOLD_OUT, &[]),
    flavor("modelarts.vm.gpu.tnt004", ("x86", "8", "32Gi"), gpu("T4", 1, "16Gi"), TWO, &[]),
    flavor("modelarts.vm.gpu.8v100", ("x86", "72", "512Gi"), gpu("V100", 8, "32Gi"), SCARCE, &[]),
    flavor(
        "modelarts.vm.npu.a910",
        ("arm64", "24", "192Gi"),
        npu("Ascend910", 1, "32Gi"),
        TWO,
        &[],
    ),
    flavor(
        "modelarts.bm.npu.8a910",
        ("arm64", "192", "768Gi"),
        npu("Ascend910", 8, "64Gi"),
        TWO,
        &[(2, "hyperinstance"), (4, "hyperinstance")],
    )
    .bare_metal(),
    flavor("modelarts.vm.cpu.8u.logical", ("x86", "8", "32Gi"), None, ALL, &[]).logical(),
    flavor("modelarts.vm.cpu.64ud", ("x86", "64", "262144Mi"), None, TWO, &[]).without_status(),
    flavor("modelarts.vm.gpu.a100", ("x86", "12", "96Gi"), gpu("A100", 1, "80Gi"), TWO, &[])
        .prepaid_only(),
];

/// Lists the driver versions on offer for `gpu` or `npu` cards.
pub(super) fn drivers(kind: &str) -> &'static [&'static str] {
    match kind {
        "gpu" => &["440.33", "470.57.02", "535.54.03"],
        _ => &["C78", "C83"],
    }
}

/// Finds a flavor by name.
pub(super) fn find(name: &str) -> Option<&'static Flavor> {
    FLAVORS.iter().find(|flavor| flavor.name == name)
}

impl Flavor {
    pub(super) fn has_zone(&self, zone: &str) -> bool {
        self.zones.iter().any(|(name, _)| *name == zone)
    }

    /// Returns the largest count of an entry: 2000 in each zone.
    pub(super) fn most_nodes(&self) -> i64 {
        self.zones.iter().map(|_| 2000).sum()
    }

    /// Tells whether nodes can be had in the zone.
    pub(super) fn can_be_had(&self, zone: &str, offer: &Offer) -> bool {
        let there = self.zones.iter().any(|(name, there)| *name == zone && *there);
        there && !offer.is_sold_out(self.name, zone)
    }

    /// Returns the zones that nodes are put into when nobody says where.
    pub(super) fn automatic_zones(&self) -> Vec<&'static str> {
        let there: Vec<_> =
            self.zones.iter().filter(|(_, there)| *there).map(|(z, _)| *z).collect();
        if there.is_empty() { self.zones.iter().map(|(zone, _)| *zone).collect() } else { there }
    }

    /// Writes the flavor as the service answers it.
    pub(super) fn view(&self, offer: &Offer) -> Value {
        let phase: Map<String, Value> = self
            .zones
            .iter()
            .map(|(zone, _)| {
                let there = self.can_be_had(zone, offer);
                ((*zone).to_owned(), json!(if there { "normal" } else { "soldout" }))
            })
            .collect();
        let mut labels = json!({ "os.modelarts/scope": "Train.Infer.Notebook" });
        if self.bare_metal {
            labels["os.modelarts.flavor/baremetal"] = json!("true");
        }
        let says_where =
            self.has_status && !offer.without_status.iter().any(|name| name == self.name);
        json!({
            "apiVersion": "v1",
            "kind": "ResourceFlavor",
            "metadata": { "name": self.name, "labels": labels, "annotations": {} },
            "spec": self.spec(),
            "status": if says_where { json!({ "phase": phase }) } else { json!({}) },
        })
    }

    /// Writes what a node has, and how it is sold.
    pub(super) fn spec(&self) -> Value {
        let mut spec = json!({
            "type": self.kind,
            "cpuArch": self.arch,
            "cpu": self.cpu,
            "memory": self.memory,
            "billingModes": self.billing,
            "rootVolume": { "volumeType": "SSD", "size": "150Gi" },
            "dataVolumes": [{ "volumeType": "SSD", "size": "500Gi" }],
        });
        if let Some(card) = &self.card {
            spec[card.kind] =
                json!({ "type": card.model, "size": card.size.to_string(), "memory": card.memory });
        }
        if !self.steps.is_empty() {
            let step = |(step, kind): &(i64, &str)| {
                json!({ "step": step, "type": kind,
                    "displayInfo": { "en_US": format!("{step} nodes at once") } })
            };
            spec["creatingSteps"] = self.steps.iter().map(step).collect();
        }
        spec
    }
}
