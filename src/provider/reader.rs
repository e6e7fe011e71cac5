//! Reads settings from the provider block and, where it leaves them out, from
//! the environment, remembering where each came from.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;

use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::path::Path;
use crate::tf::value::Value;

use super::environment::Environment;

/// Where a setting came from. Sources that win stand first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// An argument of the provider block.
    Argument(Path),
    /// An environment variable.
    Variable(&'static str),
    /// A profile; the text names it.
    Profile(String),
}

impl Origin {
    /// How much it counts: 0 wins over 1, 1 over 2.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Argument(_) => 0,
            Self::Variable(_) => 1,
            Self::Profile(_) => 2,
        }
    }

    /// Says whether it is an argument of the provider block.
    pub(super) fn is_argument(&self) -> bool {
        self.rank() == 0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(path) => write!(f, "{path}"),
            Self::Variable(name) => f.write_str(name),
            Self::Profile(name) => f.write_str(name),
        }
    }
}

/// A value and where it came from. Has no `Debug`: it may be a secret.
#[derive(Clone)]
pub(super) struct Setting<T = String> {
    pub(super) value: T,
    pub(super) origin: Origin,
}

impl Setting {
    /// This setting together with what its value means.
    pub(super) fn meaning<U>(self, meaning: impl FnOnce(String) -> U) -> (Self, U) {
        let means = meaning(self.value.clone());
        (self, means)
    }
}

impl<T> Setting<T> {
    pub(super) fn with<U>(self, value: U) -> Setting<U> {
        Setting { value, origin: self.origin }
    }
}

/// Reads settings and gathers what is wrong or unknown on the way.
pub(super) struct Reader<'a> {
    config: &'a Value,
    /// The environment.
    pub(super) environment: &'a Environment,
    /// What is wrong.
    pub(super) problems: Diagnostics,
    unknown: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(config: &'a Value, environment: &'a Environment) -> Self {
        Self { config, environment, problems: Diagnostics::new(), unknown: BTreeSet::new() }
    }

    /// The arguments that have been asked for and are decided during apply.
    pub(super) fn unknown(&self) -> Vec<String> {
        self.unknown.iter().cloned().collect()
    }

    pub(super) fn has_unknown(&self) -> bool {
        !self.unknown.is_empty()
    }

    /// The known value of an argument; null when it is not set. An unknown one
    /// is remembered and `None`: nothing may stand in for it.
    pub(super) fn argument(&mut self, path: &Path) -> Option<&'a Value> {
        let value = self.config.at(path).unwrap_or(&Value::Null);
        if value.is_unknown() {
            self.unknown.insert(self.where_unknown(path));
            return None;
        }
        Some(value)
    }

    /// Says whether an argument is decided during apply.
    pub(super) fn is_unknown(&self, path: &Path) -> bool {
        self.config.at(path).is_some_and(Value::is_unknown)
    }

    /// The outermost part of the path that is unknown.
    fn where_unknown(&self, path: &Path) -> String {
        let mut outer = Path::root();
        for step in path.steps() {
            outer = outer.then(step.clone());
            if self.is_unknown(&outer) {
                break;
            }
        }
        outer.to_string()
    }

    /// Text, from the argument or from the first of the variables that is set.
    /// Empty text counts as not set.
    pub(super) fn text(&mut self, path: &Path, variables: &[&'static str]) -> Option<Setting> {
        let argument = self.argument(path)?;
        if let Some(text) = argument.as_str().filter(|text| !text.is_empty()) {
            return Some(Setting {
                value: text.to_owned(),
                origin: Origin::Argument(path.clone()),
            });
        }
        let (name, value) = self.environment.first(variables)?;
        Some(Setting { value, origin: Origin::Variable(name) })
    }

    /// Text from the first of the variables that is set.
    pub(super) fn variable(&self, variables: &[&'static str]) -> Option<Setting> {
        let (name, value) = self.environment.first(variables)?;
        Some(Setting { value, origin: Origin::Variable(name) })
    }

    /// As [`Reader::text`], for an argument at the top.
    pub(super) fn top(&mut self, name: &str, variables: &[&'static str]) -> Option<Setting> {
        self.text(&Path::of(name), variables)
    }

    /// As [`Reader::top`], for an argument that has two names. The first counts
    /// before the second.
    pub(super) fn either(
        &mut self,
        (name, other): (&str, &str),
        variables: &[&'static str],
    ) -> Option<Setting> {
        let argument = self.top(name, &[]);
        let other = self.top(other, &[]);
        let unknown = self.is_unknown(&Path::of(name));
        argument.or(other).or_else(|| if unknown { None } else { self.top(name, variables) })
    }

    /// Says whether an argument is written, though it may be decided later.
    pub(super) fn is_written(&self, path: &Path) -> bool {
        self.config.at(path).is_some_and(|value| !value.is_null())
    }

    /// A truth value.
    pub(super) fn flag(&mut self, name: &str, variables: &[&'static str]) -> bool {
        let path = Path::of(name);
        let Some(argument) = self.argument(&path) else { return false };
        if let Some(truth) = argument.as_bool() {
            return truth;
        }
        let Some((variable, text)) = self.environment.first(variables) else { return false };
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "t" | "yes" | "on" => true,
            "false" | "0" | "f" | "no" | "off" => false,
            _ => {
                self.refuse(&Origin::Variable(variable), "It must be true or false.");
                false
            }
        }
    }

    /// A number in decimal notation.
    pub(super) fn number(
        &mut self,
        path: &Path,
        variables: &[&'static str],
    ) -> Option<Setting<String>> {
        let argument = self.argument(path)?;
        if let Value::Number(number) = argument {
            let origin = Origin::Argument(path.clone());
            return Some(Setting { value: number.to_string(), origin });
        }
        let (name, value) = self.environment.first(variables)?;
        Some(Setting { value: value.trim().to_owned(), origin: Origin::Variable(name) })
    }

    /// PEM text: either the text itself or the content of the file it names.
    pub(super) fn pem(&mut self, name: &str, variables: &[&'static str]) -> Option<Setting> {
        let setting = self.top(name, variables)?;
        if setting.value.contains("-----BEGIN") {
            return Some(setting);
        }
        let path = self.environment.path(&setting.value);
        match fs::read_to_string(&path) {
            Ok(text) => Some(setting.with(text)),
            Err(error) => {
                // What should name the file of a key may be a mangled key itself.
                let shown = (name != "key").then(|| format!(" {path:?}"));
                self.refuse(
                    &setting.origin,
                    &format!(
                        "The file{} cannot be read: {error}. Give the path of a PEM file, or the \
                         PEM text itself.",
                        shown.unwrap_or_default()
                    ),
                );
                None
            }
        }
    }

    /// Remembers that a setting cannot be used.
    pub(super) fn refuse(&mut self, origin: &Origin, why: &str) {
        self.problems.push(refused(origin, why));
    }
}

/// An error about a setting; with the attribute's path if it is an argument.
pub(super) fn refused(origin: &Origin, why: &str) -> Diagnostic {
    let error = Diagnostic::error("Invalid provider configuration", format!("{origin}: {why}"));
    match origin {
        Origin::Argument(path) => error.at(path.clone()),
        Origin::Variable(_) | Origin::Profile(_) => error,
    }
}
