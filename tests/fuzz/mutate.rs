//! Changes to bytes, and to the tree of an input that is JSON.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value as Json, json};

/// Longest input; parsers that are quadratic show long before.
const LONGEST: usize = 64 << 10;

/// Bytes that mean something to one of the parsers.
const WORDS: &[&[u8]] = &[
    b"\xc0",
    b"\xc1",
    b"\xd4\x00\x00",
    b"\xc7\x03\x0c\x81\x01\xc2",
    b"\xc7\xff\x0c",
    b"\xc9\xff\xff\xff\xff\x0c",
    b"\xdd\xff\xff\xff\xff",
    b"\xdc\xff\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\xdb\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
    b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00",
    b"\xcb\x00\x00\x00\x00\x00\x00\x00\x01",
    b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xd3\x80\x00\x00\x00\x00\x00\x00\x00",
    b"\xb51e9223372036854775808",
    b"\xb61e-9223372036854775807",
    b"\xa61e1000",
    b"\x92\xc4\x09\"dynamic\"",
    b"\x92\xc4\x08\"string\"",
    b"\x92\xc4\x11[\"list\",\"number\"]",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"e\xcc\x81",
    b"\xf0\x9f\x92\xa9",
    b"\xff",
    b"\x00",
    b"\r\n",
    b"1e400",
    b"-1",
    b"99999999999999999999",
    b"9223372036854775807",
    b"0.1",
    b"/33",
    b"Gi",
    b"%",
    b"://",
];

/// One change. What the numbers mean depends on the input; all are taken
/// modulo whatever there is.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    kind: u8,
    at: u32,
    what: u32,
    more: u16,
}

impl Arbitrary for Change {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        (any::<u8>(), any::<u32>(), any::<u32>(), any::<u16>())
            .prop_map(|(kind, at, what, more)| Self { kind, at, what, more })
            .boxed()
    }
}

/// The seeds, and what can be taken from them.
pub struct Corpus {
    seeds: Vec<Vec<u8>>,
    trees: Vec<Json>,
}

impl Corpus {
    pub fn new(seeds: Vec<Vec<u8>>) -> Self {
        let trees = seeds.iter().filter_map(|seed| parts(seed).1).collect();
        Self { seeds, trees }
    }

    pub fn tampered(&self, seed: Index, changes: &[Change]) -> Vec<u8> {
        let mut bytes = seed.get(&self.seeds).clone();
        for change in changes {
            // Most changes of a tree should leave a tree behind.
            if change.kind < 170
                && let (head, Some(mut tree)) = parts(&bytes)
            {
                let mut changed = head.to_vec();
                self.change_tree(&mut tree, *change);
                changed.extend(tree.to_string().into_bytes());
                bytes = changed;
            } else {
                self.change_bytes(&mut bytes, *change);
            }
        }
        bytes.truncate(LONGEST);
        bytes
    }

    fn change_bytes(&self, bytes: &mut Vec<u8>, change: Change) {
        let at = change.at as usize % (bytes.len() + 1);
        let what = change.what as usize;
        let end = (at + change.more as usize % 32).min(bytes.len());
        match change.kind % 8 {
            0 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (what % 8);
                }
            }
            1 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = (what % 256) as u8;
                }
            }
            2 => drop(bytes.drain(at..end)),
            3 => {
                let part = bytes[at..end].to_vec();
                let times = 1 + what % 40;
                bytes.splice(at..at, part.repeat(times));
            }
            4 => drop(bytes.splice(at..at, WORDS[what % WORDS.len()].iter().copied())),
            5 => drop(bytes.splice(at..end, WORDS[what % WORDS.len()].iter().copied())),
            6 => {
                let other = &self.seeds[what % self.seeds.len()];
                let from = change.more as usize % (other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ => bytes.truncate(at),
        }
    }

    fn change_tree(&self, tree: &mut Json, change: Change) {
        let place = change.at as usize % size(tree);
        let what = change.what as usize;
        let Some(node) = nth(tree, &mut { place }) else { return };
        match change.kind % 10 {
            0..=2 => *node = odd(what),
            3 => {
                let other = self.trees.get(what % self.trees.len().max(1)).cloned();
                let mut other = other.unwrap_or_default();
                let place = change.more as usize % size(&other);
                *node = nth(&mut other, &mut { place }).cloned().unwrap_or_default();
            }
            4 => *node = json!([node.clone()]),
            5 => *node = json!({ key(what): node.clone() }),
            6 => *node = Json::String(node.to_string()),
            7 => {
                let depth = change.more % 140;
                for _ in 0..depth {
                    let inner = node.take();
                    *node =
                        if what.is_multiple_of(2) { json!([inner]) } else { json!({ "a": inner }) };
                }
            }
            8 => match node {
                Json::Object(map) if !map.is_empty() => {
                    let name = map.keys().nth(what % map.len()).cloned().unwrap();
                    let value = map.remove(&name).unwrap();
                    if change.more.is_multiple_of(2) {
                        map.insert(key(change.more as usize), value);
                    }
                }
                Json::Array(items) if !items.is_empty() => drop(items.remove(what % items.len())),
                Json::String(text) => text.push_str(&odd(what).to_string()),
                other => *other = Json::Null,
            },
            _ => match node {
                Json::Array(items) if !items.is_empty() => {
                    let item = items[what % items.len()].clone();
                    items.extend(vec![item; change.more as usize % 60]);
                }
                Json::Object(map) => drop(map.insert(key(what), odd(change.more as usize))),
                other => *other = odd(what),
            },
        }
    }
}

/// What stands before the tree of an input, and the tree. Some inputs have
/// lines of another kind in front.
fn parts(bytes: &[u8]) -> (&[u8], Option<Json>) {
    let begin = match bytes.iter().position(|byte| matches!(byte, b'{' | b'[')) {
        Some(begin) if begin == 0 || bytes[begin - 1] == b'\n' => begin,
        _ => return (bytes, None),
    };
    let (head, tree) = bytes.split_at(begin);
    (head, serde_json::from_slice(tree).ok())
}

fn size(tree: &Json) -> usize {
    1 + match tree {
        Json::Array(items) => items.iter().map(size).sum(),
        Json::Object(map) => map.values().map(size).sum::<usize>(),
        _ => 0,
    }
}

fn nth<'t>(tree: &'t mut Json, left: &mut usize) -> Option<&'t mut Json> {
    if *left == 0 {
        return Some(tree);
    }
    *left -= 1;
    match tree {
        Json::Array(items) => items.iter_mut().find_map(|item| nth(item, left)),
        Json::Object(map) => map.values_mut().find_map(|value| nth(value, left)),
        _ => None,
    }
}

fn key(what: usize) -> String {
    let keys = [
        "",
        "name",
        "value",
        "type",
        "items",
        "metadata",
        "a.b/c",
        "é",
        "e\u{301}",
        "$serde_json::private::RawValue",
        "$serde_json::private::Number",
    ];
    keys[what % keys.len()].to_owned()
}

/// Values that are seldom thought of.
fn odd(what: usize) -> Json {
    let odd = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(2.0),
        json!(1e308),
        json!(5e-324),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(""),
        json!(" "),
        json!("0"),
        json!("-1"),
        json!("true"),
        json!("NaN"),
        json!("inf"),
        json!("1e308"),
        json!("1e1000"),
        json!("1e9223372036854775808"),
        json!("1e-9223372036854775807"),
        json!("9223372036854775807"),
        json!("0.1"),
        json!("é e\u{301} \u{1100}\u{1161}"),
        json!("\u{0}\u{1b}[31m\r\n"),
        json!("\u{301}".repeat(300)),
        json!("x".repeat(5000)),
        json!([]),
        json!({}),
        json!([null]),
        json!([[], {}]),
        json!({ "": null }),
        json!({ "type": "string", "value": "x" }),
        json!({ "type": ["list", "dynamic"], "value": [] }),
        json!({ "$serde_json::private::RawValue": "[[1]]" }),
        json!({ "$serde_json::private::Number": "1e5" }),
        json!("100Gi"),
        json!("9223372036854775807Gi"),
        json!("9007199254740993Ti"),
        json!("10.0.0.0/8"),
        json!("0.0.0.0/0"),
        json!("10.0.0.1/33"),
        json!("::/0"),
        json!("1h"),
        json!("-20m"),
        json!("never"),
        json!("9223372036854775807s"),
        json!("9223372036854775s"),
        json!("99999999999999999999d"),
        json!("1.7976931348623157e308h"),
        json!("../../x"),
        json!("name:x"),
        json!("2024-01-02T03:04:05Z"),
        json!("-009999-01-01T00:00:00Z"),
        json!("https://[::1]:99999/"),
        json!("http://127.0.0.1:1/v3"),
        json!("unknown"),
    ];
    odd[what % odd.len()].clone()
}
