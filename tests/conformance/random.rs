//! Many configurations and many manners of the service.

use fastrand::Rng;
use terraform_provider_modelarts::tf::model::Model;
use terraform_provider_modelarts::tf::resource::{Import, typed};
use terraform_provider_modelarts::tf::schema::check::check;
use terraform_provider_modelarts::tf::testing::Driver;

use super::configs::{Making, changed, config, shown};
use super::everything::Everything;
use super::service::{Manners, Service};

/// How many lives; `CONFORMANCE_CASES` sets it.
fn cases() -> u64 {
    std::env::var("CONFORMANCE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(150)
}

#[test]
fn terraform_accepts_the_schema_that_uses_everything() {
    assert_eq!(check(&Everything::schema()), Vec::<String>::new());
}

/// One life: made, changed three times, imported, changed back, destroyed.
pub(crate) async fn one_life(seed: u64, mut driver: Driver) -> Result<(), String> {
    let mut chance = Rng::with_seed(seed);
    let making = Making { rarity: chance.u8(1..6), unknowns: false };
    let mut written = config(making, &mut chance);
    for step in 0..4 {
        let place = |what: &str| format!("seed {seed}, step {step}, {what}, {}", shown(&written));
        // Whatever is unknown, a plan is valid.
        let open = config(Making { unknowns: true, ..making }, &mut chance);
        driver.plan(&open).await.map_err(|e| format!("{e:#?}\n{}", place("open")))?;
        driver.apply(&written).await.map_err(|e| format!("{e:#?}\n{}", place("apply")))?;
        let state = shown(&driver.state);
        let settled = driver.is_settled(&written).await;
        settled.map_err(|e| {
            format!("{e:#?}\n{}\nwas {state}\nis {}", place("settle"), shown(&driver.state))
        })?;
        written = changed(&written, making, &mut chance);
    }
    let id = driver.state.get(Everything::ID).as_str().unwrap().to_owned();
    driver.import(Import::Id(&id)).await.map_err(|e| format!("{e:#?} seed {seed}, import"))?;
    driver.apply(&written).await.map_err(|e| format!("{e:#?} seed {seed}, after import"))?;
    let settled = driver.is_settled(&written).await;
    settled.map_err(|e| {
        format!(
            "{e:#?}\nseed {seed}, settle after import\n{}\n{}",
            shown(&written),
            shown(&driver.state)
        )
    })?;
    driver.is_found_again().await.map_err(|e| {
        let state = shown(&driver.state);
        format!("{e:#?}\nseed {seed}, generated configuration\n{}\n{state}", shown(&written))
    })?;
    driver.destroy().await.map_err(|e| format!("{e:#?} seed {seed}, destroy"))
}

#[tokio::test]
async fn every_life_keeps_terraforms_rules() {
    for seed in 0..cases() {
        let manners = Manners { seed, is_sparse: seed % 2 == 0, adds: seed % 3 == 0 };
        let driver = Driver::new(typed(Service::new(manners)));
        if let Err(text) = one_life(seed, driver).await {
            panic!("{text}");
        }
    }
}

/// The service gives each object an alias that nobody wrote.
#[tokio::test]
async fn what_was_found_does_not_outlive_its_object() {
    let manners = Manners { seed: 1, is_sparse: false, adds: true };
    let mut driver = Driver::new(typed(Service::new(manners)));
    let named = |name: &str| {
        let mut config = Everything::schema().empty();
        config.set_entry(Everything::NAME, name.into());
        config
    };
    driver.apply(&named("a")).await.unwrap();
    driver.is_settled(&named("a")).await.unwrap();
    let alias = |driver: &Driver| driver.state.get("alias").as_str().map(str::to_owned);
    assert_eq!(alias(&driver), None);
    let id = driver.state.get(Everything::ID).as_str().unwrap().to_owned();
    driver.import(Import::Id(&id)).await.unwrap();
    assert_eq!(alias(&driver).as_deref(), Some("added"));
    driver.apply(&named("b")).await.unwrap();
    driver.is_settled(&named("b")).await.unwrap();
    assert_eq!(alias(&driver), None);
}
