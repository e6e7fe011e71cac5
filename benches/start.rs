//! Prints how long a binary takes to its handshake line, how much memory it
//! holds after serving its schema and how large it is, beside the targets.
//! Nothing is asserted.
//!
//! `cargo bench --bench start` measures the binary of the release profile.
//! Binaries that are there already are measured side by side with
//! `cargo bench --profile dev --bench start -- BINARY...`.

// Figures go to standard output; a bench that cannot run says why and ends.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_terraform-provider-modelarts");

/// The name and the value by which Terraform introduces itself to a plugin.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// The least that a Rust program can do before it prints a line.
const FLOOR: &str = r#"
use std::io::Write;
fn main() {
    println!("1|6|unix|/nowhere|grpc|");
    std::io::stdout().flush().unwrap();
    std::thread::park();
}
"#;

const ROUNDS: usize = 51;

fn main() {
    let dir = tempfile::tempdir().expect("a temporary directory can be made");
    let floor = build_floor(dir.path());
    let certificate = client_certificate();
    let binaries = binaries();
    let mut floor_times = Vec::new();
    let mut times = vec![Vec::new(); binaries.len()];
    // In turns, so that a busy moment of the machine hits all.
    for _ in 0..ROUNDS {
        floor_times.push(to_first_line(&floor, &certificate));
        for (binary, times) in binaries.iter().zip(&mut times) {
            times.push(to_first_line(binary, &certificate));
        }
    }
    let floor = median(floor_times);
    println!("start to first line (median of {ROUNDS})");
    println!("  a program that only prints a line   {}", milliseconds(floor));
    for (binary, times) in binaries.iter().zip(times) {
        report(binary, median(times), floor, dir.path());
    }
}

/// The binaries that the command line names, or else the one of this profile.
fn binaries() -> Vec<PathBuf> {
    // Cargo itself adds `--bench`.
    let named = std::env::args_os().skip(1).filter(|argument| argument != "--bench");
    // Programs are started in other directories too.
    let absolute = |name| std::path::absolute(name).expect("there is a current directory");
    let named: Vec<PathBuf> = named.map(absolute).collect();
    if named.is_empty() { vec![PathBuf::from(BINARY)] } else { named }
}

fn report(binary: &Path, start: Duration, floor: Duration, dir: &Path) {
    let factor = start.as_secs_f64() / floor.as_secs_f64();
    println!("{}", binary.display());
    println!("  start to first line                 {}", milliseconds(start));
    println!("  factor                              {factor:6.1}      target: within 3");
    println!(
        "  binary                              {}   target: under 15 MB",
        megabytes(size(binary))
    );
    match memory_after_schema(binary, dir) {
        Some(bytes) => println!(
            "  resident, schema served             {}   target: low tens of MB",
            megabytes(bytes)
        ),
        None => {
            println!(
                "  resident, schema served             not measured (needs terraform and Linux)"
            );
        }
    }
}

/// A certificate like the one that Terraform sends along.
fn client_certificate() -> String {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
    made.expect("a certificate can be made").cert.pem()
}

fn build_floor(dir: &Path) -> PathBuf {
    let source = dir.join("floor.rs");
    let program = dir.join("floor");
    std::fs::write(&source, FLOOR).expect("a file can be written");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let status = Command::new(rustc)
        .args(["-O", "--edition", "2024", "-o"])
        .arg(&program)
        .arg(&source)
        .status()
        .expect("rustc starts");
    assert!(status.success(), "the floor does not compile");
    program
}

/// Starts a program as Terraform would and times its first line.
fn to_first_line(program: &Path, certificate: &str) -> Duration {
    let start = Instant::now();
    let mut child = spawn(program, certificate);
    let mut line = String::new();
    let stdout = child.stdout.take().expect("standard output is a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a line can be read");
    let time = start.elapsed();
    end(child);
    assert!(line.contains("|grpc|"), "this is no handshake line: {line:?}");
    time
}

fn spawn(program: &Path, certificate: &str) -> Child {
    Command::new(program)
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6")
        .env("PLUGIN_CLIENT_CERT", certificate)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}

fn end(mut child: Child) {
    let _ = child.kill();
    let _ = child.wait();
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn size(binary: &Path) -> u64 {
    std::fs::metadata(binary).expect("the binary is there").len()
}

fn milliseconds(time: Duration) -> String {
    format!("{:6.2} ms", time.as_secs_f64() * 1e3)
}

#[allow(clippy::cast_precision_loss)] // three digits are shown
fn megabytes(bytes: u64) -> String {
    format!("{:6.1} MB", bytes as f64 / 1e6)
}

/// Lets Terraform ask a provider of ours for its schema and reads how much
/// memory that one holds afterwards.
fn memory_after_schema(binary: &Path, dir: &Path) -> Option<u64> {
    let mut provider = Command::new(binary)
        .arg("--debug")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let memory = provider.stdout.take().and_then(|stdout| {
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let line = lines.find(|line| line.contains("TF_REATTACH_PROVIDERS="))?;
        let reattach = line.split('=').nth(1)?.trim_matches('\'').to_owned();
        ask_for_schema(dir, &reattach)?;
        resident(provider.id())
    });
    end(provider);
    memory
}

fn ask_for_schema(dir: &Path, reattach: &str) -> Option<()> {
    let required = "terraform {\n  required_providers {\n    \
                    modelarts = { source = \"modelarts/modelarts\" }\n  }\n}\n";
    let work = dir.join("work");
    std::fs::create_dir_all(&work).ok()?;
    std::fs::write(work.join("main.tf"), required).ok()?;
    std::fs::write(dir.join("cli.tfrc"), "").ok()?;
    let terraform = |arguments: &[&str]| {
        let status = Command::new("terraform")
            .args(arguments)
            .current_dir(&work)
            .env("TF_CLI_CONFIG_FILE", dir.join("cli.tfrc"))
            .env("TF_REATTACH_PROVIDERS", reattach)
            .env("CHECKPOINT_DISABLE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success()).then_some(())
    };
    terraform(&["init"])?;
    terraform(&["providers", "schema", "-json"])
}

fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
