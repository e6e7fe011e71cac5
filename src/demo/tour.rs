//! The tour itself: one stop after the other, each said, shown and checked.

use std::time::Instant;

use anyhow::{Context, bail, ensure};
use serde_json::Value as Json;

use crate::cli::Printer;

use super::check::{self, PoolState};
use crate::platform::Signals;

use super::core::{Core, Finished};
use super::place::Place;

const PLAN: &str = "demo.tfplan";
const STOPS: u32 = 7;

const MAKING: &str = "Now the pool is made. The provider asks once, then waits until every node is \
    available and every job type is enabled.";

const GROWING: &str = "The pool shall grow: in main.tf the count of the first flavor goes from 2 to \
    3. The plan must be a change in place, not a new pool.";

/// Plays every stop.
pub(super) async fn play(core: &Core, place: &Place, printer: &mut Printer) -> anyhow::Result<()> {
    let signals = Signals::take_with_hangup().context("cannot listen for Ctrl-C")?;
    let mut guide = Guide { core, place, printer, signals, stop: 0 };
    guide.open();
    guide.init().await?;
    guide.plan_create().await?;
    let made = guide.apply(MAKING).await?;
    guide.scale(&made).await?;
    guide.empty_plan().await?;
    guide.destroy().await
}

/// How much of a command's output is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Show {
    /// Every line.
    All,
    /// What happened; everything else only after a failure.
    Gist,
}

struct Guide<'a> {
    core: &'a Core,
    place: &'a Place,
    printer: &'a mut Printer,
    signals: Signals,
    stop: u32,
}

impl Guide<'_> {
    fn open(&mut self) {
        self.printer.strong("ModelArts pools with a simulated cloud");
        self.printer.line(&format!("Directory: {}", self.place.root().display()));
        self.printer.line("Configuration: a pool with two flavors, in main.tf");
    }

    async fn init(&mut self) -> anyhow::Result<()> {
        self.say(
            "First the provider is found in a directory next to the configuration. Nothing is \
             downloaded.",
        );
        self.step(&["init"], Show::Gist).await
    }

    async fn plan_create(&mut self) -> anyhow::Result<()> {
        self.say("A plan says what will be made. Mistakes in the configuration show here.");
        self.step(&["plan", "-out", PLAN], Show::All).await?;
        check::planned(&self.json(&["show", "-json", PLAN]).await?, "create")
    }

    async fn apply(&mut self, words: &str) -> anyhow::Result<PoolState> {
        self.say(words);
        self.step(&["apply", "-auto-approve", PLAN], Show::Gist).await?;
        let pool = check::ready_pool(&self.json(&["show", "-json"]).await?)?;
        self.printer.line(&format!(
            "    The pool {} is ready, with {} nodes of its first flavor.",
            pool.id, pool.nodes
        ));
        Ok(pool)
    }

    async fn scale(&mut self, made: &PoolState) -> anyhow::Result<()> {
        self.say(GROWING);
        self.place.write_configuration(3)?;
        self.step(&["plan", "-out", PLAN], Show::All).await?;
        check::planned(&self.json(&["show", "-json", PLAN]).await?, "update")?;
        let words = "The change is one request. The nodes that are there keep working.";
        let grown = self.apply(words).await?;
        ensure!(grown.id == made.id, "growing made a new pool: {} became {}", made.id, grown.id);
        ensure!(grown.nodes == 3, "the pool should have 3 nodes now, but has {}", grown.nodes);
        Ok(())
    }

    async fn empty_plan(&mut self) -> anyhow::Result<()> {
        self.say(
            "What was applied is what is there, so another plan is empty (exit code 0; 2 would \
             mean changes).",
        );
        let finished = self.command(&["plan", "-detailed-exitcode"], Show::Gist).await?;
        match finished.status.code() {
            Some(0) => Ok(()),
            Some(2) => bail!("the plan after an apply should be empty, but it has changes"),
            _ => failed("plan", &finished),
        }
    }

    async fn destroy(&mut self) -> anyhow::Result<()> {
        self.say(
            "Last, the pool goes away. The provider waits until the service says that it is gone.",
        );
        self.step(&["destroy", "-auto-approve"], Show::Gist).await?;
        check::empty(&self.json(&["show", "-json"]).await?)
    }

    /// Says what comes next, before it happens.
    fn say(&mut self, words: &str) {
        self.stop += 1;
        self.printer.line("");
        self.printer.strong(&format!("{}/{STOPS} {words}", self.stop));
    }

    /// Runs a command that must succeed.
    async fn step(&mut self, arguments: &[&str], show: Show) -> anyhow::Result<()> {
        let finished = self.command(arguments, show).await?;
        if finished.status.success() {
            return Ok(());
        }
        failed(arguments.first().copied().unwrap_or_default(), &finished)
    }

    /// Shows a command, runs it and tells how long it took.
    async fn command(&mut self, arguments: &[&str], show: Show) -> anyhow::Result<Finished> {
        self.printer.line(&format!("    $ {} {}", self.core.name(), arguments.join(" ")));
        let mut arguments = arguments.to_vec();
        if show == Show::Gist || !self.printer.colour() {
            arguments.insert(1, "-no-color");
        }
        let start = Instant::now();
        let printer = &mut *self.printer;
        let mut quote = |line: &str| printer.line(&format!("    | {line}"));
        let finished = self
            .core
            .run(self.place, &arguments, &mut self.signals, |line| {
                if show == Show::All || is_gist(line) {
                    quote(line);
                }
            })
            .await?;
        if show == Show::Gist && !finished.status.success() {
            finished.stderr.lines().for_each(quote);
        }
        let seconds = start.elapsed().as_secs_f64();
        self.printer.line(&format!("    {seconds:.1} s"));
        Ok(finished)
    }

    /// Runs a command quietly and reads what it printed.
    async fn json(&mut self, arguments: &[&str]) -> anyhow::Result<Json> {
        let finished = self.core.run(self.place, arguments, &mut self.signals, |_| ()).await?;
        if !finished.status.success() {
            bail!("`show` should have succeeded, but said: {}", finished.stderr.trim());
        }
        serde_json::from_str(&finished.stdout).context("cannot read what `show -json` printed")
    }
}

/// Says whether a line tells what happened; the others repeat the plan or give
/// advice that is not for this directory.
fn is_gist(line: &str) -> bool {
    let begins =
        ["modelarts_", "- Install", "Plan:", "No changes", "Apply complete", "Destroy complete"];
    begins.iter().any(|begin| line.starts_with(begin)) || line.contains("successfully initialized")
}

/// A command whose messages have been shown already.
fn failed<T>(command: &str, finished: &Finished) -> anyhow::Result<T> {
    bail!(
        "`{command}` should have succeeded, but ended with {}; its messages are above",
        finished.status
    )
}
