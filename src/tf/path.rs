//! Attribute paths: where in a configuration something is.

use std::fmt;

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// An attribute of an object or block.
    Attribute(String),
    /// An entry of a map.
    Key(String),
    /// An element of a list, counted from 0.
    Index(i64),
}

/// A path from the top of a resource or provider body. The empty path is the
/// body itself. Elements of a set cannot be addressed: a path stops at the set
/// (plugin protocol, diagnostics).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Step>);

impl Path {
    /// The body itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// A path of one attribute.
    pub fn of(attribute: &str) -> Self {
        Self::root().attribute(attribute)
    }

    /// This path and then an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Self {
        self.then(Step::Attribute(name.to_owned()))
    }

    /// This path and then a map entry.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.then(Step::Key(key.to_owned()))
    }

    /// This path and then a list element, counted from 0.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)))
    }

    /// This path and one more step.
    #[must_use]
    pub fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// This path below one more step: how an error that comes back from within
    /// learns where it was, so that nothing is noted while all goes well.
    #[must_use]
    pub fn below(mut self, step: Step) -> Self {
        self.0.insert(0, step);
        self
    }

    /// The steps, outermost first.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The path of the outermost step alone; `None` for the body itself.
    pub fn first(&self) -> Option<Self> {
        self.0.first().map(|step| Self(vec![step.clone()]))
    }

    /// Says whether this is the body itself.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Path {
    /// Writes the path as it would stand in a Terraform expression:
    /// `resources[0].azs`, `labels["team"]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => f.write_str(name)?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
