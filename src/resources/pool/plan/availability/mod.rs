//! Whether what a plan wants to order can be had: the flavors of new nodes, where
//! they are wanted, and driver versions.
//!
//! The service's lists are good for hints (API reference, resource flavors): they
//! may be old, or say nothing. So this is a warning unless the user asks for an
//! error, and a list that cannot be read is no more than a line in the log.

mod instead;
mod verdict;
mod wanted;

use crate::modelarts::driver::Card;
use crate::modelarts::flavor::Flavor;
use crate::resources::offer::Check;
use crate::resources::session::{Connection, Session};
use crate::tf::context::Context;
use crate::tf::diagnostics::Diagnostic;
use crate::tf::resource::{Outcome, Plan};

use super::super::schema::PoolModel;
use verdict::Finding;
use wanted::{Wanted, WantedDriver};

/// Says what a plan wants and cannot have. Calls nobody when nothing is ordered.
pub async fn check_availability(
    session: &dyn Session,
    cx: &Context,
    plan: &mut Plan<'_, PoolModel>,
) -> Outcome {
    let check = session.availability_check();
    if check == Check::Off {
        return Ok(());
    }
    let Some(wanted) = Wanted::of(plan)? else { return Ok(()) };
    let Ok(connection) = session.connect(cx).await else {
        tracing::info!("availability is not checked: the provider is not configured yet");
        return Ok(());
    };
    let found = find(&connection, cx, &wanted).await;
    plan.say_all(found.into_iter().map(|finding| say(finding, check)).collect());
    Ok(())
}

fn say(finding: Finding, check: Check) -> Diagnostic {
    let Finding { summary, detail, at } = finding;
    let diagnostic = if check == Check::Error {
        let way = "To plan it all the same, set availability_check = \"warn\" in the provider \
                   block (HW_MODELARTS_AVAILABILITY_CHECK).";
        Diagnostic::error(summary, format!("{detail} {way}"))
    } else {
        let way = "The service will likely refuse it, or keep the pool waiting.";
        Diagnostic::warning(summary, format!("{detail} {way}"))
    };
    diagnostic.at(at)
}

async fn find(connection: &Connection, cx: &Context, wanted: &Wanted) -> Vec<Finding> {
    let offer = match connection.flavors_soon(cx).await {
        Ok(offer) => offer,
        Err(error) => {
            tracing::warn!(%error, "availability is not checked: no list of flavors");
            return Vec::new();
        }
    };
    let nodes = wanted.nodes.iter().filter_map(|nodes| verdict::of_nodes(nodes, wanted, &offer));
    let mut found: Vec<Finding> = nodes.collect();
    for driver in &wanted.drivers {
        let Some(kind) = kind_of(driver, wanted, &offer) else { continue };
        match connection.driver_versions_soon(cx, kind).await {
            Ok(versions) => found.extend(verdict::of_driver(driver, kind, &versions)),
            Err(error) => {
                tracing::warn!(%error, "availability is not checked: no list of driver versions");
            }
        }
    }
    found
}

/// The kind of cards that a driver is for; `None` when it is of no concern.
fn kind_of(driver: &WantedDriver, wanted: &Wanted, offer: &[Flavor]) -> Option<Card> {
    let kind = |name: &str| offer.iter().find(|flavor| flavor.name() == name)?.card();
    match (&driver.flavor, driver.kind) {
        (Some(flavor), _) => kind(flavor),
        // One that stays is of concern to new nodes that need it.
        (None, Some(own)) if !driver.is_new => {
            wanted.nodes.iter().any(|nodes| kind(&nodes.flavor) == Some(own)).then_some(own)
        }
        (None, own) => own,
    }
}
