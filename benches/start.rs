//! Prints how long the release binary takes to its handshake line, how much
//! memory it holds after serving its schema and how large it is, beside the
//! targets. Nothing is asserted.
//!
//! `cargo bench --bench start`

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
    let mut provider_times = Vec::new();
    let mut floor_times = Vec::new();
    // In turns, so that a busy moment of the machine hits both.
    for _ in 0..ROUNDS {
        floor_times.push(to_first_line(&floor));
        provider_times.push(to_first_line(Path::new(BINARY)));
    }
    let (floor, provider) = (median(floor_times), median(provider_times));
    let factor = provider.as_secs_f64() / floor.as_secs_f64();
    println!("start to first line (median of {ROUNDS})");
    println!("  a program that only prints a line   {}", milliseconds(floor));
    println!("  terraform-provider-modelarts        {}", milliseconds(provider));
    println!("  factor                              {factor:.1}   target: within 3");
    println!("binary                                {}   target: under 15 MB", megabytes(size()));
    match memory_after_schema(dir.path()) {
        Some(bytes) => {
            println!(
                "resident, schema served               {}   target: low tens of MB",
                megabytes(bytes)
            );
        }
        None => println!(
            "resident, schema served               not measured (needs terraform and Linux)"
        ),
    }
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
fn to_first_line(program: &Path) -> Duration {
    let start = Instant::now();
    let mut child = spawn(program);
    let mut line = String::new();
    let stdout = child.stdout.take().expect("standard output is a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a line can be read");
    let time = start.elapsed();
    end(child);
    assert!(line.contains("|grpc|"), "this is no handshake line: {line:?}");
    time
}

fn spawn(program: &Path) -> Child {
    Command::new(program)
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6")
        .env("PLUGIN_CLIENT_CERT", "")
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

fn size() -> u64 {
    std::fs::metadata(BINARY).expect("the binary is there").len()
}

fn milliseconds(time: Duration) -> String {
    format!("{:6.2} ms", time.as_secs_f64() * 1e3)
}

#[allow(clippy::cast_precision_loss)] // three digits are shown
fn megabytes(bytes: u64) -> String {
    format!("{:6.1} MB", bytes as f64 / 1e6)
}

/// Lets Terraform ask for the schema and reads the most memory that the
/// provider held, as the kernel counted it.
fn memory_after_schema(dir: &Path) -> Option<u64> {
    // Terraform starts what it finds in the override directory; a small script
    // there starts the provider and reports on it.
    let report = dir.join("report");
    let wrapper = dir.join("terraform-provider-modelarts");
    let script = format!(
        "#!/bin/sh\n'{BINARY}' \"$@\" &\nchild=$!\ntrap 'kill $child' TERM\n\
         while kill -0 $child 2>/dev/null; do\n\
         grep VmHWM /proc/$child/status >'{0}.new' 2>/dev/null && mv '{0}.new' '{0}'\n\
         sleep 0.02\ndone\n",
        report.display()
    );
    std::fs::write(&wrapper, script).ok()?;
    make_executable(&wrapper)?;
    let config = dir.join("cli.tfrc");
    let overrides = format!(
        "provider_installation {{\n  dev_overrides {{\n    \"modelarts/modelarts\" = \"{}\"\n  }}\n}}\n",
        dir.display()
    );
    std::fs::write(&config, overrides).ok()?;
    let required = "terraform {\n  required_providers {\n    modelarts = { source = \"modelarts/modelarts\" }\n  }\n}\n";
    let work = dir.join("work");
    std::fs::create_dir(&work).ok()?;
    std::fs::write(work.join("main.tf"), required).ok()?;
    let status = Command::new("terraform")
        .args(["providers", "schema", "-json"])
        .current_dir(&work)
        .env("TF_CLI_CONFIG_FILE", &config)
        .env("CHECKPOINT_DISABLE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .ok()?;
    if !status.success() {
        return None;
    }
    let text = std::fs::read_to_string(&report).ok()?;
    let kilobytes: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(unix)]
fn make_executable(file: &Path) -> Option<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).ok()
}

#[cfg(not(unix))]
fn make_executable(_file: &Path) -> Option<()> {
    None
}
