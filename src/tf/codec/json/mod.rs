//! Values as JSON: the state file, and callers that do not speak msgpack.

mod read;
mod write;

use serde_json::Value as Json;

use super::CodecError;
use crate::tf::ty::Type;
use crate::tf::value::Value;

/// How exact an object has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It has all attributes of its type and no others.
    Strict,
    /// Missing attributes are null, others are dropped: a state file that an
    /// older or newer schema has written.
    Tolerant,
}

/// Reads a value from JSON text. Numbers keep every digit.
///
/// # Errors
/// Where the text is not a value of the type.
pub fn decode(bytes: &[u8], ty: &Type, mode: Mode) -> Result<Value, CodecError> {
    read::value(bytes, ty, mode)
}

/// Reads a value from JSON that had to be looked at before. What has made it
/// from text may have rounded its numbers: [`decode`] does not.
///
/// # Errors
/// Where the JSON is not a value of the type.
pub fn from_json(json: &Json, ty: &Type, mode: Mode) -> Result<Value, CodecError> {
    read::value(json.to_string().as_bytes(), ty, mode)
}

/// Writes a value as JSON. Numbers that JSON libraries would round are text,
/// which reads as a number.
///
/// # Errors
/// Where the value is unknown, which JSON cannot say.
pub fn encode(value: &Value, ty: &Type) -> Result<Json, CodecError> {
    write::value(value, ty)
}
