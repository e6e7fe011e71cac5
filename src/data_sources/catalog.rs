//! What is on offer: `modelarts_flavors` and `modelarts_drivers`.

use std::sync::Arc;

use crate::modelarts::driver::Card;
use crate::modelarts::flavor::{self, Flavor};
use crate::modelarts::pool::RootVolume;
use crate::resources::offer::{self, ChargingMode};
use crate::resources::rules::{Place, one_of};
use crate::resources::session::Session;
use crate::tf::context::Context;
use crate::tf::data_source::DataSource;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::model::{List, Map, Model, Set, Tf};
use crate::tf::number::Number;

use super::find::{self, filled};
use super::names::{self, Names};

/// Looks up the flavors of the region that pass the filters, sorted by name, with
/// what a node of each has and where it is on sale.
#[derive(Model)]
pub struct FlavorsModel {
    /// Name.
    #[tf(optional)]
    pub name: Tf<String>,
    /// Regular expression (RE2) that names match, such as `\.gpu\.`.
    #[tf(optional)]
    pub name_regex: Tf<String>,
    /// Kind of pool that the flavor is for: `Dedicate` or `Logical`.
    #[tf(optional)]
    pub r#type: Tf<String>,
    /// `x86` or `arm64`.
    #[tf(optional)]
    pub cpu_arch: Tf<String>,
    /// `none`, `gpu` or `npu`.
    #[tf(optional)]
    pub accelerator: Tf<String>,
    /// Availability zone that the flavor is offered in. A flavor whose zones are
    /// not known passes.
    #[tf(optional)]
    pub az: Tf<String>,
    /// `true`: on sale in `az`, or in some zone when no `az` is given; a flavor
    /// without sale status counts as on sale. `false`: sold out.
    #[tf(optional)]
    pub available: Tf<bool>,
    /// `postPaid` or `prePaid`.
    #[tf(optional)]
    pub charging_mode: Tf<String>,
    /// Job type that the flavor is for: `Train`, `Infer` or `Notebook`.
    #[tf(optional)]
    pub scope: Tf<String>,
    /// Selector on labels in the syntax of Kubernetes.
    #[tf(optional)]
    pub label_selector: Tf<String>,
    /// The flavors.
    #[tf(computed)]
    pub flavors: Tf<List<FlavorModel>>,
    /// Names of the flavors.
    #[tf(computed)]
    pub names: Tf<List<String>>,
}

/// A flavor.
#[derive(Model)]
pub struct FlavorModel {
    /// Name, for `flavor` of an entry of a pool.
    #[tf(computed)]
    pub name: Tf<String>,
    /// Kind of pool that it is for: `Dedicate` or `Logical`.
    #[tf(computed)]
    pub r#type: Tf<String>,
    /// `x86` or `arm64`.
    #[tf(computed)]
    pub cpu_arch: Tf<String>,
    /// Number of CPU cores.
    #[tf(computed)]
    pub cpu: Tf<Number>,
    /// Memory in GiB.
    #[tf(computed)]
    pub memory_gib: Tf<Number>,
    /// GPU cards.
    #[tf(computed)]
    pub gpu: Tf<Cards>,
    /// Ascend NPU cards.
    #[tf(computed)]
    pub npu: Tf<Cards>,
    /// Job types that it is for.
    #[tf(computed)]
    pub scopes: Tf<Set<String>>,
    /// How it can be paid for: `postPaid`, `prePaid`.
    #[tf(computed)]
    pub charging_modes: Tf<Set<String>>,
    /// Sale status by availability zone: `normal` or `soldout`. Empty when it is
    /// not known.
    #[tf(computed)]
    pub azs: Tf<Map<String>>,
    /// Availability zones in which it is on sale.
    #[tf(computed)]
    pub available_azs: Tf<Set<String>>,
    /// Job flavors that run on it.
    #[tf(computed)]
    pub job_flavors: Tf<List<String>>,
    /// Numbers of nodes that are made together.
    #[tf(computed)]
    pub creating_steps: Tf<List<Step>>,
    /// Whether nodes are machines without virtualisation.
    #[tf(computed)]
    pub bare_metal: Tf<bool>,
    /// System disk.
    #[tf(computed)]
    pub root_volume: Tf<Volume>,
    /// Data disks.
    #[tf(computed)]
    pub data_volumes: Tf<List<Volume>>,
}

/// Accelerator cards of a node.
#[derive(Model)]
pub struct Cards {
    /// Model.
    #[tf(computed)]
    pub r#type: Tf<String>,
    /// Number of cards.
    #[tf(computed)]
    pub count: Tf<i64>,
    /// Memory of each card in GiB.
    #[tf(computed)]
    pub memory_gib: Tf<Number>,
}

/// Nodes that are made together.
#[derive(Model)]
pub struct Step {
    /// Number of nodes.
    #[tf(computed)]
    pub step: Tf<i64>,
    /// `hyperinstance` or `rack`.
    #[tf(computed)]
    pub r#type: Tf<String>,
}

/// A disk.
#[derive(Model)]
pub struct Volume {
    /// `SSD`, `GPSSD`, `SAS` or `SATA`.
    #[tf(computed)]
    pub volume_type: Tf<String>,
    /// Size in GiB.
    #[tf(computed)]
    pub size: Tf<Number>,
}

/// The data source `modelarts_flavors`.
pub struct FlavorsSource(pub Arc<dyn Session>);

impl DataSource for FlavorsSource {
    type Model = FlavorsModel;
    const TYPE_NAME: &'static str = "modelarts_flavors";

    fn validate(&self, config: &FlavorsModel) -> Diagnostics {
        let mut found = names::check(&config.name, &config.name_regex);
        let words: [(&str, &Tf<String>, &[&str]); 5] = [
            (FlavorsModel::TYPE, &config.r#type, &["Dedicate", "Logical"]),
            (FlavorsModel::CPU_ARCH, &config.cpu_arch, &["x86", "arm64"]),
            (FlavorsModel::ACCELERATOR, &config.accelerator, &["none", "gpu", "npu"]),
            (FlavorsModel::CHARGING_MODE, &config.charging_mode, &["postPaid", "prePaid"]),
            (FlavorsModel::SCOPE, &config.scope, &["Train", "Infer", "Notebook"]),
        ];
        for (name, field, allowed) in words {
            one_of(field, &Place::of(name), allowed, &mut found);
        }
        found
    }

    async fn read(&self, cx: &Context, config: FlavorsModel) -> Result<FlavorsModel, Diagnostics> {
        let names = Names::of(&config.name, &config.name_regex)?;
        let connection = self.0.connect(cx).await?;
        let call = find::call(cx);
        let flavors = connection.flavors(&call, config.label_selector.text()).await;
        let flavors = flavors.map_err(|error| find::failed("Flavors", &error))?;
        let mut passing: Vec<&Flavor> =
            flavors.iter().filter(|flavor| passes(flavor, &names, &config)).collect();
        passing.sort_by(|a, b| a.name().cmp(b.name()));
        Ok(FlavorsModel {
            flavors: Tf::Known(passing.iter().map(|flavor| shown(flavor)).collect()),
            names: Tf::Known(passing.iter().map(|flavor| flavor.name().to_owned()).collect()),
            ..config
        })
    }
}

/// Says whether a flavor passes all filters. What the service does not say of it
/// keeps it out of none but those that ask for that very thing.
fn passes(flavor: &Flavor, names: &Names, config: &FlavorsModel) -> bool {
    let accelerator = match flavor.card() {
        Some(Card::Gpu) => "gpu",
        Some(Card::Npu) => "npu",
        None => "none",
    };
    let mode = config.charging_mode.text().map(ChargingMode::read);
    let zone = config.az.text();
    let offered = zone.is_none_or(|zone| offer::is_offered_in(flavor, zone));
    let available = config.available.get().is_none_or(|wanted| {
        let there = match zone {
            Some(zone) => offer::is_on_sale_in(flavor, zone),
            None => offer::is_on_sale(flavor),
        };
        there == wanted
    });
    names.pass(Some(flavor.name()))
        && find::is(&config.r#type, flavor.spec.kind.as_ref())
        && find::is(&config.cpu_arch, flavor.spec.cpu_arch.as_ref())
        && config.accelerator.text().is_none_or(|wanted| wanted == accelerator)
        && mode.is_none_or(|mode| offer::can_be_paid(flavor, mode))
        && config.scope.text().is_none_or(|scope| offer::is_for_scope(flavor, scope))
        && offered
        && available
}

fn shown(flavor: &Flavor) -> FlavorModel {
    let (spec, zones) = (&flavor.spec, &flavor.status.phase);
    let modes = spec.billing_modes.iter().filter_map(|mode| match mode {
        0 => Some("postPaid".to_owned()),
        1 => Some("prePaid".to_owned()),
        _ => None,
    });
    let steps = spec
        .creating_steps
        .iter()
        .map(|step| Step { step: step.step.into(), r#type: filled(step.kind.as_deref()) });
    FlavorModel {
        name: flavor.name().into(),
        r#type: filled(spec.kind.as_deref()),
        cpu_arch: filled(spec.cpu_arch.as_deref()),
        cpu: number(spec.cpu.as_deref().and_then(offer::cores)),
        memory_gib: gib(spec.memory.as_deref()),
        gpu: cards(flavor.gpu()),
        npu: cards(flavor.npu()),
        scopes: Tf::Known(flavor.scopes().map(str::to_owned).collect()),
        charging_modes: Tf::Known(modes.collect()),
        azs: Tf::Known(find::whole(zones)),
        available_azs: Tf::Known(offer::zones_on_sale(flavor).map(str::to_owned).collect()),
        job_flavors: Tf::Known(spec.job_flavors.iter().cloned().collect()),
        creating_steps: Tf::Known(steps.collect()),
        bare_metal: flavor.is_bare_metal().into(),
        root_volume: spec.root_volume.as_ref().map(volume).into(),
        data_volumes: Tf::Known(spec.data_volumes.iter().map(volume).collect()),
    }
}

fn cards(cards: Option<&flavor::Accelerator>) -> Tf<Cards> {
    cards
        .map(|cards| Cards {
            r#type: filled(cards.kind.as_deref()),
            count: cards.size.into(),
            memory_gib: gib(cards.memory.as_deref()),
        })
        .into()
}

fn volume(volume: &RootVolume) -> Volume {
    Volume { volume_type: filled(volume.volume_type.as_deref()), size: gib(volume.size.as_deref()) }
}

fn gib(quantity: Option<&str>) -> Tf<Number> {
    number(quantity.and_then(offer::gib))
}

fn number(number: Option<f64>) -> Tf<Number> {
    number.and_then(|number| Number::from_f64(number).ok()).into()
}

/// Looks up the versions of accelerator drivers that can be installed.
#[derive(Model)]
pub struct DriversModel {
    /// Kind of card: `gpu` or `npu`.
    #[tf(required)]
    pub kind: Tf<String>,
    /// The versions, newest first.
    #[tf(computed)]
    pub versions: Tf<List<String>>,
}

/// The data source `modelarts_drivers`.
pub struct DriversSource(pub Arc<dyn Session>);

impl DataSource for DriversSource {
    type Model = DriversModel;
    const TYPE_NAME: &'static str = "modelarts_drivers";

    fn validate(&self, config: &DriversModel) -> Diagnostics {
        let mut found = Diagnostics::new();
        one_of(&config.kind, &Place::of(DriversModel::KIND), &["gpu", "npu"], &mut found);
        found
    }

    async fn read(&self, cx: &Context, config: DriversModel) -> Result<DriversModel, Diagnostics> {
        let connection = self.0.connect(cx).await?;
        let card = if config.kind.text() == Some("npu") { Card::Npu } else { Card::Gpu };
        let versions = connection.driver_versions(&find::call(cx), card).await;
        let versions = versions.map_err(|error| find::failed("Driver versions", &error))?;
        let versions = versions.iter().cloned().collect();
        Ok(DriversModel { versions: Tf::Known(versions), ..config })
    }
}
