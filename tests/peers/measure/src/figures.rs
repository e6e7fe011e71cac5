//! What a provider takes: time, memory, CPU.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rmpv::Value;

use crate::certificate::HostCertificate;
use crate::host::COOKIE;
use crate::proto::tfplugin6 as pb;
use crate::session::{Calls, Miss, Session, Subject, client, item};
use crate::wire::with;

/// How often a start is measured.
const STARTS: usize = 51;
/// How often and how long calls are counted.
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(1);
/// Calls at once: what Terraform does unless told otherwise.
const PARALLEL: usize = 10;

/// A figure of each provider, in their order.
pub struct Figure {
    pub name: String,
    pub values: Vec<String>,
}

/// Starts a provider as Terraform does and times its first line.
pub fn to_first_line(binary: &Path) -> Result<Duration, String> {
    let certificate = HostCertificate::new().pem();
    let mut command = Command::new(binary);
    command
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000")
        .env("PLUGIN_CLIENT_CERT", certificate)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let mut line = String::new();
    let stdout = child.stdout.take().expect("a pipe");
    let read = BufReader::new(stdout).read_line(&mut line);
    let time = start.elapsed();
    let _ = child.kill();
    let _ = child.wait();
    read.map_err(|error| error.to_string())?;
    if line.contains("|grpc|") { Ok(time) } else { Err(format!("no handshake line: {line:?}")) }
}

/// Resident memory of a process in bytes.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

/// CPU time that a process has used.
fn cpu(process: u32) -> Duration {
    // In clock ticks of 10 ms: the 14th and 15th field, behind a name in brackets.
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: u64 =
        fields.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn median<T: PartialOrd + Copy>(mut all: Vec<T>) -> T {
    all.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    all[all.len() / 2]
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

pub async fn all(subjects: &[Arc<Subject>]) -> Result<Vec<Figure>, Miss> {
    let mut figures = vec![size(subjects), starts(subjects)?];
    figures.push(memory(subjects).await?);
    figures.extend(loads(subjects).await?);
    Ok(figures)
}

fn size(subjects: &[Arc<Subject>]) -> Figure {
    let size = |subject: &Arc<Subject>| {
        let found = std::fs::metadata(&subject.binary);
        found.map_or_else(|error| error.to_string(), |found| megabytes(found.len()))
    };
    Figure { name: "binary".to_owned(), values: subjects.iter().map(size).collect() }
}

fn starts(subjects: &[Arc<Subject>]) -> Result<Figure, String> {
    let mut times = vec![Vec::new(); subjects.len()];
    // In turns, so that a busy moment of the machine hits all of them.
    for _ in 0..STARTS {
        for (subject, times) in subjects.iter().zip(&mut times) {
            times.push(to_first_line(&subject.binary)?);
        }
    }
    let words = |times: Vec<Duration>| {
        let least = times.iter().min().copied().unwrap_or_default();
        let (middle, least) = (median(times).as_secs_f64() * 1e3, least.as_secs_f64() * 1e3);
        format!("{middle:.1} ms ({least:.1})")
    };
    let name = format!("start to handshake line, median of {STARTS} (least)");
    Ok(Figure { name, values: times.into_iter().map(words).collect() })
}

async fn memory(subjects: &[Arc<Subject>]) -> Result<Figure, Miss> {
    let mut values = Vec::new();
    for subject in subjects {
        let session = Session::start(subject).await?;
        let request = pb::get_provider_schema::Request {};
        client(&session.channel).get_provider_schema(request).await?;
        values.push(megabytes(resident(session.process.id())));
    }
    Ok(Figure { name: "resident, schema served over TLS".to_owned(), values })
}

/// A kind of call to be counted.
#[derive(Clone, Copy)]
struct Load {
    name: &'static str,
    items: usize,
    plans: bool,
    parallel: usize,
}

const LOADS: [Load; 4] = [
    Load { name: "ValidateResourceConfig", items: 2, plans: false, parallel: PARALLEL },
    Load { name: "PlanResourceChange", items: 2, plans: true, parallel: PARALLEL },
    Load { name: "PlanResourceChange", items: 2, plans: true, parallel: 1 },
    Load { name: "PlanResourceChange, 1,000 items", items: 1000, plans: true, parallel: PARALLEL },
];

async fn loads(subjects: &[Arc<Subject>]) -> Result<Vec<Figure>, Miss> {
    let mut figures = Vec::new();
    let mut after = Vec::new();
    for load in LOADS {
        let mut sessions = Vec::new();
        for subject in subjects {
            let config = config(subject, load.items)?;
            sessions.push((Session::start(subject).await?, config));
        }
        let mut counted = vec![Vec::new(); subjects.len()];
        for round in 0..=ROUNDS {
            for ((session, config), counted) in sessions.iter().zip(&mut counted) {
                let found = count(session, config, load).await?;
                // The first round warms up.
                if round > 0 {
                    counted.push(found);
                }
            }
        }
        let title = format!("{}, {} at once", load.name, load.parallel);
        figures.extend(rates(&title, &counted));
        after =
            sessions.iter().map(|(session, _)| megabytes(resident(session.process.id()))).collect();
    }
    figures.push(Figure { name: "resident, after the last of these".to_owned(), values: after });
    Ok(figures)
}

fn rates(title: &str, counted: &[Vec<(f64, f64)>]) -> [Figure; 2] {
    let calls = |all: &Vec<(f64, f64)>| {
        format!("{:.0}", median(all.iter().map(|(calls, _)| *calls).collect()))
    };
    let micros = |all: &Vec<(f64, f64)>| {
        format!("{:.0} µs", median(all.iter().map(|(_, micros)| *micros).collect()))
    };
    [
        Figure {
            name: format!("calls per second: {title}"),
            values: counted.iter().map(calls).collect(),
        },
        Figure {
            name: format!("CPU of the provider per call: {title}"),
            values: counted.iter().map(micros).collect(),
        },
    ]
}

fn config(subject: &Subject, items: usize) -> Result<Value, Miss> {
    if !subject.is_bucket() {
        return subject.nothing();
    }
    let items = (0..items).map(|n| item(format!("key-{n}").into(), format!("value {n}").into()));
    Ok(with(&subject.bucket("busy")?, [("items", Value::Array(items.collect()))]))
}

/// Calls for a while; gives calls per second and CPU time in µs per call.
async fn count(session: &Session, config: &Value, load: Load) -> Result<(f64, f64), Miss> {
    let before = cpu(session.process.id());
    let began = Instant::now();
    let callers: Vec<_> = (0..load.parallel)
        .map(|_| tokio::spawn(call_until(session.calls.clone(), config.clone(), load, began)))
        .collect();
    let mut calls = 0u32;
    for caller in callers {
        calls += caller.await.map_err(|error| error.to_string())??;
    }
    let (took, used) = (began.elapsed(), cpu(session.process.id()).saturating_sub(before));
    Ok((f64::from(calls) / took.as_secs_f64(), used.as_secs_f64() * 1e6 / f64::from(calls)))
}

async fn call_until(calls: Calls, config: Value, load: Load, began: Instant) -> Result<u32, Miss> {
    let mut done = 0;
    while began.elapsed() < ROUND {
        if load.plans && calls.subject.is_bucket() {
            calls.plan(&Value::Nil, &config, &[]).await?;
        } else {
            calls.validate(&config).await?;
        }
        done += 1;
    }
    Ok(done)
}
