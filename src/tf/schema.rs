//! Schemas: what a resource, data source or provider accepts, and how its
//! attributes behave in a plan.
//!
//! Behaviours are facts stated once per attribute; [`super::plan`] turns them
//! into plans and the plugin runtime turns the rest into protocol messages.

use super::ty::Type;
use super::value::Value;

/// A schema with its version.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Version of the state that this schema writes. Raised when the shape of
    /// the state changes in a way that needs an upgrade.
    pub version: i64,
    /// The body.
    pub block: Block,
}

/// The body of a resource or of a nested block.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// Attributes, in the order in which they are documented.
    pub attributes: Vec<Attribute>,
    /// Nested blocks.
    pub blocks: Vec<NestedBlock>,
    /// Markdown.
    pub description: String,
    /// What to use instead, if this is deprecated.
    pub deprecation: Option<String>,
}

/// A nested block.
#[derive(Debug, Clone)]
pub struct NestedBlock {
    /// Name in the configuration.
    pub name: String,
    /// How often it may be written.
    pub nesting: BlockNesting,
    /// Its body.
    pub block: Block,
}

/// How often a nested block may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockNesting {
    /// At most once; null when absent.
    Single,
    /// Any number, in order; empty when absent.
    List,
    /// Any number, without order; empty when absent.
    Set,
}

/// What an attribute holds.
#[derive(Debug, Clone)]
pub enum AttributeKind {
    /// A plain type.
    Plain(Type),
    /// One object.
    Single(Vec<Attribute>),
    /// A list of objects.
    List(Vec<Attribute>),
    /// A set of objects.
    Set(Vec<Attribute>),
    /// A map of objects.
    Map(Vec<Attribute>),
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

    /// Says whether the user may set a value.
    pub fn is_configurable(self) -> bool {
        !matches!(self, Self::Computed)
    }
}

/// Whether a changed value means a new object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Replace {
    /// Changed in place, or only locally.
    #[default]
    Never,
    /// Always a new object.
    Always,
    /// A new object, unless the prior value is null: the service never returns
    /// this attribute, so null means "not known to us" and not "not set".
    UnlessPriorNull,
}

/// What an update does to a computed value that the configuration leaves out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnUpdate {
    /// The prior value stays.
    #[default]
    Keep,
    /// Any change of the object may change it: unknown until applied.
    Unknown,
    /// Unknown when one of these siblings (attributes of the same object)
    /// changes, otherwise the prior value stays.
    UnknownWhen(&'static [&'static str]),
}

/// Which of the two lists an element stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What the user wrote.
    Config,
    /// What there is.
    Prior,
}

/// The identity of an element of a list: two elements with the same text are
/// one thing at different times. `None` when it cannot be told (unknown parts),
/// or when this key must not be used for this element.
pub type ElementKey = fn(&Value, Side) -> Option<String>;

/// How an attribute behaves in a plan.
#[derive(Debug, Clone, Default)]
pub struct Behaviour {
    /// Whether a changed value means a new object.
    pub replace: Replace,
    /// The value when the configuration has none. Only for
    /// [`Mode::OptionalComputed`].
    pub default: Option<Value>,
    /// What an update does to a computed value.
    pub on_update: OnUpdate,
    /// The value is never null once the object exists.
    pub not_null: bool,
    /// For lists of objects: keys by which elements are matched with prior
    /// elements, tried in this order. Without keys, by position.
    pub keys: &'static [ElementKey],
    /// Says whether two different known values mean the same to the service;
    /// the prior one is then kept.
    pub same: Option<fn(prior: &Value, config: &Value) -> bool>,
}

/// One attribute.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Name in the configuration.
    pub name: String,
    /// What it holds.
    pub kind: AttributeKind,
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
    /// How it behaves in a plan.
    pub behaviour: Behaviour,
}

impl Attribute {
    /// An attribute of a plain type.
    pub fn new(name: &str, ty: Type, mode: Mode, description: &str) -> Self {
        Self::of_kind(name, AttributeKind::Plain(ty), mode, description)
    }

    /// An attribute of any kind.
    pub fn of_kind(name: &str, kind: AttributeKind, mode: Mode, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
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

    /// An attribute that holds one object.
    pub fn single(name: &str, members: Vec<Self>, mode: Mode, description: &str) -> Self {
        Self::of_kind(name, AttributeKind::Single(members), mode, description)
    }

    /// An attribute that holds a list of objects.
    pub fn list(name: &str, members: Vec<Self>, mode: Mode, description: &str) -> Self {
        Self::of_kind(name, AttributeKind::List(members), mode, description)
    }

    /// An attribute that holds a set of objects.
    pub fn set(name: &str, members: Vec<Self>, mode: Mode, description: &str) -> Self {
        Self::of_kind(name, AttributeKind::Set(members), mode, description)
    }

    /// An attribute that holds a map of objects.
    pub fn map(name: &str, members: Vec<Self>, mode: Mode, description: &str) -> Self {
        Self::of_kind(name, AttributeKind::Map(members), mode, description)
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

    /// The value when the configuration has none.
    #[must_use]
    pub fn default_value(mut self, value: impl Into<Value>) -> Self {
        self.behaviour.default = Some(value.into());
        self
    }

    /// Null when the configuration has none, although the provider could set
    /// it: for values that a provider shows only when it has found them.
    #[must_use]
    pub fn null_when_unset(mut self) -> Self {
        self.behaviour.default = Some(Value::Null);
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
        self.behaviour.on_update = OnUpdate::UnknownWhen(siblings);
        self
    }

    /// Never null once the object exists.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.behaviour.not_null = true;
        self
    }

    /// Elements are matched with prior elements by these keys.
    #[must_use]
    pub fn keyed_by(mut self, keys: &'static [ElementKey]) -> Self {
        self.behaviour.keys = keys;
        self
    }

    /// Values that this function calls the same are no difference.
    #[must_use]
    pub fn same_when(mut self, same: fn(prior: &Value, config: &Value) -> bool) -> Self {
        self.behaviour.same = Some(same);
        self
    }

    /// The type that values of this attribute have.
    pub fn ty(&self) -> Type {
        match &self.kind {
            AttributeKind::Plain(ty) => ty.clone(),
            AttributeKind::Single(members) => object_of(members),
            AttributeKind::List(members) => Type::list(object_of(members)),
            AttributeKind::Set(members) => Type::set(object_of(members)),
            AttributeKind::Map(members) => Type::map(object_of(members)),
        }
    }

    /// The attributes of the objects in this attribute, if it holds objects.
    pub fn members(&self) -> Option<&[Self]> {
        match &self.kind {
            AttributeKind::Plain(_) => None,
            AttributeKind::Single(members)
            | AttributeKind::List(members)
            | AttributeKind::Set(members)
            | AttributeKind::Map(members) => Some(members),
        }
    }
}

fn object_of(members: &[Attribute]) -> Type {
    Type::object(members.iter().map(|member| (member.name.clone(), member.ty())))
}

impl Block {
    /// The object type that values of this block have.
    pub fn ty(&self) -> Type {
        let attributes = self.attributes.iter().map(|a| (a.name.clone(), a.ty()));
        let blocks = self.blocks.iter().map(|b| (b.name.clone(), b.ty()));
        Type::object(attributes.chain(blocks))
    }

    /// Finds an attribute by name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

impl NestedBlock {
    /// The type that values of this block have in its parent.
    pub fn ty(&self) -> Type {
        match self.nesting {
            BlockNesting::Single => self.block.ty(),
            BlockNesting::List => Type::list(self.block.ty()),
            BlockNesting::Set => Type::set(self.block.ty()),
        }
    }
}

impl Schema {
    /// The object type that values of this schema have.
    pub fn ty(&self) -> Type {
        self.block.ty()
    }
}
