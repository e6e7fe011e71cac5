//! Typed models: one declaration of an object gives its schema, its strict
//! reader and its writer.
//!
//! ```
//! use terraform_provider_modelarts::tf::model::{List, Model, Secret, Tf};
//!
//! /// A bucket.
//! #[derive(Model)]
//! struct Bucket {
//!     /// ID, given by the service.
//!     #[tf(computed, not_null)]
//!     id: Tf<String>,
//!     /// Name. Changing it creates a new bucket.
//!     #[tf(required, replaces)]
//!     name: Tf<String>,
//!     /// Size in GiB.
//!     #[tf(optional, computed, default = 10)]
//!     size: Tf<i64>,
//!     /// Password.
//!     #[tf(optional, sensitive, write_only)]
//!     password: Tf<Secret>,
//!     /// Items.
//!     #[tf(optional, keyed_by = "key")]
//!     items: Tf<List<Item>>,
//! }
//!
//! /// An item.
//! #[derive(Model)]
//! struct Item {
//!     /// Key.
//!     #[tf(required)]
//!     key: Tf<String>,
//! }
//!
//! assert!(terraform_provider_modelarts::tf::schema::check::check(&Bucket::schema()).is_empty());
//! let bucket = Bucket { name: "logs".into(), ..Bucket::default() };
//! assert_eq!(bucket.to_value().get(Bucket::NAME).as_str(), Some("logs"));
//! ```
//!
//! # What may stand in `#[tf(…)]`
//!
//! | who sets it | |
//! |---|---|
//! | `required`, `optional`, `computed`, `optional, computed` | as in Terraform's documentation |
//! | `block` | a nested block: one as `Tf<T>`, any number as `Tf<List<T>>` or `Tf<Set<T>>` |
//!
//! | how it behaves | see [`Behaviour`](super::schema::Behaviour) |
//! |---|---|
//! | `replaces`, `replaces_unless_prior_null`, `replaces_when = f` | a change means a new object |
//! | `default = …` | the value when the configuration has none |
//! | `not_null` | never null once the object exists |
//! | `changes_on_update`, `changes_with = ("a", "b")`, `changes_when = function` | what makes a computed value unknown |
//! | `keyed_by = "key"`, `keyed_by = ("a", "b")`, `keyed_by = function` | how elements are told apart |
//! | `same_when = function`, `empty_is_null`, `unordered` | differences that are none |
//! | `local` | known to Terraform alone |
//! | `always_answered`, `never_answered` | otherwise an answer may leave it out, and the prior value stays |
//! | `found_stays` | optional, and what an import found stays until it is written |
//! | `only_written` | of a collection only what the user wrote is managed |
//! | `sets_to_work` | a change sets the object to work |
//! | `owns_key = "…"` | the key of a service's map that it stands for |
//! | `sensitive`, `write_only`, `deprecated = "…"`, `name = "…"` | |

mod both;
mod collections;
mod field;
mod secret;
mod shape;
mod timeouts;
mod view;

use std::collections::BTreeMap;
use std::fmt;

use super::path::{Path, Step};
use super::schema::{Attribute, Schema};
use super::value::Value;

pub use both::Both;
pub use collections::{List, Map, Set};
pub use field::Tf;
pub use secret::Secret;
pub use shape::Shape;
pub use terraform_provider_modelarts_macros::Model;
pub use timeouts::Timeouts;
pub use view::{View, Viewed};

/// An object that is declared once: `#[derive(Model)]`.
pub trait Model: Sized {
    /// Markdown, from the doc comment.
    const DESCRIPTION: &'static str;

    /// Its attributes and blocks.
    fn attributes() -> Vec<Attribute>;

    /// Reads an object.
    ///
    /// # Errors
    /// Where the value is not such an object: schema and value disagree, which
    /// is a mistake in the provider.
    fn from_value(value: &Value) -> Result<Self, Mismatch>;

    /// Writes the object.
    fn to_value(&self) -> Value;

    /// An object in which nothing is set.
    fn null() -> Self;

    /// An object of which nothing is known.
    fn unknown() -> Self;

    /// The schema, of version 0.
    fn schema() -> Schema {
        Schema::new(Self::attributes(), Self::DESCRIPTION)
    }
}

/// A value is not what its model says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Innermost step first: it is told while leaving.
    steps: Vec<Step>,
    text: String,
}

impl Mismatch {
    /// A mismatch right here.
    pub fn new(text: impl Into<String>) -> Self {
        Self { steps: Vec::new(), text: text.into() }
    }

    /// The same, seen from one step further out.
    #[must_use]
    pub fn inside(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// The same, in an element of a set, which has no address: the text names it.
    #[must_use]
    fn in_set(self) -> Self {
        Self::new(format!("an element: {self}"))
    }

    /// Where it is.
    pub fn path(&self) -> Path {
        self.steps.iter().rev().fold(Path::root(), |path, step| path.then(step.clone()))
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path() {
            path if path.is_root() => f.write_str(&self.text),
            path => write!(f, "{path}: {}", self.text),
        }
    }
}

impl std::error::Error for Mismatch {}

/// The members of an object that has exactly these names. For derived code.
#[doc(hidden)]
pub fn members<'v>(
    value: &'v Value,
    names: &[&str],
) -> Result<&'v BTreeMap<String, Value>, Mismatch> {
    let Value::Object(members) = value else {
        return Err(Mismatch::new(format!("an object is expected, not {}", shape::name(value))));
    };
    match members.keys().find(|name| !names.contains(&name.as_str())) {
        Some(extra) => Err(Mismatch::new(format!("the model has no attribute {extra:?}"))),
        None => Ok(members),
    }
}

/// Reads a member. For derived code.
#[doc(hidden)]
pub fn member<T: Shape>(members: &BTreeMap<String, Value>, name: &str) -> Result<Tf<T>, Mismatch> {
    let value = members
        .get(name)
        .ok_or_else(|| Mismatch::new(format!("the value has no attribute {name:?}")))?;
    Tf::from_value(value).map_err(|error| error.inside(Step::Attribute(name.to_owned())))
}
