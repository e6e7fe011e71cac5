//! One attribute, or one nested block.

use super::behaviour::{Answered, Behaviour, Keys, OnUpdate, Replace, Side};
use crate::tf::ty::Type;
use crate::tf::value::Value;

/// What an attribute holds.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A plain type.
    Plain(Type),
    /// Objects with attributes of their own.
    Nested(Nesting, Vec<Attribute>),
}

/// How many objects a nested attribute or block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// One, or null.
    Single,
    /// Any number, in order.
    List,
    /// Any number, without order or duplicates.
    Set,
    /// Any number, by key. Not for blocks.
    Map,
}

/// Who may set an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The user must.
    Required,
    /// The user may.
    Optional,
    /// Only the provider does.
    Computed,
    /// The user may, otherwise the provider does.
    OptionalComputed,
}

impl Mode {
    /// Says whether the provider may set a value.
    pub fn is_computed(self) -> bool {
        matches!(self, Self::Computed | Self::OptionalComputed)
    }

    /// Says whether the user has to set a value.
    pub fn is_required(self) -> bool {
        matches!(self, Self::Required)
    }

    /// Says whether the user may set a value.
    pub fn is_configurable(self) -> bool {
        !matches!(self, Self::Computed)
    }
}

/// One attribute, or one nested block.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Name in the configuration.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether it is written as a block. A block that is not repeated is null
    /// when it is absent; one that may be is an empty list or set.
    pub is_block: bool,
    /// Who may set it.
    pub mode: Mode,
    /// Markdown: meaning, allowed values, unit, default, what a change does.
    pub description: String,
    /// Hidden in output.
    pub sensitive: bool,
    /// Never stored in plan or state (Terraform 1.11 and later).
    pub write_only: bool,
    /// What to use instead, if this is deprecated.
    pub deprecation: Option<String>,
    /// How it behaves.
    pub behaviour: Behaviour,
}

impl Attribute {
    /// An attribute of a plain type.
    pub fn new(name: &str, ty: Type, mode: Mode, description: &str) -> Self {
        Self::of_kind(name, Kind::Plain(ty), mode, description)
    }

    /// An attribute of any kind.
    pub fn of_kind(name: &str, kind: Kind, mode: Mode, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            is_block: false,
            mode,
            description: description.to_owned(),
            sensitive: false,
            write_only: false,
            deprecation: None,
            behaviour: Behaviour::default(),
        }
    }

    /// A string attribute.
    pub fn string(name: &str, mode: Mode, description: &str) -> Self {
        Self::new(name, Type::String, mode, description)
    }

    /// A number attribute.
    pub fn number(name: &str, mode: Mode, description: &str) -> Self {
        Self::new(name, Type::Number, mode, description)
    }

    /// A bool attribute.
    pub fn bool(name: &str, mode: Mode, description: &str) -> Self {
        Self::new(name, Type::Bool, mode, description)
    }

    /// An attribute that holds objects.
    pub fn nested(
        name: &str,
        nesting: Nesting,
        members: Vec<Self>,
        mode: Mode,
        description: &str,
    ) -> Self {
        Self::of_kind(name, Kind::Nested(nesting, members), mode, description)
    }

    /// Written as a block.
    #[must_use]
    pub fn as_block(mut self) -> Self {
        self.is_block = true;
        self
    }

    /// Hidden in output.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Never stored.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// To be replaced by something else; `instead` says by what.
    #[must_use]
    pub fn deprecated(mut self, instead: &str) -> Self {
        self.deprecation = Some(instead.to_owned());
        self
    }

    /// A change means a new object.
    #[must_use]
    pub fn replaces(mut self) -> Self {
        self.behaviour.replace = Replace::Always;
        self
    }

    /// A change means a new object, unless the prior value is null because the
    /// service never returns it.
    #[must_use]
    pub fn replaces_unless_prior_null(mut self) -> Self {
        self.behaviour.replace = Replace::UnlessPriorNull;
        self
    }

    /// A change of which this says so means a new object.
    #[must_use]
    pub fn replaces_when(mut self, needs: fn(prior: &Value, planned: &Value) -> bool) -> Self {
        self.behaviour.replace = Replace::When(needs);
        self
    }

    /// The value when the configuration has none.
    #[must_use]
    pub fn default_value(mut self, value: impl Into<Value>) -> Self {
        self.behaviour.default = Some(value.into());
        self
    }

    /// Any change of the object may change this value.
    #[must_use]
    pub fn changes_on_update(mut self) -> Self {
        self.behaviour.on_update = OnUpdate::Unknown;
        self
    }

    /// A change of one of these siblings may change this value.
    #[must_use]
    pub fn changes_with(mut self, siblings: &'static [&'static str]) -> Self {
        self.behaviour.on_update = OnUpdate::UnknownWith(siblings);
        self
    }

    /// A change that this function says yes to may change this value.
    #[must_use]
    pub fn changes_when(mut self, when: fn(prior: &Value, planned: &Value) -> bool) -> Self {
        self.behaviour.on_update = OnUpdate::UnknownWhen(when);
        self
    }

    /// Never null once the object exists.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.behaviour.not_null = true;
        self
    }

    /// Elements are told apart by these members.
    #[must_use]
    pub fn keyed_by_members(mut self, names: &'static [&'static str]) -> Self {
        self.behaviour.keys = Keys::Members(names);
        self
    }

    /// Elements are told apart by the keys that this function makes.
    #[must_use]
    pub fn keyed_by(mut self, keys: fn(&Value, Side) -> Vec<Option<String>>) -> Self {
        self.behaviour.keys = Keys::Function(keys);
        self
    }

    /// Values that this function calls the same are no difference.
    #[must_use]
    pub fn same_when(mut self, same: fn(prior: &Value, config: &Value) -> bool) -> Self {
        self.behaviour.same = Some(same);
        self
    }

    /// Known to Terraform alone.
    #[must_use]
    pub fn local(mut self) -> Self {
        self.behaviour.local = true;
        self.never_answered()
    }

    /// No answer of the service has it.
    #[must_use]
    pub fn never_answered(mut self) -> Self {
        self.behaviour.answered = Answered::Never;
        self
    }

    /// Every answer of the service has it if it is set.
    #[must_use]
    pub fn always_answered(mut self) -> Self {
        self.behaviour.answered = Answered::Always;
        self
    }

    /// What an import or a move found stays until an apply writes it.
    #[must_use]
    pub fn found_stays(mut self) -> Self {
        self.behaviour.found_stays = true;
        self
    }

    /// Only the keys or elements that the user wrote are managed.
    #[must_use]
    pub fn only_written(mut self) -> Self {
        self.behaviour.only_written = true;
        self
    }

    /// The order of the list means nothing to the service.
    #[must_use]
    pub fn unordered(mut self) -> Self {
        self.behaviour.unordered = true;
        self
    }

    /// An empty text and null mean the same to the service.
    #[must_use]
    pub fn empty_is_null(mut self) -> Self {
        self.behaviour.empty_is_null = true;
        self
    }

    /// A change sets the object to work.
    #[must_use]
    pub fn sets_to_work(mut self) -> Self {
        self.behaviour.sets_to_work = true;
        self
    }

    /// Stands for this key in a map of the service.
    #[must_use]
    pub fn owns_key(mut self, key: &'static str) -> Self {
        self.behaviour.owns_key = Some(key);
        self
    }

    /// The type that values of this attribute have.
    pub fn ty(&self) -> Type {
        match &self.kind {
            Kind::Plain(ty) => ty.clone(),
            Kind::Nested(Nesting::Single, members) => object_of(members),
            Kind::Nested(Nesting::List, members) => Type::list(object_of(members)),
            Kind::Nested(Nesting::Set, members) => Type::set(object_of(members)),
            Kind::Nested(Nesting::Map, members) => Type::map(object_of(members)),
        }
    }

    /// The attributes of the objects in this attribute, if it holds objects.
    pub fn members(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::Plain(_) => None,
            Kind::Nested(_, members) => Some(members),
        }
    }

    /// How objects are nested in this attribute, if it holds objects.
    pub fn nesting(&self) -> Option<Nesting> {
        match &self.kind {
            Kind::Plain(_) => None,
            Kind::Nested(nesting, _) => Some(*nesting),
        }
    }

    /// The value that stands for "not written".
    pub fn absent(&self) -> Value {
        match (self.is_block, self.nesting()) {
            (true, Some(Nesting::List)) => Value::List(Vec::new()),
            (true, Some(Nesting::Set)) => Value::Set(Vec::new()),
            _ => Value::Null,
        }
    }

    /// An unknown value of this attribute, with what is promised about it.
    pub fn unknown(&self) -> Value {
        if self.behaviour.not_null { Value::UNKNOWN_NOT_NULL } else { Value::UNKNOWN }
    }
}

pub(super) fn object_of(members: &[Attribute]) -> Type {
    Type::object(members.iter().map(|member| (member.name.clone(), member.ty())))
}
