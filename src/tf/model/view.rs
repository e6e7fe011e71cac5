//! Models that show what another model declares.

use std::collections::BTreeMap;
use std::fmt;

use super::{Mismatch, Model};
use crate::tf::schema::{Attribute, Behaviour, Kind, Mode};
use crate::tf::value::Value;

/// How an object that is declared elsewhere is shown, by a data source for
/// example: all of it computed, without a few parts, with a few more.
pub trait View {
    /// What declares the object.
    type Shown: Model;
    /// What is shown besides. An attribute of the same name takes the place of
    /// the one that is shown.
    type More: Model;

    /// Markdown.
    const DESCRIPTION: &'static str;
    /// What is left out, as `a` or `a.b`. What is known to Terraform alone and
    /// what is never stored are left out in any case.
    const WITHOUT: &'static [&'static str] = &[];
    /// What the user may say to find the object.
    const ARGUMENTS: &'static [&'static str] = &[];
}

/// An object as a [`View`] shows it.
pub struct Viewed<V: View> {
    /// The object.
    pub shown: V::Shown,
    /// What is shown besides.
    pub more: V::More,
}

impl<V: View> Viewed<V> {
    /// The attributes that the view takes from the shown object.
    fn kept() -> Vec<Attribute> {
        let more = V::More::attributes();
        let mut kept = kept(V::Shown::attributes(), "", V::WITHOUT);
        kept.retain(|attribute| more.iter().all(|more| more.name != attribute.name));
        kept
    }
}

impl<V: View> Default for Viewed<V> {
    /// Nothing is set.
    fn default() -> Self {
        Self::null()
    }
}

impl<V: View> Clone for Viewed<V>
where
    V::Shown: Clone,
    V::More: Clone,
{
    fn clone(&self) -> Self {
        Self { shown: self.shown.clone(), more: self.more.clone() }
    }
}

impl<V: View> fmt::Debug for Viewed<V>
where
    V::Shown: fmt::Debug,
    V::More: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Viewed").field("shown", &self.shown).field("more", &self.more).finish()
    }
}

impl<V: View> Model for Viewed<V> {
    const DESCRIPTION: &'static str = V::DESCRIPTION;

    fn attributes() -> Vec<Attribute> {
        let mut all: Vec<Attribute> = Self::kept().into_iter().map(seen).collect();
        all.extend(V::More::attributes());
        for attribute in &mut all {
            if V::ARGUMENTS.contains(&attribute.name.as_str()) {
                attribute.mode = Mode::OptionalComputed;
            }
        }
        all
    }

    fn from_value(value: &Value) -> Result<Self, Mismatch> {
        let more = V::More::attributes();
        let part = more.iter().map(|member| (member.name.clone(), value.get(&member.name).clone()));
        Ok(Self {
            shown: V::Shown::from_value(&widened(&V::Shown::attributes(), &Self::kept(), value))?,
            more: V::More::from_value(&Value::object(part))?,
        })
    }

    fn to_value(&self) -> Value {
        let mut object = narrowed(&Self::kept(), &self.shown.to_value());
        if let (Value::Object(members), Value::Object(more)) = (&mut object, self.more.to_value()) {
            members.extend(more);
        }
        object
    }

    fn null() -> Self {
        Self { shown: V::Shown::null(), more: V::More::null() }
    }

    fn unknown() -> Self {
        Self { shown: V::Shown::unknown(), more: V::More::unknown() }
    }
}

/// Attributes without those that are left out.
fn kept(attributes: Vec<Attribute>, at: &str, without: &[&str]) -> Vec<Attribute> {
    let named = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    attributes
        .into_iter()
        .filter(|attribute| !attribute.behaviour.local && !attribute.write_only)
        .filter(|attribute| !without.contains(&named(&attribute.name).as_str()))
        .map(|mut attribute| {
            let path = named(&attribute.name);
            if let Kind::Nested(_, members) = &mut attribute.kind {
                *members = kept(std::mem::take(members), &path, without);
            }
            attribute
        })
        .collect()
}

/// The attribute as it is seen: nobody sets it, so nothing is said of changing it.
fn seen(mut attribute: Attribute) -> Attribute {
    attribute.mode = Mode::Computed;
    attribute.is_block = false;
    attribute.behaviour = Behaviour::default();
    attribute.description = without_changes(&attribute.description);
    if let Kind::Nested(_, members) = &mut attribute.kind {
        *members = std::mem::take(members).into_iter().map(seen).collect();
    }
    attribute
}

/// A description without the sentences about changing a value and leaving it out.
fn without_changes(description: &str) -> String {
    const ABOUT: &[&str] =
        &["Chang", "Default", "Mandatory", "Entries are told apart", "Only the keys"];
    let paragraphs = description.split("\n\n").map(|paragraph| {
        let sentences = paragraph.split_inclusive(". ");
        let kept = sentences.filter(|text| !ABOUT.iter().any(|about| text.starts_with(about)));
        kept.collect::<String>().trim().to_owned()
    });
    paragraphs.filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// Applies a change to every object in a value.
fn each(value: &Value, change: &dyn Fn(&Value) -> Value) -> Value {
    match value {
        Value::Object(_) => change(value),
        Value::List(items) => Value::List(items.iter().map(|item| each(item, change)).collect()),
        Value::Set(items) => Value::Set(items.iter().map(|item| each(item, change)).collect()),
        Value::Map(entries) => {
            Value::map(entries.iter().map(|(key, item)| (key.clone(), each(item, change))))
        }
        other => other.clone(),
    }
}

/// An object with the kept members alone.
fn narrowed(kept: &[Attribute], object: &Value) -> Value {
    Value::object(kept.iter().map(|attribute| {
        let value = object.get(&attribute.name);
        let value = match attribute.members() {
            Some(members) => each(value, &|item| narrowed(members, item)),
            None => value.clone(),
        };
        (attribute.name.clone(), value)
    }))
}

/// An object with all members; those that are not kept are null.
fn widened(all: &[Attribute], kept: &[Attribute], object: &Value) -> Value {
    let kept: BTreeMap<&str, &Attribute> =
        kept.iter().map(|attribute| (attribute.name.as_str(), attribute)).collect();
    Value::object(all.iter().map(|attribute| {
        let value = match kept.get(attribute.name.as_str()) {
            None => attribute.absent(),
            Some(kept) => match (attribute.members(), kept.members()) {
                (Some(all), Some(kept)) => {
                    each(object.get(&attribute.name), &|item| widened(all, kept, item))
                }
                _ => object.get(&attribute.name).clone(),
            },
        };
        (attribute.name.clone(), value)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tf::model::{List, Tf};
    use crate::tf::schema::check::check;

    /// A bucket.
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Bucket {
        /// ID.
        #[tf(computed)]
        id: Tf<String>,
        /// Name. Changing it creates a new bucket.
        #[tf(required, replaces)]
        name: Tf<String>,
        /// Secret.
        #[tf(optional)]
        password: Tf<String>,
        /// Waits.
        #[tf(optional, local)]
        wait: Tf<bool>,
        /// State.
        #[tf(computed)]
        state: Tf<String>,
        /// Items.
        #[tf(optional)]
        items: Tf<List<Item>>,
    }

    /// An item.
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Item {
        /// Key.
        #[tf(required)]
        key: Tf<String>,
        /// How.
        #[tf(optional)]
        how: Tf<String>,
    }

    /// More.
    #[derive(Debug, Clone, PartialEq, Model)]
    struct More {
        /// Size.
        #[tf(computed)]
        size: Tf<i64>,
        /// Another state.
        #[tf(computed)]
        state: Tf<i64>,
    }

    struct Look;

    impl View for Look {
        type Shown = Bucket;
        type More = More;
        const DESCRIPTION: &'static str = "A bucket to look at.";
        const WITHOUT: &'static [&'static str] = &["password", "items.how"];
        const ARGUMENTS: &'static [&'static str] = &["id", "name"];
    }

    type Seen = Viewed<Look>;

    #[test]
    fn a_view_leaves_out_adds_and_replaces() {
        assert_eq!(check(&Seen::schema()), Vec::<String>::new());
        let attributes = Seen::attributes();
        let of = |mode: Mode| {
            let all = attributes.iter().filter(|attribute| attribute.mode == mode);
            all.map(|attribute| attribute.name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of(Mode::OptionalComputed), ["id", "name"]);
        assert_eq!(of(Mode::Computed), ["items", "size", "state"]);
        let name = attributes.iter().find(|attribute| attribute.name == "name").unwrap();
        assert_eq!(name.description, "Name.");
        let items = attributes.iter().find(|attribute| attribute.name == "items").unwrap();
        assert_eq!(items.members().unwrap().len(), 1);
    }

    #[test]
    fn what_is_shown_is_read_again_without_what_is_left_out() {
        let item = Item { key: "k".into(), how: "quickly".into() };
        let seen = Seen {
            shown: Bucket {
                name: "b".into(),
                password: "p".into(),
                state: "hidden".into(),
                items: vec![item.clone()].into(),
                ..Bucket::default()
            },
            more: More { size: 3.into(), state: 7.into() },
        };
        let value = seen.to_value();
        assert_eq!(value.get("state").as_i64(), Some(7));
        assert!(value.get("password").is_null());
        let again = Seen::from_value(&value).unwrap();
        assert_eq!(again.more, seen.more);
        let kept = Item { how: Tf::Null, ..item };
        let expected = Bucket {
            password: Tf::Null,
            state: Tf::Null,
            items: vec![kept].into(),
            ..seen.shown.clone()
        };
        assert_eq!(again.shown, expected);
    }
}
