//! Filters on display names.

use regex_lite::Regex;

use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::model::Tf;
use crate::tf::path::Path;

/// A filter on names.
#[derive(Debug, Default)]
pub struct Names {
    name: Option<String>,
    pattern: Option<Regex>,
}

impl Names {
    /// Reads the arguments `name` and `name_regex`.
    ///
    /// # Errors
    /// The pattern is none.
    pub fn of(name: &Tf<String>, pattern: &Tf<String>) -> Result<Self, Diagnostic> {
        let pattern = pattern.text().map(|text| Regex::new(text).map_err(|e| (text, e)));
        let pattern = pattern.transpose().map_err(|(text, error)| {
            let detail = format!(
                "name_regex is {text:?}, which is no regular expression: {error}. Use the syntax \
                 of RE2, such as \"^train-\"."
            );
            Diagnostic::error("Invalid regular expression", detail).at(Path::of("name_regex"))
        })?;
        Ok(Self { name: name.cloned(), pattern })
    }

    /// Says whether a name passes. What has no name passes only without a filter.
    pub fn pass(&self, name: Option<&str>) -> bool {
        let name = name.unwrap_or_default();
        self.name.as_deref().is_none_or(|wanted| wanted == name)
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(name))
    }
}

/// What is wrong with the filter on names of a configuration.
pub fn check(name: &Tf<String>, pattern: &Tf<String>) -> Diagnostics {
    Names::of(name, pattern).err().map(Diagnostics::from).unwrap_or_default()
}
