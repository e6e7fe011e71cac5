//! The bucket, on this repository's runtime.

#[path = "../../service.rs"]
mod service;

use std::process::ExitCode;

use terraform_provider_modelarts::plugin::{self, Launch, Options};
use terraform_provider_modelarts::tf::prelude::*;
use terraform_provider_modelarts::tf::provider::simple;

/// A bucket.
#[derive(Clone, Model)]
struct Bucket {
    /// ID, given by the service.
    #[tf(computed, not_null)]
    id: Tf<String>,
    /// Name. Changing it creates a new bucket.
    #[tf(required, replaces)]
    name: Tf<String>,
    /// Size in GiB.
    #[tf(optional, computed, default = 10)]
    size: Tf<i64>,
    /// Password.
    #[tf(optional, sensitive, write_only)]
    password: Tf<Secret>,
    /// Items.
    #[tf(optional, keyed_by = "key")]
    items: Tf<List<Item>>,
    /// How long operations may take.
    #[tf(block)]
    timeouts: Tf<Times>,
}

/// An item.
#[derive(Clone, Model)]
struct Item {
    /// Key.
    #[tf(required)]
    key: Tf<String>,
    /// Value.
    #[tf(optional)]
    value: Tf<String>,
}

/// How long operations may take.
#[derive(Clone, Model)]
struct Times {
    /// Time for a create.
    #[tf(optional)]
    create: Tf<String>,
}

/// What the service is asked for.
fn asked(bucket: &Bucket) -> service::Bucket {
    let items = bucket.items.known().into_iter().flat_map(List::known);
    let pair = |item: &Item| (item.key.text().unwrap_or_default().to_owned(), item.value.cloned());
    service::Bucket {
        name: bucket.name.text().unwrap_or_default().to_owned(),
        size: bucket.size.get().unwrap_or_default(),
        items: items.map(pair).collect(),
    }
}

/// What the service answers.
fn answered(id: &str, bucket: service::Bucket) -> Bucket {
    let item =
        |(key, value): (String, Option<String>)| Item { key: key.into(), value: value.into() };
    let items: List<Item> = bucket.items.into_iter().map(item).collect();
    Bucket {
        id: id.into(),
        name: bucket.name.into(),
        size: bucket.size.into(),
        items: (!items.is_empty()).then_some(items).into(),
        ..Bucket::default()
    }
}

fn refused(refusal: service::Refusal) -> Diagnostics {
    Diagnostic::error("The service refused", refusal.to_string()).into()
}

struct Buckets;

impl Resource for Buckets {
    type Model = Bucket;
    const TYPE_NAME: &'static str = "own_bucket";

    async fn create(
        &self,
        cx: &Context,
        new: &Change<Bucket>,
        saved: &Saved<'_, Bucket>,
    ) -> Outcome {
        let bucket = asked(&new.planned);
        let id = match service::create(bucket.clone()).await {
            Ok(id) => id,
            Err(refusal) => {
                if let Some(id) = &refusal.id {
                    saved.show_planned(&answered(id, bucket));
                }
                return Err(refused(refusal));
            }
        };
        saved.finish(&answered(&id, bucket.clone()));
        tokio::select! {
            () = service::ready(&bucket.name) => {}
            () = cx.stop.cancelled() => {
                let detail = "The run was interrupted while the bucket was being made.";
                saved.warn(Diagnostic::warning("Interrupted", detail));
            }
        }
        Ok(())
    }

    async fn update(
        &self,
        _: &Context,
        new: &Change<Bucket>,
        saved: &Saved<'_, Bucket>,
    ) -> Outcome {
        let (id, bucket) = (new.prior.id.text().unwrap_or_default(), asked(&new.planned));
        service::update(id, bucket.clone()).await.map_err(refused)?;
        saved.finish(&answered(id, bucket));
        Ok(())
    }

    async fn delete(&self, _: &Context, prior: &Bucket, _: &Saved<'_, Bucket>) -> Outcome {
        service::delete(prior.id.text().unwrap_or_default()).await.map_err(refused)
    }

    async fn read(&self, _: &Context, prior: &Bucket, saved: &Saved<'_, Bucket>) -> Outcome {
        let id = prior.id.text().unwrap_or_default();
        match service::read(id).await.map_err(refused)? {
            Some(bucket) => saved.show(&answered(id, bucket)),
            None => saved.remove(),
        }
        Ok(())
    }

    async fn import(&self, _: &Context, id: &str, saved: &Saved<'_, Bucket>) -> Outcome {
        let found = service::read(id).await.map_err(refused)?;
        let missing = || Diagnostic::error("No such bucket", format!("There is no bucket {id:?}."));
        saved.imported(&answered(id, found.ok_or_else(missing)?));
        Ok(())
    }
}

fn main() -> ExitCode {
    let debug = std::env::args().any(|argument| argument == "--debug");
    if !debug && plugin::check_launch(&plugin::process_environment) == Launch::ByHand {
        eprintln!("This is a Terraform plugin; Terraform starts it.");
        return ExitCode::FAILURE;
    }
    plugin::init_logging("own", env!("CARGO_CRATE_NAME"));
    let address = "registry.terraform.io/peers/own";
    let options = Options { address, name: "own", version: env!("CARGO_PKG_VERSION"), debug };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let Ok(runtime) = runtime else { return ExitCode::FAILURE };
    let served = runtime.block_on(plugin::serve(|| simple([typed(Buckets)]), options));
    runtime.shutdown_background();
    if served.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
