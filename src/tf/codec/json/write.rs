//! From values to JSON.

use serde_json::{Value as Json, json};

use crate::tf::codec::{CodecError, mismatch, value_name, wrong_count};
use crate::tf::number::{Number, Wire};
use crate::tf::path::Step;
use crate::tf::ty::Type;
use crate::tf::value::Value;

pub(super) fn value(value: &Value, ty: &Type) -> Result<Json, CodecError> {
    match (value, ty) {
        (Value::Null, _) => Ok(Json::Null),
        (Value::Bool(truth), Type::Bool) => Ok(json!(truth)),
        (Value::String(text), Type::String) => Ok(json!(text)),
        (Value::Number(found), Type::Number) => Ok(number(found)),
        (Value::List(items), Type::List(element)) => {
            list(items.iter().map(|item| (item, element.as_ref())))
        }
        (Value::Set(items), Type::Set(element)) => {
            list(items.iter().map(|item| (item, element.as_ref()))).map_err(CodecError::in_set)
        }
        (Value::List(items), Type::Tuple(elements)) if items.len() == elements.len() => {
            list(items.iter().zip(elements))
        }
        (Value::List(items), Type::Tuple(elements)) => {
            Err(wrong_count(elements.len(), items.len()))
        }
        (Value::Map(entries), Type::Map(element)) => entries
            .iter()
            .map(|(key, entry)| {
                let json = self::value(entry, element);
                Ok((key.clone(), json.map_err(|e| e.below(Step::Key(key.clone())))?))
            })
            .collect::<Result<_, _>>()
            .map(Json::Object),
        (Value::Object(entries), Type::Object(attributes)) => attributes
            .iter()
            .map(|(name, ty)| {
                let json = self::value(entries.get(name).unwrap_or(&Value::Null), ty);
                Ok((name.clone(), json.map_err(|e| e.below(Step::Attribute(name.clone())))?))
            })
            .collect::<Result<_, _>>()
            .map(Json::Object),
        (Value::Dynamic(pair), Type::Dynamic) => {
            Ok(json!({ "type": pair.0.to_json(), "value": self::value(&pair.1, &pair.0)? }))
        }
        _ => Err(mismatch(ty, value_name(value))),
    }
}

fn list<'v>(items: impl Iterator<Item = (&'v Value, &'v Type)>) -> Result<Json, CodecError> {
    let each = items.enumerate();
    each.map(|(index, (item, ty))| value(item, ty).map_err(|e| e.at_index(index)))
        .collect::<Result<_, _>>()
        .map(Json::Array)
}

fn number(number: &Number) -> Json {
    match number.wire() {
        Wire::Signed(whole) => json!(whole),
        // The shortest text of a double is not always its exact value.
        Wire::Float(float) if Number::parse(&json!(float).to_string()).as_ref() == Ok(number) => {
            json!(float)
        }
        Wire::Float(_) => json!(number.to_string()),
        Wire::Text(text) => json!(text),
    }
}
