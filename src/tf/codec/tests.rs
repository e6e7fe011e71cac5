use super::*;
use crate::tf::number::Number;
use crate::tf::value::Refinement;
use proptest::prelude::*;

/// A type together with a value of it.
fn typed() -> impl Strategy<Value = (Type, Value)> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(|truth| (Type::Bool, Value::Bool(truth))),
        "\\PC{0,8}".prop_map(|text| (Type::String, Value::String(nfc(&text).into_owned()))),
        any::<i64>().prop_map(|n| (Type::Number, n.into())),
        any::<u64>().prop_map(|n| (Type::Number, Value::Number(n.into()))),
        "-?[0-9]{1,30}\\.[0-9]{1,20}"
            .prop_map(|text| (Type::Number, Value::Number(Number::parse(&text).unwrap()))),
        any::<f64>()
            .prop_filter("finite", |float| float.is_finite()
                && float.abs() < 1e100
                && (float.abs() > 1e-100 || *float == 0.0))
            .prop_map(|float| (Type::Number, Value::Number(Number::from_f64(float).unwrap()))),
        Just((Type::String, Value::Null)),
        any::<bool>()
            .prop_map(|not_null| { (Type::Number, Value::Unknown(Refinement { not_null })) }),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|(ty, v)| (Type::list(ty), Value::List(vec![v.clone(), v]))),
            inner.clone().prop_map(|(ty, v)| (Type::set(ty), Value::set([v]))),
            ("[a-z]{0,3}", inner.clone())
                .prop_map(|(key, (ty, v))| (Type::map(ty), Value::map([(key, v)]))),
            proptest::collection::btree_map("[a-z]{1,3}", inner.clone(), 0..4).prop_map(|all| {
                let types = all.iter().map(|(name, (ty, _))| (name.clone(), ty.clone()));
                let ty = Type::object(types);
                (ty, Value::object(all.into_iter().map(|(name, (_, value))| (name, value))))
            }),
            proptest::collection::vec(inner.clone(), 0..3).prop_map(|all| {
                let (types, values) = all.into_iter().unzip();
                (Type::Tuple(types), Value::List(values))
            }),
            inner
                .prop_filter("any type is none", |(ty, _)| *ty != Type::Dynamic)
                .prop_map(|pair| (Type::Dynamic, Value::Dynamic(Box::new(pair)))),
        ]
    })
}

proptest! {
    #[test]
    fn every_value_survives_msgpack((ty, value) in typed()) {
        let bytes = msgpack::encode(&value, &ty).unwrap();
        prop_assert_eq!(msgpack::decode(&bytes, &ty).unwrap(), value);
    }

    #[test]
    fn every_known_value_survives_json((ty, value) in typed()) {
        prop_assume!(value.is_wholly_known());
        let text = serde_json::to_vec(&json::encode(&value, &ty).unwrap()).unwrap();
        prop_assert_eq!(json::decode(&text, &ty, json::Mode::Strict).unwrap(), value);
    }

    #[test]
    fn no_bytes_make_it_panic((ty, _) in typed(), bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = msgpack::decode(&bytes, &ty);
        let _ = json::decode(&bytes, &ty, json::Mode::Tolerant);
        let _ = Type::parse(&bytes);
    }

    #[test]
    fn truncated_bytes_are_refused((ty, value) in typed()) {
        let bytes = msgpack::encode(&value, &ty).unwrap();
        prop_assert!(msgpack::decode(&bytes[..bytes.len() - 1], &ty).is_err());
    }

    #[test]
    fn types_survive_their_notation((ty, _) in typed()) {
        prop_assert_eq!(Type::parse(ty.to_json().to_string().as_bytes()).unwrap(), ty);
    }
}

fn number(bytes: &[u8]) -> Value {
    msgpack::decode(bytes, &Type::Number).unwrap()
}

#[test]
fn every_form_of_a_number_is_read() {
    for bytes in [
        &[0x05][..],
        &[0xcc, 5],
        &[0xcd, 0, 5],
        &[0xce, 0, 0, 0, 5],
        &[0xcf, 0, 0, 0, 0, 0, 0, 0, 5],
        &[0xd0, 5],
        &[0xd1, 0, 5],
        &[0xd2, 0, 0, 0, 5],
        &[0xd3, 0, 0, 0, 0, 0, 0, 0, 5],
        &[0xca, 0x40, 0xa0, 0, 0],
        &[0xcb, 0x40, 0x14, 0, 0, 0, 0, 0, 0],
        &[0xa1, b'5'],
        &[0xa3, b'5', b'.', b'0'],
    ] {
        assert_eq!(number(bytes), Value::from(5), "{bytes:?}");
    }
    assert!(msgpack::decode(&[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], &Type::Number).is_err());
}

#[test]
fn any_extension_is_unknown_and_refinements_are_read() {
    for bytes in [&[0xd4, 0, 0][..], &[0xd4, 99, 7], &[0xc7, 3, 12, 0x81, 9, 0xc2]] {
        let value = msgpack::decode(bytes, &Type::String).unwrap();
        assert!(matches!(value, Value::Unknown(promise) if !promise.not_null), "{bytes:?}");
    }
    let refined = [0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2];
    let value = msgpack::decode(&refined, &Type::String).unwrap();
    assert!(matches!(value, Value::Unknown(promise) if promise.not_null));
    assert_eq!(msgpack::encode(&Value::UNKNOWN_NOT_NULL, &Type::String).unwrap(), refined);
    assert_eq!(msgpack::encode(&Value::UNKNOWN, &Type::String).unwrap(), [0xd4, 0, 0]);
}

#[test]
fn an_object_has_exactly_its_attributes_and_the_error_names_the_other() {
    let ty = Type::object([("a", Type::String), ("b", Type::list(Type::Number))]);
    let of = |pairs: &[(&str, Value)], ty: &Type| {
        msgpack::encode(&Value::object(pairs.iter().map(|(k, v)| (*k, v.clone()))), ty).unwrap()
    };
    let small = Type::object([("a", Type::String)]);
    let error = msgpack::decode(&of(&[("a", "x".into())], &small), &ty).unwrap_err();
    assert!(error.to_string().contains("\"b\" is missing"), "{error}");
    let error = msgpack::decode(&of(&[("a", "x".into()), ("b", Value::Null)], &ty), &small);
    assert!(error.unwrap_err().to_string().contains("no attribute \"b\""));
}

#[test]
fn a_wrong_type_is_refused_with_its_path() {
    let item = Type::object([("count", Type::Number)]);
    let wrong = Type::object([("count", Type::Bool)]);
    let value = Value::List(vec![Value::object([("count", Value::Bool(true))])]);
    let bytes = msgpack::encode(&value, &Type::list(wrong)).unwrap();
    let error = msgpack::decode(&bytes, &Type::list(item)).unwrap_err();
    assert_eq!(error.to_string(), "[0].count: number expected, found a bool");
}

#[test]
fn nesting_is_bounded_instead_of_exhausting_the_stack() {
    let mut bytes = vec![0x91; 10_000];
    bytes.push(0xc0);
    let mut ty = Type::String;
    for _ in 0..10_000 {
        ty = Type::list(ty);
    }
    assert!(msgpack::decode(&bytes, &ty).is_err());
    // Dropping a type of this depth would need that much stack itself.
    std::mem::forget(ty);
}

#[test]
fn a_claimed_length_reserves_nothing() {
    let bytes = [0xdd, 0xff, 0xff, 0xff, 0xff];
    assert!(msgpack::decode(&bytes, &Type::list(Type::String)).is_err());
    let bytes = [0xdb, 0xff, 0xff, 0xff, 0xff];
    assert!(msgpack::decode(&bytes, &Type::String).is_err());
}

#[test]
fn texts_are_normalised_and_sets_have_no_duplicates() {
    let decomposed = "e\u{301}";
    let bytes = msgpack::encode(
        &Value::List(vec![decomposed.into(), "\u{e9}".into()]),
        &Type::list(Type::String),
    )
    .unwrap();
    let set = msgpack::decode(&bytes, &Type::set(Type::String)).unwrap();
    assert_eq!(set.elements().map(<[Value]>::len), Some(1));
}

#[test]
fn a_state_of_another_schema_is_read_tolerantly() {
    let ty = Type::object([("a", Type::String), ("b", Type::Bool)]);
    let text = br#"{"a":"x","old":[1]}"#;
    let value = json::decode(text, &ty, json::Mode::Tolerant).unwrap();
    assert_eq!(value, Value::object([("a", Value::from("x")), ("b", Value::Null)]));
    assert!(json::decode(text, &ty, json::Mode::Strict).is_err());
}

#[test]
fn nothing_at_all_is_null_and_json_stands_in_for_msgpack() {
    assert_eq!(decode_dynamic(&[], &[], &Type::String), Ok(Value::Null));
    assert_eq!(decode_dynamic(&[], b"\"x\"", &Type::String), Ok("x".into()));
    assert_eq!(decode_dynamic(&[0xa1, b'y'], b"\"x\"", &Type::String), Ok("y".into()));
}

#[test]
fn elements_of_a_set_that_hold_unknowns_all_stay() {
    let ty = Type::set(Type::object([("az", Type::String)]));
    let element = || Value::object([("az", Value::UNKNOWN)]);
    let bytes = msgpack::encode(
        &Value::List(vec![element(), element()]),
        &Type::list(Type::object([("az", Type::String)])),
    )
    .unwrap();
    let set = msgpack::decode(&bytes, &ty).unwrap();
    assert_eq!(set.elements().map(<[Value]>::len), Some(2));
}

#[test]
fn names_of_attributes_are_one_however_their_letters_are_composed() {
    let json = "{\"type\":[\"object\",{\"e\u{301}\":\"string\"}],\"value\":{\"e\u{301}\":\"x\"}}";
    let value = json::decode(json.as_bytes(), &Type::Dynamic, json::Mode::Strict).unwrap();
    let bytes = msgpack::encode(&value, &Type::Dynamic).unwrap();
    assert_eq!(msgpack::decode(&bytes, &Type::Dynamic), Ok(value.clone()));
    let Value::Dynamic(pair) = value else { panic!("{value:?}") };
    assert_eq!(pair.1.get("\u{e9}"), &Value::from("x"));
}

#[test]
fn numbers_in_json_keep_every_digit() {
    let decoded = |text: &str| json::decode(text.as_bytes(), &Type::Number, json::Mode::Strict);
    for text in [
        "12345678901234567890123",
        "1e400",
        "-0.1000000000000000055511151231257827021181583404541015625",
        "9007199254740993",
        "18446744073709551616",
    ] {
        let exact = Number::parse(text).map(Value::Number).unwrap();
        assert_eq!(decoded(text), Ok(exact.clone()));
        assert_eq!(decoded(&format!(" \"{text}\" ")), Ok(exact.clone()));
        let written = json::encode(&exact, &Type::Number).unwrap().to_string();
        assert_eq!(decoded(&written), Ok(exact));
    }
    assert_eq!(decoded("null"), Ok(Value::Null));
    for text in ["1e9999", "1_000", "\"1_000\"", "\"\"", "\"\\ud800\"", "1 2", "01", "-", ""] {
        assert!(decoded(text).is_err(), "{text}");
    }
}

#[test]
fn json_of_another_kind_is_refused_with_its_path() {
    let ty = Type::object([
        ("list", Type::list(Type::object([("n", Type::Number)]))),
        ("map", Type::map(Type::Bool)),
        ("set", Type::set(Type::list(Type::String))),
        ("pair", Type::Tuple(vec![Type::String, Type::Bool])),
        ("any", Type::Dynamic),
    ]);
    for (text, error) in [
        (r#"{"list":[{"n":1},{"n":true}]}"#, "list[1].n: number expected, found a bool"),
        (r#"{"list":[{"n":[]}]}"#, "list[0].n: number expected, found an array"),
        (r#"{"list":[{"n":{}}]}"#, "list[0].n: number expected, found an object"),
        (r#"{"list":[{"n":"x"}]}"#, "list[0].n: the text is not a number"),
        (r#"{"map":{"a":true,"b":"x"}}"#, "map[\"b\"]: bool expected, found a string"),
        (r#"{"map":[]}"#, "map: map expected, found an array"),
        (r#"{"set":[["a"],[1]]}"#, "set: element [1][0]: string expected, found a number"),
        (r#"{"set":[["a"],[0.5]]}"#, "set: element [1][0]: string expected, found a number"),
        (r#"{"pair":["a"]}"#, "pair: 2 elements expected, found 1"),
        (r#"{"pair":["a",true,1,2]}"#, "pair: 2 elements expected, found 4"),
        (r#"{"pair":["a",-1]}"#, "pair[1]: bool expected, found a number"),
        (r#"{"any":{"value":1}}"#, "any: any type expected, found an object"),
        (r#"{"any":"x"}"#, "any: any type expected, found a string"),
        (
            r#"{"any":{"value":[true],"type":["list","string"]}}"#,
            "any[0]: string expected, found a bool",
        ),
        (r#"[]"#, "object expected, found an array"),
    ] {
        let refused = json::decode(text.as_bytes(), &ty, json::Mode::Tolerant).unwrap_err();
        assert_eq!(refused.to_string(), error, "{text}");
    }
    let depth = "[".repeat(200);
    let refused = json::decode(depth.as_bytes(), &Type::list(Type::Bool), json::Mode::Strict);
    assert!(refused.is_err());
}

#[test]
fn an_error_does_not_repeat_the_text_that_it_refuses() {
    let secret = "hunter2";
    let types = [
        Type::Bool,
        Type::Number,
        Type::list(Type::String),
        Type::map(Type::String),
        Type::object([("a", Type::String)]),
        Type::Tuple(vec![]),
        Type::Dynamic,
    ];
    let bytes = msgpack::encode(&secret.into(), &Type::String).unwrap();
    let broken = ["\"hunter2\"", "\"hunter2", "[\"hunter2\",", "{\"a\":\"hunter2\"", "hunter2"];
    for ty in types {
        let errors = broken
            .iter()
            .filter_map(|text| json::decode(text.as_bytes(), &ty, json::Mode::Strict).err())
            .chain(msgpack::decode(&bytes, &ty).err())
            .chain(msgpack::encode(&secret.into(), &ty).err())
            .chain(json::encode(&secret.into(), &ty).err());
        for error in errors {
            assert!(!error.to_string().contains(secret), "{error}");
        }
    }
}

#[test]
fn attributes_may_come_in_any_order_but_once() {
    let ty = Type::object([("a", Type::Number), ("b", Type::Number), ("c", Type::Number)]);
    let expected = Value::object([("a", 1), ("b", 2), ("c", 3)].map(|(k, n)| (k, Value::from(n))));
    let packed = |names: &str| {
        let mut bytes = vec![0x80 | names.len() as u8];
        names.bytes().for_each(|name| bytes.extend([0xa1, name, name - b'a' + 1]));
        msgpack::decode(&bytes, &ty)
    };
    let text = |names: &str, mode| {
        let pairs: Vec<_> =
            names.bytes().map(|b| format!("\"{}\":{}", char::from(b), b - b'a' + 1)).collect();
        json::decode(format!("{{{}}}", pairs.join(",")).as_bytes(), &ty, mode)
    };
    for names in ["abc", "cba", "bac", "cab"] {
        assert_eq!(packed(names).as_ref(), Ok(&expected), "{names}");
        assert_eq!(text(names, json::Mode::Strict).as_ref(), Ok(&expected), "{names}");
        assert_eq!(text(names, json::Mode::Tolerant).as_ref(), Ok(&expected), "{names}");
    }
    for (names, error) in [
        ("abbc", "an attribute is there twice"),
        ("abb", "an attribute is there twice"),
        ("ac", "attribute \"b\" is missing"),
        ("abcd", "there is no attribute \"d\""),
        ("abd", "there is no attribute \"d\""),
    ] {
        assert_eq!(packed(names).unwrap_err().to_string(), error, "{names}");
        assert_eq!(text(names, json::Mode::Strict).unwrap_err().to_string(), error, "{names}");
        assert!(text(names, json::Mode::Tolerant).is_ok(), "{names}");
    }
    let other = Value::object([("a", 1), ("b", 2), ("d", 3)].map(|(k, n)| (k, Value::from(n))));
    let error = msgpack::encode(&other, &ty).unwrap_err();
    assert_eq!(error.to_string(), "attribute \"c\" is missing");
}

#[test]
fn a_null_of_any_type_keeps_its_type() {
    let ty = Type::object([("any", Type::Dynamic)]);
    let null = Value::Dynamic(Box::new((Type::list(Type::String), Value::Null)));
    let value = Value::object([("any", null)]);
    let bytes = msgpack::encode(&value, &ty).unwrap();
    assert_eq!(msgpack::decode(&bytes, &ty).as_ref(), Ok(&value));
    let text = json::encode(&value, &ty).unwrap().to_string();
    assert_eq!(json::decode(text.as_bytes(), &ty, json::Mode::Strict).as_ref(), Ok(&value));
    let untyped = Value::object([("any", Value::Null)]);
    let bytes = msgpack::encode(&untyped, &ty).unwrap();
    assert_eq!(msgpack::decode(&bytes, &ty), Ok(untyped.clone()));
    assert_ne!(value, untyped);
    // "Any type" is no type that a value could have.
    let bytes = b"\x92\xc4\x09\"dynamic\"\xc0";
    assert_eq!(msgpack::decode(bytes, &Type::Dynamic), Ok(Value::Null));
}

#[test]
fn the_place_of_an_error_is_told_from_the_outside_in() {
    let ty = |inner| {
        let object = Type::object([("tags", Type::map(Type::Tuple(vec![Type::Bool, inner])))]);
        Type::object([("items", Type::list(object))])
    };
    let value = Value::object([(
        "items",
        Value::List(vec![Value::object([(
            "tags",
            Value::map([("k", Value::List(vec![true.into(), "x".into()]))]),
        )])]),
    )]);
    let bytes = msgpack::encode(&value, &ty(Type::String)).unwrap();
    let read = msgpack::decode(&bytes, &ty(Type::Bool)).unwrap_err();
    let written = msgpack::encode(&value, &ty(Type::Bool)).unwrap_err();
    let as_json = json::encode(&value, &ty(Type::Bool)).unwrap_err();
    for error in [read, written, as_json] {
        assert_eq!(error.to_string(), "items[0].tags[\"k\"][1]: bool expected, found a string");
    }
}

#[test]
fn a_value_that_stands_before_its_type_is_read_in_bounded_depth() {
    let levels = 3_000;
    let text =
        format!("{}null{}", "{\"value\":".repeat(levels), ",\"type\":\"dynamic\"}".repeat(levels));
    let error = json::decode(text.as_bytes(), &Type::Dynamic, json::Mode::Strict).unwrap_err();
    assert_eq!(error.to_string(), "the value is nested too deep");
}

#[test]
fn of_two_entries_with_one_key_the_last_one_counts() {
    let ty = Type::map(Type::Number);
    let last = Value::map([("a", Value::from(3)), ("b", Value::from(2))]);
    let bytes = b"\x83\xa1a\x01\xa1b\x02\xa1a\x03";
    assert_eq!(msgpack::decode(bytes, &ty).as_ref(), Ok(&last));
    let text = br#"{"a":1,"b":2,"a":3}"#;
    assert_eq!(json::decode(text, &ty, json::Mode::Strict), Ok(last));
}
