//! Python and its packages, which some tests need and not every machine has.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Why something cannot be used.
#[derive(Clone, Debug)]
pub(crate) enum Missing {
    /// There is no Python.
    Python(String),
    /// A package cannot be had.
    Package(String),
}

impl Missing {
    /// Returns why, where that may be; fails where it may not: with `CI` set and Python
    /// there, the packages have to be there too.
    pub(crate) fn excused(self, what: &str) -> String {
        let in_ci = std::env::var("CI").is_ok_and(|ci| !["", "0", "false"].contains(&ci.as_str()));
        match self {
            Self::Package(why) if in_ci => panic!("{what} cannot be had: {why}"),
            Self::Python(why) | Self::Package(why) => why,
        }
    }
}

/// Returns the interpreter of a virtual environment, which is made if it is not there as
/// a whole.
pub(crate) fn environment(home: &Path) -> Result<PathBuf, Missing> {
    let python = home.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let mark = home.join("made");
    if mark.exists() {
        return Ok(python);
    }
    run(Command::new("python3").arg("--version")).map_err(Missing::Python)?;
    let venv = ["-m", "venv", "--clear"];
    run(Command::new("python3").args(venv).arg(home)).map_err(Missing::Package)?;
    std::fs::write(mark, "").unwrap();
    Ok(python)
}

/// Installs packages with `pip`.
pub(crate) fn install(python: &Path, arguments: &[&str]) -> Result<(), Missing> {
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(Command::new(python).args(pip).args(arguments)).map_err(Missing::Package)
}

fn run(command: &mut Command) -> Result<(), String> {
    match command.output() {
        Err(error) => Err(format!("{command:?}: {error}")),
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{command:?}:\n{}", told(&output))),
    }
}

/// Everything that a command printed.
pub(crate) fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}
