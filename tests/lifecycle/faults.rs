//! Many pools at once on a bad line: none is lost and none is made twice.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::harness::{Cloud, Workspace};
use crate::pools::{CPU, network_argument};

const POOLS: usize = 30;

/// How often people would try before they gave up.
const MOST_TRIES: usize = 6;

/// What a run on a bad line may take longer than one on a good line. Pauses
/// are 1 second and more, and a pool whose fate is unknown is looked for for
/// 20 seconds, once in each apply at the worst.
const BOUND: Duration = Duration::from_secs(120);

/// One in ten calls goes wrong, in one of six ways.
fn faults(seed: u64) -> Json {
    let actions = [
        json!({ "answer": { "status": 500, "body": { "error_msg": "internal error" } } }),
        json!("html"),
        json!({ "answer": { "status": 429, "headers": { "Retry-After": "1" } } }),
        json!("reset"),
        json!("lost"),
        json!({ "delay": "300ms" }),
    ];
    let share = 0.1 / actions.len() as f64;
    let fault = |(way, action): (u64, Json)| {
        let rule = json!({ "probability": share, "seed": 100 * seed + way });
        json!({ "match": rule, "do": action })
    };
    let faults: Vec<Json> = (0..).zip(actions).map(fault).collect();
    json!({ "faults": faults })
}

fn configuration() -> String {
    format!(
        r#"
resource "modelarts_pool" "main" {{
  for_each  = toset([for n in range({POOLS}) : format("pool-%02d", n)])
  name      = each.key
  scope     = ["Train"]
  {}
  resources = [{{ flavor = "{CPU}", count = 1 }}]
}}
"#,
        network_argument()
    )
}

/// Repeats a command until it succeeds, as people would, and counts.
#[track_caller]
fn persist(work: &Workspace, command: &str) -> usize {
    let arguments = [command, "-auto-approve", "-parallelism=30"];
    for tries in 1..=MOST_TRIES {
        let output = work.run(&arguments);
        if output.code == 0 {
            return tries;
        }
        assert!(!output.flat().contains("already exists"), "{output}");
        assert!(tries < MOST_TRIES, "{output}");
    }
    MOST_TRIES
}

/// Applies until all is there, destroys until nothing is left, and tells how
/// long each took.
fn live(name: &str, scenario: &Json) -> [Duration; 2] {
    let cloud = Cloud::playing(scenario);
    let work = Workspace::new(name, &cloud);
    work.write("main.tf", &configuration());

    let start = Instant::now();
    let applies = persist(&work, "apply");
    let applied = start.elapsed();
    let asked = cloud.requests();
    let creates = cloud.count("POST", "/pools");
    assert_eq!(cloud.destructive_calls(), 0, "{name}");
    assert_all_there(&cloud, &work);

    let start = Instant::now();
    let destroys = persist(&work, "destroy");
    let destroyed = start.elapsed();
    assert!(cloud.pools().is_empty(), "{name}");
    assert!(work.state().addresses().is_empty(), "{name}");
    let disturbed = cloud.disturbed();
    assert_eq!(disturbed > 0, scenario.get("faults").is_some(), "{name}: {disturbed}");
    eprintln!(
        "{name}: {applies} applies in {applied:.1?} with {asked} requests, {creates} of them \
         creates; {destroys} destroys in {destroyed:.1?} with {} requests; {disturbed} requests \
         failed on the way",
        cloud.requests() - asked
    );
    [applied, destroyed]
}

/// Every pool exists once and is the one in the state, and nothing is left to do.
#[track_caller]
fn assert_all_there(cloud: &Cloud, work: &Workspace) {
    let name = |pool: &Json| pool["metadata"]["labels"]["os.modelarts/name"].clone();
    let pools = cloud.pools();
    let mut names: Vec<String> = pools.iter().map(|pool| name(pool).to_string()).collect();
    names.sort();
    names.dedup();
    assert_eq!((names.len(), pools.len()), (POOLS, POOLS), "{names:?}");
    let state = work.state();
    let addresses = state.addresses();
    assert_eq!(addresses.len(), POOLS, "{addresses:?}");
    for pool in &pools {
        let address = format!("modelarts_pool.main[{}]", name(pool));
        assert_eq!(state.text(&address, "/id"), pool["metadata"]["name"], "{address}");
        assert!(!state.is_tainted(&address), "{address}");
    }
    work.plan_is_empty();
    assert_eq!(cloud.destructive_calls(), 0);
}

#[test]
fn thirty_pools_on_a_bad_line_are_all_there_once_and_all_go() {
    let good = live("good-line", &json!({}));
    let bad = std::thread::scope(|scope| {
        let run = |seed| scope.spawn(move || live(&format!("bad-line-{seed}"), &faults(seed)));
        let runs = [1, 3, 5].map(run);
        runs.map(|run| run.join().unwrap())
    });
    for times in bad {
        for (bad, good) in times.into_iter().zip(good) {
            assert!(bad <= good + BOUND, "{bad:?} after {good:?} on a good line");
        }
    }
}
