use serde_json::{Value as Json, json};

use super::*;
use crate::tf::diagnostics::Diagnostic;

const A: &str = "zone-a";
const B: &str = "zone-b";

fn flavor(name: &str, size: (&str, &str), zones: &[(&str, &str)]) -> Json {
    let phase: serde_json::Map<String, Json> =
        zones.iter().map(|(zone, sale)| ((*zone).to_owned(), json!(sale))).collect();
    json!({
        "metadata": { "name": name },
        "spec": { "type": "Dedicate", "cpuArch": "x86", "cpu": size.0, "memory": size.1,
            "billingModes": [0, 1] },
        "status": { "phase": phase },
    })
}

fn with(mut flavor: Json, key: &str, value: Json) -> Json {
    flavor["spec"][key] = value;
    flavor
}

fn gpu(name: &str, model: &str, cards: i64, zones: &[(&str, &str)]) -> Json {
    let card = json!({ "type": model, "size": cards.to_string(), "memory": "16Gi" });
    with(flavor(name, ("16", "64Gi"), zones), "gpu", card)
}

/// Two zones, both kinds of pools, both ways to pay, and every way of being sold
/// out.
fn offer() -> Vec<Flavor> {
    let both = [(A, "normal"), (B, "normal")];
    let npu = json!({ "type": "Ascend910", "size": 8, "memory": "64Gi" });
    let all = [
        flavor("cpu.8", ("8", "32Gi"), &both),
        flavor("cpu.16", ("16", "64Gi"), &[(A, "soldout"), (B, "normal")]),
        flavor("cpu.32", ("32", "128Gi"), &[(A, "soldout"), (B, "SoldOut")]),
        flavor("cpu.64", ("64", "256Gi"), &both),
        with(flavor("cpu.arm", ("16", "64Gi"), &both), "cpuArch", json!("arm64")),
        flavor("cpu.quiet", ("16", "64Gi"), &[]),
        with(flavor("cpu.share", ("8", "32Gi"), &both), "type", json!("Logical")),
        with(flavor("cpu.yearly", ("8", "32Gi"), &both), "billingModes", json!([1])),
        gpu("gpu.t4", "T4", 1, &both),
        gpu("gpu.v100", "V100", 8, &[(A, "soldout"), (B, "soldout")]),
        gpu("gpu.v100.small", "V100", 1, &[(B, "normal")]),
        with(flavor("npu.8", ("16", "64Gi"), &both), "npu", npu),
    ];
    all.into_iter().map(|flavor| serde_json::from_value(flavor).unwrap()).collect()
}

fn pool() -> Wanted {
    Wanted {
        kind: Some("Dedicate".to_owned()),
        mode: Some(ChargingMode::PostPaid),
        ..Wanted::default()
    }
}

fn judge_in(pool: &Wanted, flavor: &str, zones: &[&str]) -> Option<(String, String, String)> {
    let zones = zones.iter().map(|zone| (*zone).to_owned()).collect();
    let at = Path::of(PoolModel::RESOURCES).index(1);
    let nodes = NewNodes { at, flavor: flavor.to_owned(), zones };
    let found = of_nodes(&nodes, pool, &offer())?;
    Some((found.summary, found.detail, found.at.to_string()))
}

fn judge(flavor: &str, zones: &[&str]) -> Option<(String, String, String)> {
    judge_in(&pool(), flavor, zones)
}

#[track_caller]
fn says(found: Option<(String, String, String)>, summary: &str, detail: &str, at: &str) {
    let (said, more, place) = found.expect("there is something to say");
    assert_eq!((said.as_str(), place.as_str()), (summary, at));
    assert_eq!(more, detail);
}

#[test]
fn what_can_be_had_is_not_talked_about() {
    for (flavor, zones) in [
        ("cpu.8", &[][..]),
        ("cpu.8", &[A, B]),
        ("cpu.16", &[]),
        ("cpu.16", &[B]),
        ("cpu.quiet", &[]),
        ("cpu.quiet", &[A]),
        ("cpu.quiet", &["nowhere"]),
        ("gpu.v100.small", &[B]),
    ] {
        assert_eq!(judge(flavor, zones), None, "{flavor} {zones:?}");
    }
}

#[test]
fn a_flavor_that_nobody_knows_is_named_with_those_of_similar_names() {
    says(
        judge("cpu.86", &[A]),
        "Flavor cpu.86 is not on offer",
        "resources[1].flavor is \"cpu.86\", which is not among the flavors that the service \
         offers to this project. On sale, with the most similar names: cpu.16 (16 cores, 64 GiB), \
         cpu.8 (8 cores, 32 GiB), cpu.64 (64 cores, 256 GiB).",
        "resources[1].flavor",
    );
}

#[test]
fn a_flavor_of_the_other_kind_of_pool_is_named_with_those_of_this_kind() {
    says(
        judge("cpu.share", &[]),
        "Flavor cpu.share is not for Dedicate pools",
        "resources[1].flavor: cpu.share is a flavor for pools of type Logical, and the type of \
         this pool is Dedicate. On sale instead: cpu.8 (8 cores, 32 GiB), cpu.16 (16 cores, 64 \
         GiB), cpu.quiet (16 cores, 64 GiB).",
        "resources[1].flavor",
    );
    let logical = Wanted { kind: Some("Logical".to_owned()), ..pool() };
    let (summary, detail, _) = judge_in(&logical, "gpu.t4", &[]).unwrap();
    assert_eq!(summary, "Flavor gpu.t4 is not for Logical pools");
    assert!(detail.ends_with("On sale instead: cpu.share (8 cores, 32 GiB)."), "{detail}");
    let unknown = Wanted { kind: None, ..pool() };
    assert_eq!(judge_in(&unknown, "cpu.share", &[]), None);
}

#[test]
fn a_flavor_that_is_only_paid_for_otherwise_is_named_with_those_that_are_not() {
    says(
        judge("cpu.yearly", &[]),
        "Flavor cpu.yearly is not sold postPaid",
        "The charging_mode of this pool is postPaid, and the service sells cpu.yearly prePaid \
         only. On sale instead: cpu.8 (8 cores, 32 GiB), cpu.16 (16 cores, 64 GiB), cpu.quiet (16 \
         cores, 64 GiB).",
        "charging_mode",
    );
    for mode in [Some(ChargingMode::PrePaid), None] {
        assert_eq!(judge_in(&Wanted { mode, ..pool() }, "cpu.yearly", &[]), None);
    }
}

#[test]
fn a_flavor_that_is_sold_out_everywhere_is_named_with_its_zones_and_what_else_there_is() {
    says(
        judge("gpu.v100", &[]),
        "Flavor gpu.v100 is sold out",
        "resources[1].flavor: gpu.v100 is sold out in every zone that has it (zone-a, zone-b). On \
         sale instead: gpu.v100.small (1 x V100, 16 cores, 64 GiB), gpu.t4 (1 x T4, 16 cores, 64 \
         GiB).",
        "resources[1].flavor",
    );
    let (_, detail, _) = judge("gpu.v100", &[A]).unwrap();
    let there = "On sale instead in zone-a: gpu.t4 (1 x T4, 16 cores, 64 GiB).";
    assert!(detail.ends_with(there), "{detail}");
}

#[test]
fn a_flavor_that_is_sold_out_in_a_zone_is_named_with_the_zones_that_have_it() {
    says(
        judge("cpu.16", &[B, A]),
        "Flavor cpu.16 is sold out in zone-a",
        "resources[1].azs: cpu.16 is sold out in zone-a. It is on sale in zone-b. On sale instead \
         in zone-a: cpu.8 (8 cores, 32 GiB), cpu.64 (64 cores, 256 GiB), cpu.arm (16 cores, 64 \
         GiB).",
        "resources[1].azs",
    );
    says(
        judge("cpu.16", &[A, "zone-z"]),
        "Flavor cpu.16 is sold out in zone-a and not offered in zone-z",
        "resources[1].azs: cpu.16 is sold out in zone-a and not offered in zone-z. It is on sale \
         in zone-b. On sale instead in other zones: cpu.quiet (16 cores, 64 GiB), cpu.8 (8 cores, \
         32 GiB), cpu.64 (64 cores, 256 GiB).",
        "resources[1].azs",
    );
}

#[test]
fn where_no_flavor_has_the_accelerator_others_are_named() {
    let (_, detail, _) =
        judge_in(&Wanted { kind: Some("Logical".to_owned()), ..pool() }, "npu.8", &[]).unwrap();
    assert!(detail.contains("On sale instead: cpu.share"), "{detail}");
    let none = Wanted { kind: Some("Other".to_owned()), ..pool() };
    let (_, detail, _) = judge_in(&none, "npu.8", &[]).unwrap();
    assert!(detail.ends_with("No other flavor that this pool could have is on sale."), "{detail}");
}

#[test]
fn the_share_of_another_pool_buys_nothing() {
    let share = Wanted { kind: Some("Logical".to_owned()), is_share: true, ..pool() };
    for flavor in ["cpu.8", "cpu.32", "cpu.yearly"] {
        assert_eq!(judge_in(&share, flavor, &[A]), None, "{flavor}");
    }
    assert!(judge_in(&share, "cpu.86", &[]).is_some(), "but it has to exist");
}

#[test]
fn an_empty_list_and_an_offer_that_says_little_accuse_nobody() {
    let nodes = || NewNodes {
        at: Path::of(PoolModel::RESOURCES).index(0),
        flavor: "cpu.8".to_owned(),
        zones: vec![A.to_owned()],
    };
    assert_eq!(of_nodes(&nodes(), &pool(), &[]), None);
    let little: Flavor =
        serde_json::from_value(json!({ "metadata": { "name": "cpu.8" } })).unwrap();
    assert_eq!(of_nodes(&nodes(), &pool(), &[little]), None);
}

#[test]
fn one_of_several_offers_of_a_name_is_enough() {
    let both = [
        with(flavor("cpu.8", ("8", "32Gi"), &[(A, "soldout")]), "type", json!("Logical")),
        flavor("cpu.8", ("8", "32Gi"), &[(A, "normal")]),
    ];
    let both = both.map(|flavor| serde_json::from_value::<Flavor>(flavor).unwrap());
    let at = Path::of(PoolModel::RESOURCES).index(0);
    let nodes = NewNodes { at, flavor: "cpu.8".to_owned(), zones: vec![A.to_owned()] };
    assert_eq!(of_nodes(&nodes, &pool(), &both), None);
    let logical = Wanted { kind: Some("Logical".to_owned()), ..pool() };
    assert!(of_nodes(&nodes, &logical, &both).is_some());
}

#[test]
fn a_driver_that_is_not_on_offer_is_named_with_those_that_are() {
    let driver = |version: &str| WantedDriver {
        at: Path::of(PoolModel::DRIVER).attribute("gpu_version"),
        kind: Some(Card::Gpu),
        flavor: None,
        version: version.to_owned(),
        is_new: true,
    };
    let versions = ["535.54.03".to_owned(), "470.57.02".to_owned()];
    let found = of_driver(&driver("470.57"), Card::Gpu, &versions).unwrap();
    assert_eq!(found.summary, "GPU driver version 470.57 is not on offer");
    assert_eq!(
        found.detail,
        "driver.gpu_version is \"470.57\". The service offers, newest first: 535.54.03, 470.57.02."
    );
    assert_eq!(found.at.to_string(), "driver.gpu_version");
    assert_eq!(of_driver(&driver("470.57.02"), Card::Gpu, &versions), None);
    assert_eq!(of_driver(&driver("470.57"), Card::Gpu, &[]), None);
}

#[test]
fn an_error_says_how_to_plan_all_the_same() {
    use crate::resources::offer::Check;
    let finding = || Finding {
        summary: "Flavor x is sold out".to_owned(),
        detail: "So it is.".to_owned(),
        at: Path::of(PoolModel::RESOURCES),
    };
    let warning: Diagnostic = super::super::say(finding(), Check::Warn);
    let error: Diagnostic = super::super::say(finding(), Check::Error);
    assert_ne!(warning.severity, error.severity);
    assert!(error.detail.contains("availability_check = \"warn\""), "{}", error.detail);
    assert!(error.detail.contains("HW_MODELARTS_AVAILABILITY_CHECK"), "{}", error.detail);
}
