//! Lists, sets and maps in models. Their elements may be null or unknown too:
//! Terraform passes both on.

use std::collections::{BTreeMap, btree_map};

use super::Tf;

macro_rules! sequence {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name<T>(pub Vec<Tf<T>>);

        impl<T> $name<T> {
            /// The elements that are known.
            pub fn known(&self) -> impl Iterator<Item = &T> {
                self.0.iter().filter_map(Tf::known)
            }

            /// All elements.
            pub fn iter(&self) -> std::slice::Iter<'_, Tf<T>> {
                self.0.iter()
            }

            /// Number of elements.
            pub fn len(&self) -> usize {
                self.0.len()
            }

            /// Says whether there is no element.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }

            /// Says whether no element is unknown.
            pub fn is_known(&self) -> bool {
                !self.0.iter().any(Tf::is_unknown)
            }
        }

        impl<T> Default for $name<T> {
            fn default() -> Self {
                Self(Vec::new())
            }
        }

        impl<T> FromIterator<T> for $name<T> {
            fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
                Self(items.into_iter().map(Tf::Known).collect())
            }
        }

        impl<'a, T> IntoIterator for &'a $name<T> {
            type Item = &'a Tf<T>;
            type IntoIter = std::slice::Iter<'a, Tf<T>>;

            fn into_iter(self) -> Self::IntoIter {
                self.0.iter()
            }
        }
    };
}

sequence! {
    /// A list.
    List
}

sequence! {
    /// A set: no duplicates, order without meaning. Two sets with the same
    /// elements in another order are different Rust values; compare them as
    /// [`Value`](crate::tf::value::Value)s.
    Set
}

/// A map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map<T>(pub BTreeMap<String, Tf<T>>);

impl<T> Map<T> {
    /// The entries that are known.
    pub fn known(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().filter_map(|(key, entry)| Some((key.as_str(), entry.known()?)))
    }

    /// All entries, by key.
    pub fn iter(&self) -> btree_map::Iter<'_, String, Tf<T>> {
        self.0.iter()
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A known entry.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0.get(key).and_then(Tf::known)
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Says whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Into<String>, T> FromIterator<(K, T)> for Map<T> {
    fn from_iter<I: IntoIterator<Item = (K, T)>>(entries: I) -> Self {
        Self(entries.into_iter().map(|(key, value)| (key.into(), Tf::Known(value))).collect())
    }
}

impl<'a, T> IntoIterator for &'a Map<T> {
    type Item = (&'a String, &'a Tf<T>);
    type IntoIter = btree_map::Iter<'a, String, Tf<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
