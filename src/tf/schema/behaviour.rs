//! How an attribute behaves: facts that planning, refreshing, importing and
//! the documentation follow.

use crate::tf::value::Value;

/// Whether a changed value means a new object.
#[derive(Debug, Clone, Copy, Default)]
pub enum Replace {
    /// Changed in place, or only locally.
    #[default]
    Never,
    /// Always a new object.
    Always,
    /// A new object, unless the prior value is null: the service never returns
    /// this attribute, so null means "not known to us" and not "not set".
    UnlessPriorNull,
    /// A new object when this says so of the prior and the planned value: some
    /// changes are made in place, others are not.
    When(fn(prior: &Value, planned: &Value) -> bool),
}

impl Replace {
    /// Says whether no change ever means a new object.
    pub fn is_never(self) -> bool {
        matches!(self, Self::Never)
    }
}

/// What an update does to a computed value that the configuration leaves out.
#[derive(Debug, Clone, Copy, Default)]
pub enum OnUpdate {
    /// The prior value stays.
    #[default]
    Keep,
    /// Any change of the object may change it: unknown until applied.
    Unknown,
    /// Unknown when one of these siblings (attributes of the same object)
    /// changes, otherwise the prior value stays.
    UnknownWith(&'static [&'static str]),
    /// Unknown when this says so of the whole prior and the whole planned
    /// object, otherwise the prior value stays.
    UnknownWhen(fn(prior: &Value, planned: &Value) -> bool),
}

impl OnUpdate {
    /// Says whether the prior value always stays.
    pub fn is_keep(self) -> bool {
        matches!(self, Self::Keep)
    }
}

/// Whether the service returns a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Answered {
    /// Some answers leave it out although it is set: absent is not null, and
    /// the prior value stays.
    #[default]
    Sometimes,
    /// Every answer has it if it is set: absent means that it is not set.
    Always,
    /// No answer has it, or none that counts: the prior value stays. An import
    /// takes what it finds.
    Never,
}

/// Which of the two lists an element stands in: those that are looked for, or
/// those among which they are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What the user wrote: it may be there already or not.
    Config,
    /// What is known to be there, and looked for again.
    Known,
    /// What there is.
    Prior,
}

/// How the elements of a list or set are told apart: two elements with the
/// same key are one thing at different times.
#[derive(Debug, Clone, Copy, Default)]
pub enum Keys {
    /// Elements of a list are matched by position, elements of a set by value.
    #[default]
    None,
    /// By the values of these members.
    Members(&'static [&'static str]),
    /// By several keys, tried in turn: `None` for one that cannot be told
    /// (unknown parts) or must not be used for this element. Every element has
    /// the same number of keys.
    Function(fn(&Value, Side) -> Vec<Option<String>>),
}

impl Keys {
    /// Says whether there are keys.
    pub fn is_some(self) -> bool {
        !matches!(self, Self::None)
    }

    /// The keys of an element, best first.
    pub fn of(self, element: &Value, side: Side) -> Vec<Option<String>> {
        match self {
            Self::None => Vec::new(),
            Self::Members(names) => vec![members_key(element, names)],
            Self::Function(keys) => keys(element, side),
        }
    }
}

fn members_key(element: &Value, names: &[&str]) -> Option<String> {
    let mut key = String::new();
    for name in names {
        match element.get(name) {
            Value::Unknown(_) => return None,
            Value::String(text) => key.push_str(text),
            Value::Number(number) => key.push_str(&number.to_string()),
            Value::Bool(truth) => key.push_str(if *truth { "true" } else { "false" }),
            _ => {}
        }
        key.push('\n');
    }
    Some(key)
}

/// How an attribute behaves.
#[derive(Debug, Clone, Default)]
pub struct Behaviour {
    /// Whether a changed value means a new object.
    pub replace: Replace,
    /// The value when the configuration has none. Only for attributes that are
    /// optional and computed.
    pub default: Option<Value>,
    /// What an update does to a computed value.
    pub on_update: OnUpdate,
    /// The value is never null once the object exists.
    pub not_null: bool,
    /// How elements are told apart.
    pub keys: Keys,
    /// Says whether two different known values mean the same to the service;
    /// the prior one is then kept.
    pub same: Option<fn(prior: &Value, config: &Value) -> bool>,
    /// Whether the service returns the value.
    pub answered: Answered,
    /// Known to Terraform alone: changing it asks the service for nothing.
    pub local: bool,
    /// The user's own, though the service may have it already: what an import
    /// or a move found stays until an apply writes it, and what the service
    /// adds to an object that never had it is not shown. Once written, leaving
    /// it out clears it.
    pub found_stays: bool,
    /// Of a collection only the keys or elements that the user wrote are
    /// managed: what others add is no difference.
    pub only_written: bool,
    /// The order of a list means nothing to the service.
    pub unordered: bool,
    /// An empty text and null mean the same to the service.
    pub empty_is_null: bool,
    /// A change sets the object to work: it is not ready until that is done.
    pub sets_to_work: bool,
    /// The key in a map of the service (labels, annotations) that this
    /// attribute stands for. Users must not write it into that map.
    pub owns_key: Option<&'static str>,
}

impl Behaviour {
    /// Says whether two values mean the same to the service although they
    /// differ.
    pub fn means_same(&self, prior: &Value, other: &Value) -> bool {
        let none = |value: &Value| value.is_null() || value.as_str() == Some("");
        (self.empty_is_null && none(prior) && none(other))
            || (other.is_wholly_known()
                && !prior.is_null()
                && prior.is_wholly_known()
                && self.same.is_some_and(|same| same(prior, other)))
    }
}
