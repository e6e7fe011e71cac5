//! Measures providers side by side and holds them against the rules of the
//! plugin protocol. Prints a Markdown table with a column for each.
//!
//! ```text
//! measure PROVIDER... [--only RULE] [--no-figures]
//! PROVIDER: --provider TITLE BINARY RESOURCE [--source FILE]...
//! ```
//!
//! A resource with the attributes of the bucket (see README.md) is held
//! against all rules, any other against those that any resource can be.

mod figures;
mod host;
mod lines;
mod pinned;
mod rules;
mod session;
mod wire;

// Written byte by byte, knows nothing of the rest of the repository.
#[allow(dead_code)]
#[path = "../../../protocol/certificate.rs"]
mod certificate;

#[allow(dead_code, clippy::all)] // not every message is used
mod proto {
    pub mod tfplugin6 {
        tonic::include_proto!("tfplugin6");
    }
    pub mod plugin {
        tonic::include_proto!("plugin");
    }
    pub mod grpc {
        pub mod health {
            pub mod v1 {
                tonic::include_proto!("grpc.health.v1");
            }
        }
    }
}

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use crate::host::Launch;
use crate::proto::tfplugin6 as pb;
use crate::session::{Miss, Subject};

#[derive(Default)]
struct Arguments {
    providers: Vec<Provider>,
    /// Rules whose number or text has this.
    only: Option<String>,
    no_figures: bool,
}

struct Provider {
    title: String,
    binary: PathBuf,
    resource: String,
    sources: Vec<PathBuf>,
}

const USAGE: &str = "measure --provider TITLE BINARY RESOURCE [--source FILE]... \
                     [--provider ...] [--only RULE] [--no-figures]";

fn arguments() -> Result<Arguments, String> {
    let mut words = std::env::args().skip(1);
    let mut arguments = Arguments::default();
    while let Some(word) = words.next() {
        let mut next = || words.next().ok_or_else(|| format!("{word} needs more.\n{USAGE}"));
        match word.as_str() {
            "--provider" => arguments.providers.push(Provider {
                title: next()?,
                binary: next()?.into(),
                resource: next()?,
                sources: Vec::new(),
            }),
            "--source" => {
                let source = next()?.into();
                let provider = arguments.providers.last_mut();
                provider.ok_or("--source belongs behind a --provider")?.sources.push(source);
            }
            "--only" => arguments.only = Some(next()?),
            "--no-figures" => arguments.no_figures = true,
            _ => return Err(format!("{word} is not known here.\n{USAGE}")),
        }
    }
    if arguments.providers.is_empty() {
        return Err(USAGE.to_owned());
    }
    Ok(arguments)
}

/// Asks a provider for its schema.
async fn meet(provider: Provider) -> Result<Arc<Subject>, Miss> {
    let process = Launch::new(&provider.binary).start().await?;
    let channel = process.connect().await?;
    let request = pb::get_provider_schema::Request {};
    let schema = session::client(&channel).get_provider_schema(request).await?.into_inner();
    let Provider { title, binary, resource, sources } = provider;
    let subject = Subject { title, binary, resource, sources, schema };
    subject.resource_schema()?;
    Ok(Arc::new(subject))
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let mut subjects = Vec::new();
    for provider in arguments.providers {
        let binary = provider.binary.display().to_string();
        subjects.push(meet(provider).await.map_err(|miss| format!("{binary}: {miss:?}"))?);
    }
    let titles = subjects.iter().map(|subject| subject.title.as_str());
    row("", titles);
    row("---", subjects.iter().map(|_| "---"));
    if !arguments.no_figures {
        let counted = subjects.iter().map(|subject| match subject.sources.is_empty() {
            true => Ok("–".to_owned()),
            false => lines::count(&subject.sources).map(|lines| lines.to_string()),
        });
        row("lines to write", counted.collect::<Result<Vec<_>, _>>()?);
        let figures = figures::all(&subjects).await;
        for figure in figures.map_err(|miss| format!("{miss:?}"))? {
            row(&figure.name, figure.values);
        }
    }
    hold(&subjects, arguments.only.as_deref()).await;
    Ok(())
}

/// Holds each provider against each rule.
async fn hold(subjects: &[Arc<Subject>], only: Option<&str>) {
    let mut kept = vec![(0, 0); subjects.len()];
    let mut notes = Vec::new();
    for (group, rules) in rules::all() {
        let wanted = |rule: &&rules::Rule| {
            let number = |only: &str| only.parse::<u32>().is_ok();
            only.is_none_or(|only| {
                rule.number == only || (!number(only) && rule.text.contains(only))
            })
        };
        let rules: Vec<_> = rules.iter().filter(wanted).collect();
        if !rules.is_empty() {
            row(&format!("**{group}**"), subjects.iter().map(|_| ""));
        }
        for rule in rules {
            let mut cells = Vec::new();
            for (subject, (good, tried)) in subjects.iter().zip(&mut kept) {
                cells.push(match rule.holds(subject).await {
                    Ok(()) => {
                        (*good, *tried) = (*good + 1, *tried + 1);
                        "yes".to_owned()
                    }
                    Err(Miss::Skips(why)) => format!("– ({why})"),
                    Err(Miss::Fails(why)) => {
                        *tried += 1;
                        notes.push(format!("{}: {}", subject.title, short(&why)));
                        format!("**no** ({})", notes.len())
                    }
                });
            }
            row(&format!("{} {}", rule.number, rule.text), cells);
        }
    }
    row("**rules kept**", kept.iter().map(|(good, tried)| format!("{good} of {tried}")));
    println!();
    for (number, note) in notes.iter().enumerate() {
        println!("{}. {note}", number + 1);
    }
}

fn short(why: &str) -> String {
    let line = why.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(220) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn row(name: &str, cells: impl IntoIterator<Item = impl AsRef<str>>) {
    let cells = cells.into_iter().map(|cell| format!(" {} |", cell.as_ref()));
    println!("| {name} |{}", cells.collect::<String>());
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = arguments()
        .and_then(|arguments| runtime.map_err(|error| error.to_string())?.block_on(run(arguments)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
