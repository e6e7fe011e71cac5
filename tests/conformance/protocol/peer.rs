//! This executable as a provider of everything.

use std::fs::OpenOptions;
use std::io::Write;

use terraform_provider_modelarts::plugin::{Options, init_logging, serve};
use terraform_provider_modelarts::tf::prelude::*;
use terraform_provider_modelarts::tf::provider::simple;

use crate::service::{Manners, Service};

use super::host::{PEER_JOURNAL, PEER_MARK};

#[test]
fn serves_when_asked() {
    if std::env::var(PEER_MARK).is_err() {
        return;
    }
    init_logging("test", env!("CARGO_CRATE_NAME"));
    let address = "registry.terraform.io/test/test";
    let options = Options { address, name: "test", version: "1.2.3", debug: false };
    let manners = Manners { seed: 1, is_sparse: true, adds: true };
    let provider = || simple([typed(Service::new(manners)), typed(Breaking)]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let served = runtime.block_on(serve(provider, options));
    runtime.shutdown_background();
    std::process::exit(i32::from(served.is_err()));
}

/// A thing that is made in steps, which break where they are told to.
#[derive(Clone, Model)]
pub(super) struct Stepwise {
    #[tf(computed)]
    pub(super) id: Tf<String>,
    /// `fail`, `panic`, `stop` or anything else.
    #[tf(optional)]
    pub(super) way: Tf<String>,
    #[tf(computed, changes_on_update)]
    pub(super) step: Tf<String>,
}

struct Breaking;

impl Breaking {
    async fn go(
        &self,
        cx: &Context,
        change: &Change<Stepwise>,
        saved: &Saved<'_, Stepwise>,
    ) -> Outcome {
        let at =
            |step: &str| Stepwise { id: "1".into(), step: step.into(), ..change.planned.clone() };
        saved.change_private(|private| private.set("step", 1));
        saved.show_planned(&at("one"));
        if change.planned.way.text() == Some("fail") {
            refused()?;
        }
        saved.change_private(|private| private.set("step", 2));
        saved.show_planned(&at("two"));
        match change.planned.way.text() {
            Some("panic") => panic!("told to"),
            Some("stop") => {
                note("started");
                cx.stop.cancelled().await;
                refused()?;
            }
            _ => {}
        }
        saved.change_private(|private| private.set("step", 3));
        saved.finish(&at("three"));
        Ok(())
    }
}

fn refused() -> Result<(), Diagnostic> {
    Err(Diagnostic::error("Refused", "Told to."))
}

fn note(what: &str) {
    let journal = std::env::var(PEER_JOURNAL).unwrap();
    let mut file = OpenOptions::new().append(true).open(journal).unwrap();
    file.write_all(format!("{what}\n").as_bytes()).unwrap();
}

impl Resource for Breaking {
    type Model = Stepwise;
    const TYPE_NAME: &'static str = "test_stepwise";

    async fn create(
        &self,
        cx: &Context,
        new: &Change<Stepwise>,
        saved: &Saved<'_, Stepwise>,
    ) -> Outcome {
        self.go(cx, new, saved).await
    }

    async fn update(
        &self,
        cx: &Context,
        change: &Change<Stepwise>,
        saved: &Saved<'_, Stepwise>,
    ) -> Outcome {
        self.go(cx, change, saved).await
    }

    async fn delete(&self, _: &Context, _: &Stepwise, saved: &Saved<'_, Stepwise>) -> Outcome {
        saved.change_private(|private| private.set("step", "deleting"));
        Ok(refused()?)
    }

    async fn read(&self, _: &Context, _: &Stepwise, saved: &Saved<'_, Stepwise>) -> Outcome {
        saved.change_private(|private| private.set("step", "reading"));
        saved.remove();
        Ok(refused()?)
    }
}
