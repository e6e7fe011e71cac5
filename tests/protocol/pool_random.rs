//! Random pools and random changes of them, with a service that answers in any
//! order, leaves out what it may leave out and adds what nobody asked for.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value as Json, json};
use terraform_provider_modelarts::simulator::{Cloud, Recorded, access};

use super::lives::{Members, Stage, Subject, cases, object, run};

const NAME: &str = "pool-random";
const ZONES: [&str; 2] = ["cn-north-4a", "cn-north-4b"];

/// Places that an entry can have. A flavor stands with node pools or without:
/// taking a node pool out of a configuration means that it stays.
const PLACES: &[(&str, Option<&str>)] = &[
    ("modelarts.vm.cpu.8ud", None),
    ("modelarts.vm.cpu.16u64g.d", Some("large")),
    ("modelarts.vm.cpu.16u64g.d", Some("second")),
    ("modelarts.vm.cpu.4ud", None),
    ("modelarts.vm.gpu.tnt004", Some("gpu-b")),
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Standard,
    Privileged,
    Logical,
}

fn texts(keys: &'static [&'static str]) -> impl Strategy<Value = Option<Json>> {
    let value = select(vec!["one", "two", "three"]);
    option::of(btree_map(select(keys), value, 0..=2).prop_map(|map| json!(map)))
}

fn volume() -> impl Strategy<Value = Json> {
    (select(vec!["SSD", "GPSSD", "SAS"]), 50..2000_u32)
        .prop_map(|(kind, size)| json!({ "volume_type": kind, "size": size }))
}

/// Data disks and the groups that they need.
fn volumes() -> impl Strategy<Value = (Option<Json>, Option<Json>)> {
    let group = |name: &'static str| {
        (volume(), option::of(1..4_u32), option::of(select(vec!["linear", "striped"])), Just(name))
    };
    let groups = (option::of(group("vgpaas")), option::of(group("vguser1")));
    groups.prop_map(|(one, two)| {
        let all: Vec<_> = one.into_iter().chain(two).collect();
        if all.is_empty() {
            return (None, None);
        }
        let disk = all.iter().map(|(volume, count, _, group)| {
            let mut disk = volume.clone();
            disk["extend_params"] = json!({ "volumeGroup": group });
            if let Some(count) = count {
                disk["count"] = json!(count);
            }
            disk
        });
        let config = all.iter().map(|(_, _, lvm, group)| match lvm {
            Some(kind) => json!({ "volume_group": group, "lvm_config": { "lv_type": kind } }),
            None => json!({ "volume_group": group }),
        });
        (Some(Json::Array(disk.collect())), Some(Json::Array(config.collect())))
    })
}

fn taints() -> impl Strategy<Value = Option<Json>> {
    let value = option::of(select(vec!["yes", "no"]));
    let taints = btree_map(select(vec!["dedicated", "slow"]), value, 0..=2);
    option::of(taints.prop_map(|taints| {
        let taint = |(key, value): (&str, Option<&str>)| {
            let mut taint = json!({ "key": key, "effect": "NoSchedule" });
            if let Some(value) = value {
                taint["value"] = json!(value);
            }
            taint
        };
        Json::Array(taints.into_iter().map(taint).collect())
    }))
}

fn settings() -> impl Strategy<Value = Members> {
    let params = option::of((option::of(60..90_u32), option::of(select(vec!["x", "y"]))).prop_map(
        |(size, custom)| {
            let size = size.map(|size| json!(size.to_string()));
            object(BTreeMap::from([
                ("dockerBaseSize", size),
                ("custom", custom.map(|custom| json!(custom))),
            ]))
        },
    ));
    let os = option::of(select(vec![
        json!({ "name": "EulerOS 2.8" }),
        json!({ "name": "EulerOS 2.9" }),
        json!({ "image_id": "image-1", "image_type": "private" }),
        // Everything in it is left to the service.
        json!({}),
    ]));
    let driver = option::of(select(vec![
        json!({ "version": "1.0", "update_strategy": "idle" }),
        json!({ "version": "2.0" }),
        json!({}),
    ]));
    let network = option::of(
        btree_set(select(vec!["sg-1", "sg-2"]), 1..=2)
            .prop_map(|groups| json!({ "vpc": "vpc-1", "security_groups": groups })),
    );
    let maps = (texts(&["tier", "zone"]), texts(&["owner", "cost"]), taints());
    (params, os, driver, network, maps, option::of(volume()), volumes()).prop_map(
        |(params, os, driver, network, (labels, tags, taints), root, (data, groups))| {
            BTreeMap::from([
                ("extend_params", params),
                ("os", os),
                ("driver", driver),
                ("network", network),
                ("labels", labels),
                ("tags", tags),
                ("taints", taints),
                ("root_volume", root),
                ("data_volumes", data),
                ("volume_group_configs", groups),
            ])
        },
    )
}

fn entry(place: usize, kind: Kind) -> impl Strategy<Value = Json> {
    let counts = (1..=4_u32, option::of(0..=4_u32), option::of(0..=2_u32));
    (counts, settings()).prop_map(move |((count, first, more), mut members)| {
        let (flavor, node_pool) = PLACES[place];
        let zones = first.map(|first| {
            let first = first.min(count);
            let parts = [(ZONES[0], first), (ZONES[1], count - first)];
            let parts = parts.into_iter().filter(|(_, count)| *count > 0);
            parts.map(|(az, count)| json!({ "az": az, "count": count })).collect::<Json>()
        });
        let max = more.map(|more| count + if kind == Kind::Logical { more } else { 0 });
        members.extend([
            ("flavor", Some(json!(flavor))),
            ("count", Some(json!(count))),
            ("max_count", max.map(|max| json!(max))),
            ("azs", zones),
            ("node_pool", node_pool.map(|name| json!(name))),
        ]);
        object(members)
    })
}

fn entries(kind: Kind) -> impl Strategy<Value = Json> {
    subsequence((0..PLACES.len()).collect::<Vec<_>>(), 1..=3)
        .prop_shuffle()
        .prop_flat_map(move |places| {
            places.into_iter().map(|place| entry(place, kind)).collect::<Vec<_>>()
        })
        .prop_map(Json::Array)
}

/// What can be changed in place.
fn changeable(kind: Kind) -> impl Strategy<Value = Members> {
    let scopes = subsequence(vec!["Train", "Infer", "Notebook"], 1..=3);
    let metadata = (
        option::of(select(vec!["A text", "Another text", ""])),
        option::of(select(vec!["high", "low"])),
        option::of(select(vec!["shared", "unshared"])),
        option::of(select(vec!["0", access::WORKSPACE_ID])),
        texts(&["team", "stage"]),
    );
    let jobs = option::of(subsequence(vec!["job-1", "job-2"], 1..=2));
    let gpu = option::of(select(vec!["440.33", "470.1"]));
    (metadata, scopes, jobs, gpu, entries(kind)).prop_map(
        move |(
            (description, scheduler, sharing, workspace, annotations),
            scope,
            jobs,
            gpu,
            all,
        )| {
            let text = |text: Option<&str>| text.map(|text| json!(text));
            let has_gpu = all.to_string().contains(".gpu.");
            let driver = gpu.filter(|_| has_gpu && kind != Kind::Logical);
            BTreeMap::from([
                ("description", text(description)),
                ("scheduler_extension", text(scheduler)),
                ("sharing", text(sharing)),
                ("workspace_id", text(workspace)),
                ("annotations", annotations),
                ("job_flavors", jobs.map(|jobs| json!(jobs))),
                ("scope", (kind == Kind::Standard).then(|| json!(scope))),
                ("driver", driver.map(|version| json!({ "gpu_version": version }))),
                ("resources", Some(all)),
            ])
        },
    )
}

/// What a pool has all its life.
fn fixed(kind: Kind) -> Members {
    let mut members = BTreeMap::from([("name", Some(json!(NAME)))]);
    match kind {
        Kind::Standard => {
            members.insert("network", Some(json!({ "name": access::network_id() })));
        }
        Kind::Privileged => {
            let network = json!({ "vpc_id": "vpc-1", "subnet_id": "subnet-1" });
            members.insert("network", Some(network));
            members.insert("clusters", Some(json!([{ "provider_id": "cluster-1" }])));
            members.insert("user_login", Some(json!({ "key_pair_name": "ops" })));
        }
        Kind::Logical => {
            members.insert("type", Some(json!("Logical")));
        }
    }
    members
}

/// A pool and what becomes of it.
fn lives() -> impl Strategy<Value = Vec<Json>> {
    select(vec![Kind::Standard, Kind::Privileged, Kind::Logical]).prop_flat_map(|kind| {
        let of_kind = move |mut members: Members| {
            members.extend(fixed(kind));
            object(members)
        };
        vec(changeable(kind).prop_map(of_kind), 2..=3)
    })
}

fn answers() -> impl Strategy<Value = Json> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (any::<u32>(), flags).prop_map(|(seed, (unknown, strings, terse, volumes, orders))| {
        json!({ "answers": {
            "order": { "random": seed },
            "unknown_fields": unknown,
            "numbers_as_strings": strings,
            "terse": terse,
            "fill_volumes": volumes,
            "order_names": orders,
        } })
    })
}

/// Flavor and node pool, as the service answers them or as they are written.
fn place(entry: &Json) -> (String, String) {
    let flavor = entry["flavor"].as_str().unwrap().to_owned();
    let pool = entry.get("nodePool").or_else(|| entry.get("node_pool"));
    let pool = pool.and_then(Json::as_str).unwrap_or_default().to_owned();
    let default = format!("{flavor}-default");
    let pool = if pool == default { String::new() } else { pool };
    (flavor, pool)
}

fn by_place(entries: &Json) -> BTreeMap<(String, String), Json> {
    entries.as_array().unwrap().iter().map(|entry| (place(entry), entry.clone())).collect()
}

/// Puts on every entry, and on the pool, what nobody asked for.
fn meddle(pool: &mut Json) {
    pool["metadata"]["annotations"]["os.modelarts/surprise"] = json!("1");
    pool["metadata"]["labels"]["os.modelarts/surprise"] = json!("1");
    for entry in pool["spec"]["resources"].as_array_mut().unwrap() {
        entry["labels"]["foreign"] = json!("1");
        entry["extendParams"]["foreign"] = json!("1");
        let mut push = |list: &str, item: Json| match entry[list].as_array_mut() {
            Some(items) if items.contains(&item) => {}
            Some(items) => items.push(item),
            None => entry[list] = json!([item]),
        };
        push("tags", json!({ "key": "foreign", "value": "1" }));
        push("taints", json!({ "key": "foreign", "effect": "NoExecute" }));
    }
}

fn is_meddled_with(entry: &Json) -> bool {
    let has = |list: &str| {
        entry[list].as_array().is_some_and(|l| l.iter().any(|item| item["key"] == "foreign"))
    };
    entry["labels"]["foreign"] == "1"
        && entry["extendParams"]["foreign"] == "1"
        && has("tags")
        && has("taints")
}

struct Pool;

impl Subject for Pool {
    const TYPE: &'static str = "modelarts_pool";

    fn objects(cloud: &Cloud) -> Vec<Json> {
        cloud.pools().unwrap()
    }

    fn meddle(cloud: &Cloud) {
        assert!(cloud.change_pool(NAME, meddle).unwrap());
    }

    fn judge(before: Option<&Stage>, now: &Stage, sent: &[Recorded], meddling: bool) {
        let is = by_place(&now.object["spec"]["resources"]);
        let wanted = by_place(&now.config["resources"]);
        assert_eq!(is.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
        let Some(before) = before else { return };
        let had = by_place(&before.object["spec"]["resources"]);
        for sent in sent.iter().filter(|request| request.method == "PATCH") {
            let Some(entries) = sent.body.pointer("/spec/resources") else { continue };
            for (place, entry) in by_place(entries) {
                let asked = wanted.get(&place).map(|entry| entry["count"].as_i64());
                let kept = had.get(&place).map(|entry| entry["count"].as_i64());
                let count = Some(entry["count"].as_i64());
                assert!(count == asked || count == kept, "{place:?}: {entry}");
            }
        }
        let earlier = by_place(&before.config["resources"]);
        for (place, entry) in &is {
            if earlier.get(place) == wanted.get(place) {
                assert_eq!(Some(entry), had.get(place), "nobody touched {place:?}");
            } else if meddling && had.contains_key(place) {
                assert!(is_meddled_with(entry), "{entry}");
            }
        }
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_pool_is_what_its_configuration_says(
        answers in answers(), configs in lives(), meddling in any::<bool>(),
    ) {
        run::<Pool>(&answers, &configs, meddling);
    }
}
