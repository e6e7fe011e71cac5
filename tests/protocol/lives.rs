//! The life of an object with one configuration after the other: after every
//! apply it is what its configuration says, and the next plan is empty.

use std::collections::BTreeMap;

use proptest::test_runner::Config as Cases;
use serde_json::Value as Json;
use terraform_provider_modelarts::simulator::{Cloud, Recorded};
use terraform_provider_modelarts::tf::schema::{Attribute, Kind, Nesting};
use terraform_provider_modelarts::tf::value::Value;

use super::core::{Core, cloud};

/// Members of an object, some of which are left out.
pub(super) type Members = BTreeMap<&'static str, Option<Json>>;

/// An object without the members that are left out.
pub(super) fn object(members: Members) -> Json {
    let set = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Json::Object(set.collect())
}

/// A configuration, and the object that it has led to.
pub(super) struct Stage {
    pub(super) config: Json,
    pub(super) object: Json,
}

/// What a life needs to know of a kind of object.
pub(super) trait Subject {
    /// The type of the resource.
    const TYPE: &'static str;

    /// The objects that a test has made.
    fn objects(cloud: &Cloud) -> Vec<Json>;

    /// Puts on the object what nobody asked for.
    fn meddle(cloud: &Cloud);

    /// Judges what an apply has asked for and made of the object.
    fn judge(before: Option<&Stage>, now: &Stage, sent: &[Recorded], meddling: bool);
}

/// Says where a state differs from what was configured.
fn differences(attributes: &[Attribute], config: &Value, state: &Value, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in attributes.iter().filter(|attribute| !attribute.write_only) {
        let (wanted, is) = (config.get(&attribute.name), state.get(&attribute.name));
        let at = format!("{at}.{}", attribute.name);
        match (&attribute.kind, wanted) {
            (_, Value::Null) => {}
            (Kind::Nested(Nesting::Single, inner), _) => {
                found.extend(differences(inner, wanted, is, &at))
            }
            (Kind::Nested(Nesting::List, inner), Value::List(items)) => {
                let others = is.elements().unwrap_or_default();
                if others.len() != items.len() {
                    found.push(format!("{at} has {} items, not {}", others.len(), items.len()));
                }
                for (index, (item, other)) in items.iter().zip(others).enumerate() {
                    found.extend(differences(inner, item, other, &format!("{at}[{index}]")));
                }
            }
            (Kind::Nested(Nesting::Set, inner), Value::Set(items)) => {
                let others = is.elements().unwrap_or_default();
                let has = |item: &Value| {
                    others.iter().any(|other| differences(inner, item, other, "").is_empty())
                };
                if others.len() != items.len() || !items.iter().all(has) {
                    found.push(format!("{at} is {others:?}, not {items:?}"));
                }
            }
            _ if wanted == is => {}
            _ => found.push(format!("{at} is {is:?}, not {wanted:?}")),
        }
    }
    found
}

/// Lives through the configurations in a cloud that plays a scenario.
pub(super) async fn live<S: Subject>(scenario: &Json, configs: &[Json], meddling: bool) {
    let cloud = cloud(scenario).await;
    let mut core = Core::of(S::TYPE, &cloud).await;
    let schema = core.schema().clone();
    let the_one = || match S::objects(&cloud.cloud()).as_slice() {
        [one] => one.clone(),
        others => panic!("not one object: {others:#?}"),
    };
    let mut before: Option<Stage> = None;
    for json in configs {
        let config = core.config(json);
        core.configure().await;
        core.run(&config).await;
        let wrong = differences(&schema.attributes, &config, &core.state, "");
        assert!(wrong.is_empty(), "{wrong:#?}");
        let now = Stage { config: json.clone(), object: the_one() };
        S::judge(before.as_ref(), &now, &core.changes(), meddling);
        core.is_settled(&config).await;
        if meddling {
            S::meddle(&cloud.cloud());
            core.configure().await;
            core.is_settled(&config).await;
        }
        assert_eq!(core.changes().len(), 0);
        before = Some(Stage { object: the_one(), ..now });
    }
    // Whatever it has become, it can be forgotten and found again.
    let last = core.config(configs.last().unwrap());
    core.import_again().await;
    // Where the configuration writes a part of what was found, the plan shows
    // that the rest goes; otherwise an import changes nothing.
    let found = core.state.clone();
    let plan = core.run(&last).await;
    core.is_settled(&last).await;
    let shown = plan.state != found;
    assert!(shown || core.changes().is_empty(), "an import changes what no plan showed");
    assert_eq!(core.destroy().await, []);
    assert_eq!(S::objects(&cloud.cloud()), [] as [Json; 0]);
}

/// How many lives are tried unless `PROPTEST_CASES` says otherwise.
const LIVES: u32 = 40;

/// Settings of the property tests.
pub(super) fn cases() -> Cases {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    Cases { cases: cases.unwrap_or(LIVES), failure_persistence: None, ..Cases::default() }
}

/// Runs one life to its end.
pub(super) fn run<S: Subject>(scenario: &Json, configs: &[Json], meddling: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(live::<S>(scenario, configs, meddling));
}
