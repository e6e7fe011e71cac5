//! Every signing vector, stage by stage.

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use terraform_provider_modelarts::modelarts::sign::{
    Canonical, Unsigned, authorization, canonical_query, signature, string_to_sign, timestamp,
};

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    method: String,
    path: String,
    query: Vec<(String, Value)>,
    headers: BTreeMap<String, String>,
    headers_added_by_signer: BTreeMap<String, String>,
    body: String,
    ak: String,
    sk: String,
    date: String,
    expected_canonical_request: String,
    expected_string_to_sign: String,
    expected_authorization: String,
    expected_query_string: String,
}

impl Vector {
    fn query(&self) -> Vec<(String, String)> {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let pairs = self.query.iter().flat_map(|(key, value)| {
            let values = match value {
                Value::Array(values) => values.clone(),
                one => vec![one.clone()],
            };
            values.into_iter().map(move |value| (key.clone(), text(&value)))
        });
        pairs.collect()
    }

    fn headers(&self) -> Vec<(String, String)> {
        let mut all = self.headers.clone();
        all.extend(self.headers_added_by_signer.clone());
        all.into_iter().collect()
    }
}

#[test]
fn every_signing_vector_matches_at_every_stage() {
    let path = format!("{}/tests/data/signing/signing-vectors.json", env!("CARGO_MANIFEST_DIR"));
    let file: Vectors = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(file.vectors.len(), 24);
    for vector in file.vectors {
        let (name, query, headers) = (&vector.name, vector.query(), vector.headers());
        let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let canonical = Canonical::of(&Unsigned {
            method: &vector.method,
            path: &vector.path,
            query: &query,
            headers: &headers,
            body: vector.body.as_bytes(),
        });
        assert_eq!(canonical_query(&query), vector.expected_query_string, "{name}: query");
        assert_eq!(*canonical.text, vector.expected_canonical_request, "{name}: canonical request");
        let to_sign = string_to_sign(&vector.date, &canonical);
        assert_eq!(to_sign, vector.expected_string_to_sign, "{name}: string to sign");
        let signature = signature(&SecretString::from(vector.sk.as_str()), &to_sign);
        let header = authorization(&vector.ak, &canonical, &signature);
        assert_eq!(header, vector.expected_authorization, "{name}: authorization");
    }
}

#[test]
fn times_are_written_in_utc_without_separators() {
    assert_eq!(timestamp("2024-01-02T04:04:05.9+01:00".parse().unwrap()), "20240102T030405Z");
}
