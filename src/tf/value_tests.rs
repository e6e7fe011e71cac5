use super::*;

#[test]
fn sets_are_equal_whatever_their_order_and_from_either_side() {
    let set = |items: &[Value]| Value::Set(items.to_vec());
    let (a, b) = (Value::from("a"), Value::from("b"));
    assert_eq!(set(&[a.clone(), b.clone()]), set(&[b.clone(), a.clone()]));
    let inner = [set(&[a.clone(), b.clone()]), set(&[b.clone(), a.clone()])];
    assert_eq!(Value::set(inner).elements().map(<[Value]>::len), Some(1));
    let unknowns = set(&[Value::UNKNOWN, Value::UNKNOWN]);
    let one_known = set(&[Value::UNKNOWN, a]);
    assert_ne!(unknowns, one_known);
    assert_ne!(one_known, unknowns);
}

#[test]
fn sets_count_the_elements_that_hold_unknowns() {
    let element = |text: &str| Value::object([("a", Value::from(text)), ("b", Value::UNKNOWN)]);
    let set = |texts: &[&str]| Value::set(texts.iter().map(|text| element(text)));
    assert_eq!(set(&["x", "x", "y"]), set(&["y", "x", "x"]));
    assert_ne!(set(&["x", "x", "y"]), set(&["x", "y", "y"]));
    assert_ne!(set(&["x", "x"]), set(&["x"]));
}

#[test]
fn equal_values_have_one_hash() {
    let hash = |value: &Value| {
        let mut hasher = std::hash::DefaultHasher::new();
        value.hash(&mut hasher);
        hasher.finish()
    };
    let set = |items: [&str; 3]| Value::set(items.map(Value::from));
    let nested = |items: [Value; 2]| Value::set(items);
    let number = |text| Number::parse(text).map(Value::Number).unwrap();
    let (abc, cab, abd) = (set(["a", "b", "c"]), set(["c", "a", "b"]), set(["a", "b", "d"]));
    for (one, other) in [
        (abc.clone(), cab.clone()),
        (nested([abc.clone(), abd.clone()]), nested([abd.clone(), cab])),
        (number("1"), number("1.0")),
        (number("0.5"), number("5e-1")),
        (number("1e40"), number("10e39")),
        (Value::UNKNOWN, Value::UNKNOWN_NOT_NULL),
    ] {
        assert_eq!(one, other);
        assert_eq!(hash(&one), hash(&other));
    }
    assert_ne!(hash(&abc), hash(&abd));
}

#[test]
fn sets_of_sets_are_compared_in_time_that_grows_with_their_size() {
    // What compares the inner set twice at each of the 30 levels would take
    // a billion times as long as what compares it once.
    let of = |turned: bool| {
        (0..30).fold(Value::set([]), |inner, level| {
            let (a, b) = (Value::from(level), Value::from("x"));
            Value::set(if turned { [inner, b, a] } else { [inner, a, b] })
        })
    };
    assert_eq!(of(false), of(true));
    let mut other = of(true);
    if let Value::Set(elements) = &mut other {
        elements.push(Value::Null);
    }
    assert_ne!(of(false), other);
}

#[test]
fn a_null_or_unknown_that_brings_its_type_along_is_one() {
    let typed = |value| Value::Dynamic(Box::new((Type::String, value)));
    assert!(typed(Value::Null).is_null());
    assert_ne!(typed(Value::Null), Value::Null);
    assert!(typed(Value::UNKNOWN).is_unknown());
    assert!(!typed(Value::from("x")).is_null());
    let ty = Type::object([("a", Type::String)]);
    let object = Value::Dynamic(Box::new((ty, Value::object([("a", Value::from("x"))]))));
    assert_eq!(object.at(&Path::of("a")), Some(&Value::from("x")));
}

#[test]
fn elements_of_sets_that_look_alike_are_told_apart() {
    let different = [
        Value::Null,
        Value::from(true),
        Value::from(""),
        Value::from("1"),
        Value::from(1),
        Value::List(vec![]),
        Value::Set(vec![]),
        Value::map([("a", Value::from("bc"))]),
        Value::map([("ab", Value::from("c"))]),
        Value::object([("a", Value::from("bc"))]),
        Value::List(vec![Value::from("ab"), Value::from("c")]),
        Value::List(vec![Value::from("a"), Value::from("bc")]),
    ];
    let count = different.len();
    assert_eq!(Value::set(different).elements().map(<[Value]>::len), Some(count));
    let one = |text| Number::parse(text).map(Value::Number).unwrap();
    assert_eq!(Value::set([one("1"), one("1.0")]).elements().map(<[Value]>::len), Some(1));
}
