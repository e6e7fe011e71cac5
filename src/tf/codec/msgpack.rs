//! Values as msgpack (plugin protocol, value encoding).

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use rmp::Marker;
use rmp::{decode as read, encode as write};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::{CodecError, MAX_DEPTH, check_attributes, type_name, value_name};
use crate::tf::number::{Number, Wire};
use crate::tf::path::Path;
use crate::tf::ty::Type;
use crate::tf::value::{Refinement, Value};

/// Extension code of an unknown value with refinements.
const REFINED: i8 = 12;
/// The refinement "not null" among refinements.
const NULLNESS: i64 = 1;
/// No more elements than this are reserved before they have been seen: a
/// length is a claim.
const RESERVE: usize = 1024;

/// Reads a value.
///
/// # Errors
/// Where the bytes are not a value of the type.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value, CodecError> {
    let mut reader = Reader { bytes: Cursor::new(bytes) };
    let value = reader.value(ty, &Path::root(), 0)?;
    if reader.left() > 0 {
        return Err(CodecError::new(&Path::root(), "there are bytes behind the value"));
    }
    Ok(value)
}

struct Reader<'a> {
    bytes: Cursor<&'a [u8]>,
}

fn broken(path: &Path) -> CodecError {
    CodecError::new(path, "the encoded value is broken or ends too early")
}

fn mismatch(path: &Path, ty: &Type, marker: Marker) -> CodecError {
    let found = match marker {
        Marker::True | Marker::False => "a bool",
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => "a string",
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => "an array",
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => "a map",
        Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => "bytes",
        Marker::Reserved => "an invalid mark",
        _ => "a number",
    };
    CodecError::new(path, format!("{} expected, found {found}", type_name(ty)))
}

impl Reader<'_> {
    fn left(&self) -> usize {
        let position = usize::try_from(self.bytes.position()).unwrap_or(usize::MAX);
        self.bytes.get_ref().len().saturating_sub(position)
    }

    fn value(&mut self, ty: &Type, path: &Path, depth: usize) -> Result<Value, CodecError> {
        if depth > MAX_DEPTH {
            return Err(CodecError::new(path, "the value is nested too deep"));
        }
        let marker = read::read_marker(&mut self.bytes).map_err(|_| broken(path))?;
        if marker == Marker::Null {
            return Ok(Value::Null);
        }
        if let Some(length) = self.extension(marker, path)? {
            return self.unknown(length, path);
        }
        match ty {
            Type::Bool => match marker {
                Marker::True => Ok(Value::Bool(true)),
                Marker::False => Ok(Value::Bool(false)),
                _ => Err(mismatch(path, ty, marker)),
            },
            Type::String => self.text(marker, ty, path).map(Value::String),
            Type::Number => self.number(marker, ty, path),
            Type::List(element) => {
                self.items(marker, ty, path, depth, |_| Some(element)).map(Value::List)
            }
            Type::Set(element) => {
                let items = self.items(marker, ty, path, depth, |_| Some(element))?;
                Ok(Value::set(items))
            }
            Type::Tuple(elements) => {
                let items = self.items(marker, ty, path, depth, |index| elements.get(index))?;
                if items.len() != elements.len() {
                    let text =
                        format!("{} elements expected, found {}", elements.len(), items.len());
                    return Err(CodecError::new(path, text));
                }
                Ok(Value::List(items))
            }
            Type::Map(element) => {
                let entries = self.entries(marker, ty, path, depth, |key| {
                    Some((element.as_ref(), path.key(key)))
                })?;
                Ok(Value::Map(entries))
            }
            Type::Object(attributes) => {
                let entries = self.entries(marker, ty, path, depth, |name| {
                    attributes.get(name).map(|ty| (ty, path.attribute(name)))
                })?;
                check_attributes(&entries, attributes, path)?;
                Ok(Value::Object(entries))
            }
            Type::Dynamic => self.dynamic(marker, path, depth),
        }
    }

    /// The length of an extension, if this is one. The code comes next.
    fn extension(&mut self, marker: Marker, path: &Path) -> Result<Option<usize>, CodecError> {
        let length = match marker {
            Marker::FixExt1 => 1,
            Marker::FixExt2 => 2,
            Marker::FixExt4 => 4,
            Marker::FixExt8 => 8,
            Marker::FixExt16 => 16,
            Marker::Ext8 => usize::from(self.byte(path)?),
            Marker::Ext16 => self.length(2, path)?,
            Marker::Ext32 => self.length(4, path)?,
            _ => return Ok(None),
        };
        Ok(Some(length))
    }

    /// Any extension is an unknown value.
    fn unknown(&mut self, length: usize, path: &Path) -> Result<Value, CodecError> {
        let code = i8::from_be_bytes([self.byte(path)?]);
        let payload = self.take(length, path)?;
        let not_null = code == REFINED && not_null(payload);
        Ok(Value::Unknown(Refinement { not_null }))
    }

    fn byte(&mut self, path: &Path) -> Result<u8, CodecError> {
        let mut byte = [0; 1];
        self.bytes.read_exact(&mut byte).map_err(|_| broken(path))?;
        Ok(byte[0])
    }

    fn length(&mut self, width: usize, path: &Path) -> Result<usize, CodecError> {
        (0..width).try_fold(0usize, |length, _| Ok((length << 8) | usize::from(self.byte(path)?)))
    }

    fn take(&mut self, length: usize, path: &Path) -> Result<&[u8], CodecError> {
        let start = usize::try_from(self.bytes.position()).map_err(|_| broken(path))?;
        let end = start.checked_add(length).ok_or_else(|| broken(path))?;
        let taken = self.bytes.get_ref().get(start..end).ok_or_else(|| broken(path))?;
        self.bytes.set_position(end as u64);
        Ok(taken)
    }

    fn text(&mut self, marker: Marker, ty: &Type, path: &Path) -> Result<String, CodecError> {
        let length = match marker {
            Marker::FixStr(length) => usize::from(length),
            Marker::Str8 => self.length(1, path)?,
            Marker::Str16 => self.length(2, path)?,
            Marker::Str32 => self.length(4, path)?,
            other => return Err(mismatch(path, ty, other)),
        };
        let bytes = self.take(length, path)?;
        let text = std::str::from_utf8(bytes)
            .map_err(|_| CodecError::new(path, "the text is not valid UTF-8"))?;
        Ok(nfc(text))
    }

    fn number(&mut self, marker: Marker, ty: &Type, path: &Path) -> Result<Value, CodecError> {
        let refuse = |text: String| CodecError::new(path, text);
        let number = match marker {
            Marker::FixPos(n) => Number::from(i64::from(n)),
            Marker::FixNeg(n) => Number::from(i64::from(n)),
            Marker::U8 => Number::from(self.length(1, path)? as u64),
            Marker::U16 => Number::from(self.length(2, path)? as u64),
            Marker::U32 => Number::from(self.length(4, path)? as u64),
            Marker::U64 => Number::from(u64::from_be_bytes(self.array(path)?)),
            Marker::I8 => Number::from(i64::from(i8::from_be_bytes(self.array(path)?))),
            Marker::I16 => Number::from(i64::from(i16::from_be_bytes(self.array(path)?))),
            Marker::I32 => Number::from(i64::from(i32::from_be_bytes(self.array(path)?))),
            Marker::I64 => Number::from(i64::from_be_bytes(self.array(path)?)),
            Marker::F32 => {
                let float = f64::from(f32::from_be_bytes(self.array(path)?));
                Number::from_f64(float).map_err(refuse)?
            }
            Marker::F64 => {
                Number::from_f64(f64::from_be_bytes(self.array(path)?)).map_err(refuse)?
            }
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                Number::parse(&self.text(marker, ty, path)?).map_err(refuse)?
            }
            other => return Err(mismatch(path, ty, other)),
        };
        Ok(Value::Number(number))
    }

    fn array<const N: usize>(&mut self, path: &Path) -> Result<[u8; N], CodecError> {
        let mut bytes = [0; N];
        self.bytes.read_exact(&mut bytes).map_err(|_| broken(path))?;
        Ok(bytes)
    }

    fn array_length(
        &mut self,
        marker: Marker,
        ty: &Type,
        path: &Path,
    ) -> Result<usize, CodecError> {
        match marker {
            Marker::FixArray(length) => Ok(usize::from(length)),
            Marker::Array16 => self.length(2, path),
            Marker::Array32 => self.length(4, path),
            other => Err(mismatch(path, ty, other)),
        }
    }

    fn items<'t>(
        &mut self,
        marker: Marker,
        ty: &Type,
        path: &Path,
        depth: usize,
        element: impl Fn(usize) -> Option<&'t Type>,
    ) -> Result<Vec<Value>, CodecError> {
        let length = self.array_length(marker, ty, path)?;
        let mut items = Vec::with_capacity(length.min(RESERVE));
        for index in 0..length {
            let ty = element(index)
                .ok_or_else(|| CodecError::new(path, format!("{length} elements are too many")))?;
            items.push(self.value(ty, &path.index(index), depth + 1)?);
        }
        Ok(items)
    }

    fn entries<'t>(
        &mut self,
        marker: Marker,
        ty: &Type,
        path: &Path,
        depth: usize,
        entry: impl Fn(&str) -> Option<(&'t Type, Path)>,
    ) -> Result<BTreeMap<String, Value>, CodecError> {
        let length = match marker {
            Marker::FixMap(length) => usize::from(length),
            Marker::Map16 => self.length(2, path)?,
            Marker::Map32 => self.length(4, path)?,
            other => return Err(mismatch(path, ty, other)),
        };
        let mut entries = BTreeMap::new();
        for _ in 0..length {
            let marker = read::read_marker(&mut self.bytes).map_err(|_| broken(path))?;
            let key = self.text(marker, &Type::String, path)?;
            let (ty, at) = entry(&key)
                .ok_or_else(|| CodecError::new(path, format!("there is no attribute {key:?}")))?;
            let value = self.value(ty, &at, depth + 1)?;
            entries.insert(key, value);
        }
        Ok(entries)
    }

    fn dynamic(&mut self, marker: Marker, path: &Path, depth: usize) -> Result<Value, CodecError> {
        let ty = Type::Dynamic;
        if self.array_length(marker, &ty, path)? != 2 {
            return Err(CodecError::new(path, "a type and a value expected"));
        }
        let length = match read::read_marker(&mut self.bytes).map_err(|_| broken(path))? {
            Marker::Bin8 | Marker::Str8 => self.length(1, path)?,
            Marker::Bin16 | Marker::Str16 => self.length(2, path)?,
            Marker::Bin32 | Marker::Str32 => self.length(4, path)?,
            Marker::FixStr(length) => usize::from(length),
            other => return Err(mismatch(path, &ty, other)),
        };
        let inner =
            Type::parse(self.take(length, path)?).map_err(|text| CodecError::new(path, text))?;
        match self.value(&inner, path, depth + 1)? {
            Value::Null => Ok(Value::Null),
            value => Ok(Value::Dynamic(Box::new((inner, value)))),
        }
    }
}

/// Text in normal form C.
pub(crate) fn nfc(text: &str) -> String {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_owned(),
        _ => text.nfc().collect(),
    }
}

/// Says whether refinements begin with "not null". Others have payloads of
/// their own and are of no use to us; Terraform writes keys in order, and this
/// is the first.
fn not_null(payload: &[u8]) -> bool {
    let mut bytes = payload;
    matches!(read::read_map_len(&mut bytes), Ok(1..))
        && matches!(read::read_int::<i64, _>(&mut bytes), Ok(NULLNESS))
        && matches!(read::read_bool(&mut bytes), Ok(false))
}

/// Writes a value.
///
/// # Errors
/// Where the value is not one of the type.
pub fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, CodecError> {
    let mut bytes = Vec::new();
    put(&mut bytes, value, ty, &Path::root())?;
    Ok(bytes)
}

fn put(out: &mut Vec<u8>, value: &Value, ty: &Type, path: &Path) -> Result<(), CodecError> {
    let refuse = || {
        CodecError::new(path, format!("{} expected, found {}", type_name(ty), value_name(value)))
    };
    let full = |_| CodecError::new(path, "the value is too large");
    match (value, ty) {
        (Value::Null, _) => write::write_nil(out).map_err(full)?,
        (Value::Unknown(Refinement { not_null: true }), other) if *other != Type::Dynamic => {
            out.extend_from_slice(&[0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2]);
        }
        (Value::Unknown(_), _) => out.extend_from_slice(&[0xd4, 0x00, 0x00]),
        (Value::Bool(truth), Type::Bool) => write::write_bool(out, *truth).map_err(full)?,
        (Value::String(text), Type::String) => {
            write::write_str(out, text)
                .map_err(|_| CodecError::new(path, "the text is too long"))?;
        }
        (Value::Number(number), Type::Number) => put_number(out, number, path)?,
        (Value::List(items), Type::List(element)) | (Value::Set(items), Type::Set(element)) => {
            put_length(out, items.len(), path)?;
            for (index, item) in items.iter().enumerate() {
                put(out, item, element, &path.index(index))?;
            }
        }
        (Value::List(items), Type::Tuple(elements)) if items.len() == elements.len() => {
            put_length(out, items.len(), path)?;
            for (index, (item, element)) in items.iter().zip(elements).enumerate() {
                put(out, item, element, &path.index(index))?;
            }
        }
        (Value::Map(entries), Type::Map(element)) => {
            put_map_length(out, entries.len(), path)?;
            for (key, entry) in entries {
                put_key(out, key, path)?;
                put(out, entry, element, &path.key(key))?;
            }
        }
        (Value::Object(entries), Type::Object(attributes)) => {
            check_attributes(entries, attributes, path)?;
            put_map_length(out, entries.len(), path)?;
            for (name, ty) in attributes {
                put_key(out, name, path)?;
                put(out, entries.get(name).unwrap_or(&Value::Null), ty, &path.attribute(name))?;
            }
        }
        (Value::Dynamic(pair), Type::Dynamic) => {
            put_length(out, 2, path)?;
            let notation = pair.0.to_json().to_string();
            write::write_bin(out, notation.as_bytes())
                .map_err(|_| CodecError::new(path, "the type is too long"))?;
            put(out, &pair.1, &pair.0, path)?;
        }
        _ => return Err(refuse()),
    }
    Ok(())
}

fn put_number(out: &mut Vec<u8>, number: &Number, path: &Path) -> Result<(), CodecError> {
    let failed = |_| CodecError::new(path, "the number is too long");
    match number.wire() {
        Wire::Signed(n) => write::write_sint(out, n).map(|_| ()).map_err(failed),
        Wire::Float(float) => write::write_f64(out, float).map_err(failed),
        Wire::Text(text) => write::write_str(out, &text).map_err(failed),
    }
}

fn put_length(out: &mut Vec<u8>, length: usize, path: &Path) -> Result<(), CodecError> {
    let length = u32::try_from(length).map_err(|_| CodecError::new(path, "too many elements"))?;
    write::write_array_len(out, length).map(|_| ()).map_err(|_| broken(path))
}

fn put_map_length(out: &mut Vec<u8>, length: usize, path: &Path) -> Result<(), CodecError> {
    let length = u32::try_from(length).map_err(|_| CodecError::new(path, "too many entries"))?;
    write::write_map_len(out, length).map(|_| ()).map_err(|_| broken(path))
}

fn put_key(out: &mut Vec<u8>, key: &str, path: &Path) -> Result<(), CodecError> {
    write::write_str(out, key).map_err(|_| broken(path))
}
