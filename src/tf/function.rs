//! Provider functions, as the plugin runtime sees them.

use super::ty::Type;
use super::value::Value;

/// A parameter of a function.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name, for messages.
    pub name: String,
    /// What it takes.
    pub ty: Type,
    /// Markdown.
    pub description: String,
    /// Null is passed on instead of being refused.
    pub allow_null: bool,
    /// Unknown is passed on instead of making the result unknown.
    pub allow_unknown: bool,
}

/// What a function takes and returns.
#[derive(Debug, Clone)]
pub struct Signature {
    /// Parameters in order.
    pub parameters: Vec<Parameter>,
    /// The parameter that may be given any number of times, last.
    pub variadic: Option<Parameter>,
    /// What it returns.
    pub returns: Type,
    /// One line.
    pub summary: String,
    /// Markdown.
    pub description: String,
}

/// Why a function gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// What is wrong and what to do.
    pub text: String,
    /// The argument it is about, counted from 0.
    pub argument: Option<i64>,
}

/// A pure function: the same arguments always give the same result.
pub trait Function: Send + Sync {
    /// Its name.
    fn name(&self) -> &str;

    /// What it takes and returns.
    fn signature(&self) -> &Signature;

    /// Computes the result.
    ///
    /// # Errors
    /// What is wrong with which argument.
    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError>;
}
