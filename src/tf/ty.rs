//! Terraform types and their JSON notation.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::text::nfc;

/// A Terraform type (type notation of the plugin protocol).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// `"string"`
    String,
    /// `"number"`
    Number,
    /// `"bool"`
    Bool,
    /// `"dynamic"`: the value brings its type along.
    Dynamic,
    /// `["list", T]`
    List(Box<Type>),
    /// `["set", T]`
    Set(Box<Type>),
    /// `["map", T]`
    Map(Box<Type>),
    /// `["object", {…}]`
    Object(BTreeMap<String, Type>),
    /// `["tuple", […]]`
    Tuple(Vec<Type>),
}

impl Type {
    /// A list of `element`.
    pub fn list(element: Self) -> Self {
        Self::List(Box::new(element))
    }

    /// A set of `element`.
    pub fn set(element: Self) -> Self {
        Self::Set(Box::new(element))
    }

    /// A map of `element`.
    pub fn map(element: Self) -> Self {
        Self::Map(Box::new(element))
    }

    /// An object from name and type pairs.
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Object(attributes.into_iter().map(|(k, t)| (k.into(), t)).collect())
    }

    /// The JSON notation.
    pub fn to_json(&self) -> Json {
        match self {
            Self::String => json!("string"),
            Self::Number => json!("number"),
            Self::Bool => json!("bool"),
            Self::Dynamic => json!("dynamic"),
            Self::List(element) => json!(["list", element.to_json()]),
            Self::Set(element) => json!(["set", element.to_json()]),
            Self::Map(element) => json!(["map", element.to_json()]),
            Self::Object(attributes) => {
                let attributes: serde_json::Map<_, _> =
                    attributes.iter().map(|(name, ty)| (name.clone(), ty.to_json())).collect();
                json!(["object", attributes])
            }
            Self::Tuple(elements) => {
                json!(["tuple", elements.iter().map(Self::to_json).collect::<Vec<_>>()])
            }
        }
    }

    /// Reads the JSON notation. Optional attributes of an object type (a third
    /// element) are read as plain ones.
    ///
    /// # Errors
    /// Says what is not a type.
    pub fn parse(notation: &[u8]) -> Result<Self, String> {
        // serde_json bounds the depth itself.
        let json: Json = serde_json::from_slice(notation)
            .map_err(|_| "the notation of a type is not JSON".to_owned())?;
        Self::from_json(&json)
    }

    fn from_json(json: &Json) -> Result<Self, String> {
        let unknown = || format!("{json} is not a type");
        if let Some(word) = json.as_str() {
            return match word {
                "string" => Ok(Self::String),
                "number" => Ok(Self::Number),
                "bool" => Ok(Self::Bool),
                "dynamic" => Ok(Self::Dynamic),
                _ => Err(unknown()),
            };
        }
        let parts = json.as_array().map(Vec::as_slice).unwrap_or_default();
        match (parts.first().and_then(Json::as_str), parts.get(1)) {
            (Some("list"), Some(element)) => Self::from_json(element).map(Self::list),
            (Some("set"), Some(element)) => Self::from_json(element).map(Self::set),
            (Some("map"), Some(element)) => Self::from_json(element).map(Self::map),
            (Some("object"), Some(Json::Object(attributes))) => attributes
                .iter()
                // As names in values are.
                .map(|(name, ty)| Ok((nfc(name).into_owned(), Self::from_json(ty)?)))
                .collect::<Result<_, _>>()
                .map(Self::Object),
            (Some("tuple"), Some(Json::Array(elements))) => {
                elements.iter().map(Self::from_json).collect::<Result<_, _>>().map(Self::Tuple)
            }
            _ => Err(unknown()),
        }
    }
}
