//! `spread`: nodes over availability zones.

use std::collections::BTreeSet;

use crate::tf::function::{Function, FunctionError, Parameter, Signature};
use crate::tf::ty::Type;
use crate::tf::value::Value;

/// The function `spread(count, zones)`.
pub struct Spread(Signature);

impl Default for Spread {
    fn default() -> Self {
        let parameter = |name: &str, ty, description: &str| Parameter {
            name: name.to_owned(),
            ty,
            description: description.to_owned(),
            allow_null: false,
            allow_unknown: false,
        };
        Self(Signature {
            parameters: vec![
                parameter("count", Type::Number, "Number of nodes, at least 1."),
                parameter(
                    "zones",
                    Type::list(Type::String),
                    "Names of the availability zones, each once, the preferred ones first.",
                ),
            ],
            variadic: None,
            returns: Type::list(Type::object([("az", Type::String), ("count", Type::Number)])),
            summary: "Spreads nodes over availability zones".to_owned(),
            description: "Spreads `count` nodes over `zones` as evenly as possible, for `azs` of \
                          an entry of `resources`. Earlier zones get one node more where it does \
                          not come out even; zones that would get none are left out."
                .to_owned(),
        })
    }
}

impl Function for Spread {
    fn name(&self) -> &str {
        "spread"
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let [count, zones] = arguments else {
            return Err(wrong(0, "spread takes a count and a list of zones.".to_owned()));
        };
        let count = count
            .as_i64()
            .filter(|count| *count >= 1)
            .ok_or_else(|| wrong(0, "count must be a whole number of at least 1.".to_owned()))?;
        let zones = names(zones)?;
        let shares = spread(count, zones.len());
        let items = zones.iter().zip(shares).filter(|(_, share)| *share > 0);
        Ok(Value::List(
            items
                .map(|(zone, share)| {
                    Value::object([("az", Value::from(*zone)), ("count", Value::from(share))])
                })
                .collect(),
        ))
    }
}

/// The zones, each once.
fn names(zones: &Value) -> Result<Vec<&str>, FunctionError> {
    let zones = zones.elements().unwrap_or_default();
    if zones.is_empty() {
        return Err(wrong(1, "zones is empty. Name at least one availability zone.".to_owned()));
    }
    let mut seen = BTreeSet::new();
    zones
        .iter()
        .map(|zone| {
            let zone = zone.as_str().filter(|zone| !zone.is_empty()).ok_or_else(|| {
                wrong(1, "zones holds an empty name or null. Name every zone.".to_owned())
            })?;
            let new = seen.insert(zone);
            new.then_some(zone).ok_or_else(|| {
                wrong(1, format!("zones holds {zone:?} twice. Name each zone once."))
            })
        })
        .collect()
}

fn wrong(argument: i64, text: String) -> FunctionError {
    FunctionError { text, argument: Some(argument) }
}

/// Shares of `count` in order, as even as possible, the larger ones first.
fn spread(count: i64, zones: usize) -> impl Iterator<Item = i64> {
    let zones = i64::try_from(zones).unwrap_or(i64::MAX).max(1);
    let (each, more) = (count / zones, count % zones);
    (0..zones).map(move |index| each + i64::from(index < more))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn call(count: Value, zones: &[&str]) -> Result<Value, FunctionError> {
        let zones = Value::List(zones.iter().map(|zone| Value::from(*zone)).collect());
        Spread::default().call(&[count, zones])
    }

    fn shares(count: i64, zones: &[&str]) -> Vec<(String, i64)> {
        let result = call(Value::from(count), zones).unwrap();
        let item = |item: &Value| {
            (item.get("az").as_str().unwrap().to_owned(), item.get("count").as_i64().unwrap())
        };
        result.elements().unwrap().iter().map(item).collect()
    }

    #[test]
    fn earlier_zones_get_more_and_empty_ones_are_left_out() {
        let of = |pairs: &[(&str, i64)]| {
            pairs.iter().map(|(az, n)| ((*az).to_owned(), *n)).collect::<Vec<_>>()
        };
        assert_eq!(shares(5, &["b", "a", "c"]), of(&[("b", 2), ("a", 2), ("c", 1)]));
        assert_eq!(shares(2, &["b", "a", "c"]), of(&[("b", 1), ("a", 1)]));
        assert_eq!(shares(6, &["a", "b"]), of(&[("a", 3), ("b", 3)]));
    }

    #[test]
    fn what_cannot_be_spread_is_told_at_its_argument() {
        let at = |result: Result<Value, FunctionError>| result.unwrap_err().argument;
        for count in [0, -1] {
            assert_eq!(at(call(Value::from(count), &["a"])), Some(0));
        }
        assert_eq!(at(call(Value::from(3), &[])), Some(1));
        assert_eq!(at(call(Value::from(3), &["a", "b", "a"])), Some(1));
        assert_eq!(at(call(Value::from(3), &[""])), Some(1));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_zone_is_favoured(count in 1_i64..5_000, zones in 1_usize..40) {
            let shares: Vec<i64> = spread(count, zones).collect();
            prop_assert_eq!(shares.len(), zones);
            prop_assert_eq!(shares.iter().sum::<i64>(), count);
            prop_assert!(shares.is_sorted_by(|a, b| a >= b));
            prop_assert!(shares[0] - shares[zones - 1] <= 1);
        }
    }
}
