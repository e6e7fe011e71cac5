//! Prints how long large values take on the wire, in sets and in comparisons.
//! Nothing is asserted.
//!
//! `cargo bench --bench codec`

// Figures go to standard output; a bench that cannot run says why and ends.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use terraform_provider_modelarts::tf::codec::json::{self, Mode};
use terraform_provider_modelarts::tf::codec::msgpack;
use terraform_provider_modelarts::tf::ty::Type;
use terraform_provider_modelarts::tf::value::Value;

/// The best of several: what else the machine does can only add.
const ROUNDS: usize = 7;

fn main() {
    println!("best of {ROUNDS}, in ms         read    write     JSON");
    wire("a million strings", &strings(1_000_000), &Type::list(Type::String));
    wire("a million numbers", &numbers(1_000_000), &Type::list(Type::Number));
    let (objects, ty) = objects(20_000);
    wire("20,000 objects", &objects, &ty);
    wire("a map of 200,000", &map(200_000), &Type::map(Type::String));
    let (pools, ty) = pools(1_000);
    wire("1,000 objects of a pool's size", &pools, &ty);
    each("1,000 such objects, one by one", &pools, &ty);
    println!();
    println!("best of {ROUNDS}, in ms         make    equal    mixed");
    let of = |value: &Value| value.elements().unwrap().to_vec();
    sets("a set of 100,000 strings", &of(&strings(100_000)));
    sets("a set of 20,000 objects", &of(&objects));
    let strings = of(&strings(100_000));
    let inner: Vec<_> = strings.chunks(10).map(|ten| Value::set(ten.to_vec())).collect();
    sets("10,000 sets of 10 strings", &inner);
}

fn wire(name: &str, value: &Value, ty: &Type) {
    let bytes = msgpack::encode(value, ty).unwrap();
    let text = json::encode(value, ty).unwrap().to_string().into_bytes();
    let read = time(|| msgpack::decode(black_box(&bytes), ty).unwrap());
    let write = time(|| msgpack::encode(black_box(value), ty).unwrap());
    let json = time(|| json::decode(black_box(&text), ty, Mode::Strict).unwrap());
    show(name, [read, write, json]);
    assert_eq!(msgpack::decode(&bytes, ty).as_ref(), Ok(value));
}

/// As [`wire`], with a call for each element.
fn each(name: &str, value: &Value, ty: &Type) {
    let (elements, Type::List(ty)) = (value.elements().unwrap(), ty) else { return };
    let bytes: Vec<_> = elements.iter().map(|e| msgpack::encode(e, ty).unwrap()).collect();
    let texts: Vec<_> =
        elements.iter().map(|e| json::encode(e, ty).unwrap().to_string().into_bytes()).collect();
    let read = time(|| bytes.iter().for_each(|b| drop(black_box(msgpack::decode(b, ty)))));
    let write = time(|| elements.iter().for_each(|e| drop(black_box(msgpack::encode(e, ty)))));
    let read_json = |t: &Vec<u8>| drop(black_box(json::decode(t, ty, Mode::Strict)));
    let json = time(|| texts.iter().for_each(read_json));
    show(name, [read, write, json]);
}

fn sets(name: &str, elements: &[Value]) {
    // A stride that has no divisor in common with any count here.
    let all = 0..elements.len();
    let mixed = all.map(|index| elements[index * 7919 % elements.len()].clone());
    let (set, same, mixed) =
        (Value::set(elements.to_vec()), Value::Set(elements.to_vec()), Value::set(mixed));
    assert_eq!(mixed, set);
    let copies = elements.to_vec();
    let make = time_with(|| copies.clone(), Value::set);
    let equal = time(|| black_box(&set) == black_box(&same));
    let mixed = time(|| black_box(&set) == black_box(&mixed));
    show(name, [make, equal, mixed]);
}

fn show(name: &str, times: [Duration; 3]) {
    let [a, b, c] = times.map(|time| time.as_secs_f64() * 1e3);
    println!("{name:30} {a:8.1} {b:8.1} {c:8.1}");
}

fn time<T>(act: impl Fn() -> T) -> Duration {
    time_with(|| (), |()| act())
}

/// The time without what comes before and without dropping the outcome.
fn time_with<T, U>(before: impl Fn() -> U, act: impl Fn(U) -> T) -> Duration {
    let round = || {
        let given = before();
        let began = Instant::now();
        let outcome = act(given);
        let time = began.elapsed();
        drop(black_box(outcome));
        time
    };
    (0..ROUNDS).map(|_| round()).min().unwrap_or_default()
}

fn strings(count: i64) -> Value {
    Value::List((0..count).map(|n| Value::from(format!("node-{n:07}"))).collect())
}

fn numbers(count: i64) -> Value {
    Value::List((0..count).map(|n| Value::from(n * 37)).collect())
}

fn map(count: i64) -> Value {
    Value::map((0..count).map(|n| (format!("key-{n:07}"), Value::from("value"))))
}

fn objects(count: i64) -> (Value, Type) {
    let ty = Type::object([
        ("id", Type::String),
        ("name", Type::String),
        ("size", Type::Number),
        ("ready", Type::Bool),
        ("labels", Type::map(Type::String)),
        ("zones", Type::list(Type::object([("az", Type::String), ("count", Type::Number)]))),
    ]);
    let object = |n: i64| {
        Value::object([
            ("id", Value::from(format!("0f9c2d54-7e7a-4c1e-9f0b-{n:012}"))),
            ("name", Value::from(format!("object-{n}"))),
            ("size", Value::from(n)),
            ("ready", Value::from(n % 2 == 0)),
            ("labels", Value::map([("team", Value::from("a")), ("cost", Value::from("b"))])),
            (
                "zones",
                Value::List(vec![
                    Value::object([("az", Value::from("az1")), ("count", Value::from(1))]),
                    Value::object([("az", Value::from("az2")), ("count", Value::from(2))]),
                ]),
            ),
        ])
    };
    (Value::List((0..count).map(object).collect()), Type::list(ty))
}

/// Objects of 40 attributes with ten entries of 20.
fn pools(count: i64) -> (Value, Type) {
    let names = |count: usize| (0..count).map(|n| format!("attribute_{n:02}"));
    let entry = Type::object(names(20).map(|name| (name, Type::String)));
    let mut members: Vec<_> = names(40).map(|name| (name, Type::String)).collect();
    members.push(("resources".to_owned(), Type::list(entry)));
    let text = |name: &String| Value::from(format!("value of {name}"));
    let entry = Value::object(names(20).map(|name| (name.clone(), text(&name))));
    let mut values: Vec<_> = names(40).map(|name| (name.clone(), text(&name))).collect();
    values.push(("resources".to_owned(), Value::List(vec![entry; 10])));
    let pool = Value::object(values);
    let pools = (0..count).map(|_| pool.clone()).collect();
    (Value::List(pools), Type::list(Type::object(members)))
}
