//! The one walk over a schema and its values.
//!
//! Planning, refreshing, clearing, completing and checking are small functions
//! that recurse through [`visit`] and [`change`]: these two know how objects
//! are nested in attributes and blocks, and which object of one value belongs
//! to which of another.

use super::matching::counterparts;
use super::path::{Path, Step};
use super::schema::{Attribute, Keys, Nesting, Side};
use super::value::Value;

/// Where a walk is. The path is made only when somebody asks for it.
#[derive(Debug, Clone, Copy, Default)]
pub struct At<'a> {
    outer: Option<&'a At<'a>>,
    here: Here<'a>,
}

#[derive(Debug, Clone, Copy, Default)]
enum Here<'a> {
    #[default]
    Root,
    Attribute(&'a str),
    Key(&'a str),
    Item {
        index: usize,
        element: &'a Value,
        keys: Keys,
    },
    Element {
        element: &'a Value,
        keys: Keys,
    },
}

impl<'a> At<'a> {
    /// The body itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// A member of the object that is here.
    pub fn attribute(&'a self, name: &'a str) -> Self {
        Self { outer: Some(self), here: Here::Attribute(name) }
    }

    /// An entry of the map that is here.
    pub fn key(&'a self, key: &'a str) -> Self {
        self.then(Here::Key(key))
    }

    /// An element of the list or set that is here.
    pub fn element(&'a self, attribute: &Attribute, index: usize, element: &'a Value) -> Self {
        let keys = attribute.behaviour.keys;
        self.then(match attribute.nesting() {
            Some(Nesting::Set) => Here::Element { element, keys },
            _ => Here::Item { index, element, keys },
        })
    }

    fn then(&'a self, here: Here<'a>) -> Self {
        Self { outer: Some(self), here }
    }

    /// The path. Elements of sets cannot be addressed: it stops at the set.
    pub fn path(&self) -> Path {
        self.collect().0
    }

    /// Says whether this is inside a set, where no path leads.
    pub fn is_in_set(&self) -> bool {
        self.collect().1
    }

    /// The path, and whether it stopped at a set.
    fn collect(&self) -> (Path, bool) {
        let Some(outer) = self.outer else { return (Path::root(), false) };
        let (path, stopped) = outer.collect();
        if stopped {
            return (path, true);
        }
        match self.here {
            Here::Root => (path, false),
            Here::Attribute(name) => (path.attribute(name), false),
            Here::Key(key) => (path.key(key), false),
            Here::Item { index, .. } => (path.index(index), false),
            Here::Element { .. } => (path, true),
        }
    }

    /// A name that stays the same when elements move: elements go by their
    /// keys.
    pub fn lasting_name(&self) -> String {
        let Some(outer) = self.outer else { return String::new() };
        let mut name = outer.lasting_name();
        let key_of = |keys: Keys, element: &Value| {
            keys.of(element, Side::Prior).into_iter().flatten().next()
        };
        match self.here {
            Here::Root => {}
            Here::Attribute(own) => {
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(own);
            }
            Here::Key(key) => name.push_str(&format!("[{key:?}]")),
            Here::Item { index, element, keys } => match key_of(keys, element) {
                Some(key) => name.push_str(&format!("[{key:?}]")),
                None => name.push_str(&format!("[{index}]")),
            },
            Here::Element { element, keys } => {
                name.push_str(&format!("[{:?}]", key_of(keys, element).unwrap_or_default()));
            }
        }
        name
    }

    /// The step to an element of a list, for diagnostics of values.
    pub fn step(&self) -> Option<Step> {
        self.path().steps().last().cloned()
    }
}

/// Another value that is walked along, and how its elements belong to those of
/// the value that leads.
#[derive(Debug, Clone, Copy)]
pub enum Other<'v> {
    /// As the schema tells elements apart.
    ByKeys(&'v Value),
    /// As the schema tells elements apart that are known to be there.
    Again(&'v Value),
    /// The one was made from the other, element by element.
    ByPosition(&'v Value),
}

impl<'v> Other<'v> {
    fn value(self) -> &'v Value {
        match self {
            Self::ByKeys(value) | Self::Again(value) | Self::ByPosition(value) => value,
        }
    }
}

/// Visits each object in `lead` together with its counterparts in `others`,
/// null where there is none. What is null or unknown is not visited.
pub fn visit<'v, const N: usize>(
    attribute: &'v Attribute,
    at: &At<'_>,
    lead: &'v Value,
    others: [Other<'v>; N],
    mut act: impl FnMut(&'v [Attribute], &At<'_>, &'v Value, [&'v Value; N]),
) {
    let Some(members) = attribute.members() else { return };
    match lead {
        Value::Object(_) => act(members, at, lead, others.map(Other::value)),
        Value::Map(entries) => {
            for (key, item) in entries.iter().filter(|(_, item)| is_object(item)) {
                act(
                    members,
                    &at.then(Here::Key(key)),
                    item,
                    others.map(|other| other.value().get(key)),
                );
            }
        }
        Value::List(items) | Value::Set(items) => {
            let pairs = pairs(attribute, items, others);
            for (index, item) in items.iter().enumerate().filter(|(_, item)| is_object(item)) {
                let theirs = counterpart(&pairs, index);
                let known = theirs.first().filter(|other| !other.is_null());
                let element = known.copied().unwrap_or(item);
                act(members, &at.element(attribute, index, element), item, theirs);
            }
        }
        _ => {}
    }
}

/// Changes each object in `lead`, which belongs to the counterparts in
/// `others`. Elements of a set that have become equal become one.
pub fn change<const N: usize>(
    attribute: &Attribute,
    at: &At<'_>,
    lead: &mut Value,
    others: [Other<'_>; N],
    mut act: impl FnMut(&[Attribute], &At<'_>, &mut Value, [&Value; N]),
) {
    let Some(members) = attribute.members() else { return };
    match lead {
        Value::Object(_) => act(members, at, lead, others.map(Other::value)),
        Value::Map(entries) => {
            for (key, item) in entries.iter_mut().filter(|(_, item)| is_object(item)) {
                act(
                    members,
                    &at.then(Here::Key(key)),
                    item,
                    others.map(|other| other.value().get(key)),
                );
            }
        }
        Value::List(items) => change_elements(attribute, at, items, others, members, act),
        Value::Set(items) => {
            change_elements(attribute, at, items, others, members, act);
            *lead = Value::set(std::mem::take(items));
        }
        _ => {}
    }
}

fn change_elements<const N: usize>(
    attribute: &Attribute,
    at: &At<'_>,
    items: &mut [Value],
    others: [Other<'_>; N],
    members: &[Attribute],
    mut act: impl FnMut(&[Attribute], &At<'_>, &mut Value, [&Value; N]),
) {
    let pairs = pairs(attribute, items, others);
    for (index, item) in items.iter_mut().enumerate().filter(|(_, item)| is_object(item)) {
        let theirs = counterpart(&pairs, index);
        let element = theirs.first().copied().unwrap_or(&Value::Null);
        act(members, &at.element(attribute, index, element), item, theirs);
    }
}

fn is_object(value: &Value) -> bool {
    matches!(value, Value::Object(_))
}

/// Of each other collection, its elements and where the counterparts are.
type Pairs<'v, const N: usize> = [(&'v [Value], Vec<Option<usize>>); N];

fn pairs<'v, const N: usize>(
    attribute: &Attribute,
    items: &[Value],
    others: [Other<'v>; N],
) -> Pairs<'v, N> {
    others.map(|other| match other {
        Other::ByKeys(value) => by_keys(attribute, items, Side::Config, value),
        Other::Again(value) => by_keys(attribute, items, Side::Known, value),
        Other::ByPosition(value) => {
            let there = value.elements().unwrap_or_default();
            (there, (0..items.len()).map(Some).collect())
        }
    })
}

fn by_keys<'v>(
    attribute: &Attribute,
    items: &[Value],
    side: Side,
    value: &'v Value,
) -> (&'v [Value], Vec<Option<usize>>) {
    let there = value.elements().unwrap_or_default();
    (there, counterparts(attribute, items, side, there))
}

fn counterpart<'v, const N: usize>(pairs: &Pairs<'v, N>, index: usize) -> [&'v Value; N] {
    std::array::from_fn(|which| {
        pairs
            .get(which)
            .and_then(|(there, places)| there.get(places.get(index).copied().flatten()?))
            .unwrap_or(&Value::Null)
    })
}
