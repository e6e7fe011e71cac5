//! Values as msgpack (plugin protocol, value encoding).

mod read;
mod write;

use crate::tf::ty::Type;
use crate::tf::value::Value;

use super::CodecError;

/// Extension code of an unknown value with refinements.
const REFINED: i8 = 12;
/// The refinement "not null" among refinements.
const NULLNESS: i64 = 1;

/// Reads a value.
///
/// # Errors
/// Where the bytes are not a value of the type.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, CodecError> {
    read::value(bytes, ty)
}

/// Writes a value.
///
/// # Errors
/// Where the value is not one of the type.
pub fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    write::value(value, ty)
}
