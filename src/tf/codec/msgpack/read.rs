//! From msgpack to values.

use std::collections::BTreeMap;

use rmp::{Marker, decode};

use super::{NULLNESS, REFINED};
use crate::tf::codec::{self, Attributes, CodecError, MAX_DEPTH, no_attribute, wrong_count};
use crate::tf::number::Number;
use crate::tf::path::Step;
use crate::tf::text::nfc;
use crate::tf::ty::Type;
use crate::tf::value::{Refinement, Value};

/// No more elements than this are reserved before they have been seen: a
/// length is a claim.
const RESERVE: usize = 1024;

pub(super) fn value(bytes: &[u8], ty: &Type) -> Result<Value, CodecError> {
    let mut reader = Reader { rest: bytes };
    let value = reader.value(ty, 0)?;
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(CodecError::new("there are bytes behind the value"))
    }
}

struct Reader<'b> {
    rest: &'b [u8],
}

fn broken() -> CodecError {
    CodecError::new("the encoded value is broken or ends too early")
}

fn mismatch(ty: &Type, marker: Marker) -> CodecError {
    let found = match marker {
        Marker::True | Marker::False => "a bool",
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => "a string",
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => "an array",
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => "a map",
        Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => "bytes",
        Marker::Reserved => "an invalid mark",
        _ => "a number",
    };
    codec::mismatch(ty, found)
}

impl<'b> Reader<'b> {
    fn value(&mut self, ty: &Type, depth: usize) -> Result<Value, CodecError> {
        if depth > MAX_DEPTH {
            return Err(CodecError::new("the value is nested too deep"));
        }
        let marker = self.marker()?;
        if marker == Marker::Null {
            return Ok(Value::Null);
        }
        if let Some(length) = self.extension(marker)? {
            return self.unknown(length);
        }
        match ty {
            Type::Bool => match marker {
                Marker::True => Ok(Value::Bool(true)),
                Marker::False => Ok(Value::Bool(false)),
                _ => Err(mismatch(ty, marker)),
            },
            Type::String => {
                let text = self.text(marker, ty)?;
                Ok(Value::String(nfc(text).into_owned()))
            }
            Type::Number => self.number(marker, ty).map(Value::Number),
            Type::List(element) => self.list(marker, ty, element, depth).map(Value::List),
            Type::Set(element) => {
                let elements = self.list(marker, ty, element, depth);
                elements.map(Value::set).map_err(CodecError::in_set)
            }
            Type::Tuple(elements) => self.tuple(marker, ty, elements, depth),
            Type::Map(element) => self.map(marker, ty, element, depth),
            Type::Object(attributes) => self.object(marker, ty, attributes, depth),
            Type::Dynamic => self.dynamic(marker, depth),
        }
    }

    /// The length of an extension, if this is one. The code comes next.
    fn extension(&mut self, marker: Marker) -> Result<Option<usize>, CodecError> {
        let length = match marker {
            Marker::FixExt1 => 1,
            Marker::FixExt2 => 2,
            Marker::FixExt4 => 4,
            Marker::FixExt8 => 8,
            Marker::FixExt16 => 16,
            Marker::Ext8 => self.length::<1>()?,
            Marker::Ext16 => self.length::<2>()?,
            Marker::Ext32 => self.length::<4>()?,
            _ => return Ok(None),
        };
        Ok(Some(length))
    }

    /// Any extension is an unknown value.
    fn unknown(&mut self, length: usize) -> Result<Value, CodecError> {
        let code = i8::from_be_bytes(self.array()?);
        let payload = self.take(length)?;
        let not_null = code == REFINED && not_null(payload);
        Ok(Value::Unknown(Refinement { not_null }))
    }

    fn marker(&mut self) -> Result<Marker, CodecError> {
        let [byte] = self.array()?;
        Ok(Marker::from_u8(byte))
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8], CodecError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(broken)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(broken)?;
        self.rest = rest;
        Ok(*taken)
    }

    /// A whole number of `N` bytes, of at most four.
    fn length<const N: usize>(&mut self) -> Result<usize, CodecError> {
        let bytes: [u8; N] = self.array()?;
        Ok(bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)))
    }

    fn text(&mut self, marker: Marker, ty: &Type) -> Result<&'b str, CodecError> {
        let length = match marker {
            Marker::FixStr(length) => usize::from(length),
            Marker::Str8 => self.length::<1>()?,
            Marker::Str16 => self.length::<2>()?,
            Marker::Str32 => self.length::<4>()?,
            other => return Err(mismatch(ty, other)),
        };
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map_err(|_| CodecError::new("the text is not valid UTF-8"))
    }

    fn number(&mut self, marker: Marker, ty: &Type) -> Result<Number, CodecError> {
        Ok(match marker {
            Marker::FixPos(n) => Number::from(i64::from(n)),
            Marker::FixNeg(n) => Number::from(i64::from(n)),
            Marker::U8 => Number::from(i64::from(u8::from_be_bytes(self.array()?))),
            Marker::U16 => Number::from(i64::from(u16::from_be_bytes(self.array()?))),
            Marker::U32 => Number::from(i64::from(u32::from_be_bytes(self.array()?))),
            Marker::U64 => Number::from(u64::from_be_bytes(self.array()?)),
            Marker::I8 => Number::from(i64::from(i8::from_be_bytes(self.array()?))),
            Marker::I16 => Number::from(i64::from(i16::from_be_bytes(self.array()?))),
            Marker::I32 => Number::from(i64::from(i32::from_be_bytes(self.array()?))),
            Marker::I64 => Number::from(i64::from_be_bytes(self.array()?)),
            Marker::F32 => Number::from_f64(f64::from(f32::from_be_bytes(self.array()?)))
                .map_err(CodecError::new)?,
            Marker::F64 => {
                Number::from_f64(f64::from_be_bytes(self.array()?)).map_err(CodecError::new)?
            }
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                Number::parse(self.text(marker, ty)?).map_err(CodecError::new)?
            }
            other => return Err(mismatch(ty, other)),
        })
    }

    fn array_length(&mut self, marker: Marker, ty: &Type) -> Result<usize, CodecError> {
        match marker {
            Marker::FixArray(length) => Ok(usize::from(length)),
            Marker::Array16 => self.length::<2>(),
            Marker::Array32 => self.length::<4>(),
            other => Err(mismatch(ty, other)),
        }
    }

    fn map_length(&mut self, marker: Marker, ty: &Type) -> Result<usize, CodecError> {
        match marker {
            Marker::FixMap(length) => Ok(usize::from(length)),
            Marker::Map16 => self.length::<2>(),
            Marker::Map32 => self.length::<4>(),
            other => Err(mismatch(ty, other)),
        }
    }

    fn key(&mut self) -> Result<&'b str, CodecError> {
        let marker = self.marker()?;
        self.text(marker, &Type::String)
    }

    fn list(
        &mut self,
        marker: Marker,
        ty: &Type,
        element: &Type,
        depth: usize,
    ) -> Result<Vec<Value>, CodecError> {
        let length = self.array_length(marker, ty)?;
        let mut items = Vec::with_capacity(length.min(RESERVE));
        for index in 0..length {
            items.push(self.value(element, depth + 1).map_err(|e| e.at_index(index))?);
        }
        Ok(items)
    }

    fn tuple(
        &mut self,
        marker: Marker,
        ty: &Type,
        elements: &[Type],
        depth: usize,
    ) -> Result<Value, CodecError> {
        let length = self.array_length(marker, ty)?;
        if length != elements.len() {
            return Err(wrong_count(elements.len(), length));
        }
        let each = elements.iter().enumerate();
        each.map(|(index, ty)| self.value(ty, depth + 1).map_err(|e| e.at_index(index)))
            .collect::<Result<_, _>>()
            .map(Value::List)
    }

    fn map(
        &mut self,
        marker: Marker,
        ty: &Type,
        element: &Type,
        depth: usize,
    ) -> Result<Value, CodecError> {
        let length = self.map_length(marker, ty)?;
        // Made into a map at the end: one that grows by sorted keys stays half
        // empty.
        let mut entries = Vec::new();
        for _ in 0..length {
            let key = nfc(self.key()?).into_owned();
            match self.value(element, depth + 1) {
                Ok(value) => entries.push((key, value)),
                Err(error) => return Err(error.below(Step::Key(key))),
            }
        }
        Ok(Value::Map(entries.into_iter().collect()))
    }

    fn object(
        &mut self,
        marker: Marker,
        ty: &Type,
        attributes: &BTreeMap<String, Type>,
        depth: usize,
    ) -> Result<Value, CodecError> {
        let length = self.map_length(marker, ty)?;
        let mut attributes = Attributes::new(attributes, length);
        for _ in 0..length {
            let key = self.key()?;
            let (name, ty) = attributes.find(key).ok_or_else(|| no_attribute(key))?;
            let value = self.value(ty, depth + 1);
            attributes.add(name, value.map_err(|e| e.below(Step::Attribute(name.clone())))?);
        }
        attributes.strict()
    }

    fn dynamic(&mut self, marker: Marker, depth: usize) -> Result<Value, CodecError> {
        let ty = Type::Dynamic;
        if self.array_length(marker, &ty)? != 2 {
            return Err(CodecError::new("a type and a value expected"));
        }
        let length = match self.marker()? {
            Marker::Bin8 | Marker::Str8 => self.length::<1>()?,
            Marker::Bin16 | Marker::Str16 => self.length::<2>()?,
            Marker::Bin32 | Marker::Str32 => self.length::<4>()?,
            Marker::FixStr(length) => usize::from(length),
            other => return Err(mismatch(&ty, other)),
        };
        let inner = Type::parse(self.take(length)?).map_err(CodecError::new)?;
        let value = self.value(&inner, depth + 1)?;
        Ok(codec::dynamic(inner, value))
    }
}

/// Says whether refinements begin with "not null". Others have payloads of
/// their own and are of no use to us; Terraform writes keys in order, and this
/// is the first.
fn not_null(payload: &[u8]) -> bool {
    let mut bytes = payload;
    matches!(decode::read_map_len(&mut bytes), Ok(1..))
        && matches!(decode::read_int::<i64, _>(&mut bytes), Ok(NULLNESS))
        && matches!(decode::read_bool(&mut bytes), Ok(false))
}
