//! The environment variables of the process: read here and nowhere else.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// Environment variables. An empty variable counts as not set.
#[derive(Clone, Default)]
pub struct Environment(Source);

#[derive(Clone, Default)]
enum Source {
    #[default]
    Process,
    Fixed(BTreeMap<String, String>),
}

impl Environment {
    /// The variables that this process was started with.
    pub fn of_process() -> Self {
        Self(Source::Process)
    }

    /// These variables and no others.
    pub fn fixed<K: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self(Source::Fixed(variables.collect()))
    }

    /// The value of a variable that is set, is not empty and is UTF-8.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let value = match &self.0 {
            Source::Process => std::env::var(name).ok(),
            Source::Fixed(variables) => variables.get(name).cloned(),
        };
        value.filter(|value| !value.is_empty())
    }

    /// The first of these variables that is set, with its name.
    pub(super) fn first(&self, names: &[&'static str]) -> Option<(&'static str, String)> {
        names.iter().find_map(|name| self.get(name).map(|value| (*name, value)))
    }

    /// The user's home directory.
    pub(super) fn home(&self) -> Option<PathBuf> {
        self.first(&["HOME", "USERPROFILE"]).map(|(_, home)| PathBuf::from(home))
    }

    /// A path as the user wrote it, with `~/` standing for the home directory.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        let rest = text.strip_prefix("~/").or_else(|| text.strip_prefix("~\\"));
        match (rest, self.home()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(text),
        }
    }
}

impl fmt::Debug for Environment {
    /// Shows no values: some of them are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Process => f.write_str("Environment(process)"),
            Source::Fixed(variables) => {
                f.debug_tuple("Environment").field(&variables.len()).finish()
            }
        }
    }
}
