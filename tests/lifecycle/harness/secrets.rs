//! Searches what runs of Terraform leave for the secrets that went into them.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;
use terraform_provider_modelarts::simulator::access::SECRET_KEY;

use super::{PASSWORD, SECRET};

/// What begins secrets that the simulator makes up, and what a signature
/// follows: none of them belongs anywhere.
const MARKS: [&str; 3] = ["simtoken.", "sim-security-", "Signature="];

/// Arguments and keys of profiles whose values are secrets wherever a test
/// writes them.
const TELLING: [&str; 7] = [
    "secret_key",
    "security_token",
    "token",
    "password",
    "password_wo",
    "secretAccessKey",
    "securityToken",
];

/// A word of a secret that is this long is searched for by itself, so that a
/// secret that is cut or masked in part is found too.
const LONG_WORD: usize = 12;

/// Shorter values occur by chance.
const SHORTEST: usize = 6;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a process prints, as far as it has come.
pub(crate) type Printed = Arc<Mutex<Vec<u8>>>;

/// The secrets of a workspace and everything that runs in it have printed.
#[derive(Debug, Default)]
pub(super) struct Watch {
    secrets: RefCell<Vec<Secret>>,
    /// Files that the test wrote, which hold secrets because it wanted so.
    written: RefCell<BTreeSet<PathBuf>>,
    printed: RefCell<Vec<(String, Printed)>>,
}

/// A value that must not be seen.
#[derive(Debug, Clone)]
struct Secret {
    value: String,
    /// The user chose to keep it in the state, and so in plans.
    kept: bool,
    /// The forms in which it is searched for.
    forms: Vec<String>,
}

impl Secret {
    fn new(value: &str, kept: bool) -> Self {
        Self { value: value.to_owned(), kept, forms: forms(value) }
    }
}

impl Watch {
    /// The secrets that every simulated cloud knows.
    pub(super) fn new() -> Self {
        let watch = Self::default();
        watch.secret(SECRET, false);
        watch.secret(PASSWORD, false);
        // That of the simulator in the provider.
        watch.secret(SECRET_KEY, false);
        for mark in MARKS {
            let form = Secret { forms: vec![mark.to_owned()], ..Secret::new(mark, false) };
            watch.secrets.borrow_mut().push(form);
        }
        watch
    }

    /// Takes note of a secret.
    pub(super) fn secret(&self, value: &str, kept: bool) {
        let mut secrets = self.secrets.borrow_mut();
        let known = secrets.iter().any(|secret| secret.value == value);
        if value.len() >= SHORTEST && !known {
            secrets.push(Secret::new(value, kept));
        }
    }

    /// Looks for a value no longer.
    pub(super) fn forget(&self, value: &str) {
        self.secrets.borrow_mut().retain(|secret| secret.value != value);
    }

    /// Takes note of a file that a test writes, and of the secrets in it. The
    /// `password` of a resource is kept in the state; that of a provider is not.
    pub(super) fn file(&self, name: &str, text: &str) {
        if !is_kept(Path::new(name)) {
            self.written.borrow_mut().insert(PathBuf::from(name));
        }
        for (key, value) in assignments(text) {
            let kept = key == "password" && text.contains("user_login");
            self.secret(&value, kept);
        }
    }

    /// Takes note of a variable of the environment, which may be a secret.
    pub(super) fn variable(&self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        if ["secret", "password", "token"].iter().any(|word| name.contains(word)) {
            self.secret(value, false);
        }
    }

    /// Takes note of what a command is about to print.
    pub(super) fn prints(&self, command: &str, printed: [Printed; 2]) {
        let mut all = self.printed.borrow_mut();
        all.extend(printed.map(|printed| (command.to_owned(), printed)));
    }

    /// Where secrets are in what has been printed and in the files below `root`.
    pub(super) fn leaks(&self, root: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for (command, printed) in self.printed.borrow().iter() {
            let printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
            let text = String::from_utf8_lossy(&printed);
            match shown(command, &text) {
                Some(json) => self.search(&format!("`{command}`"), &json, true, &mut found),
                None => self.search(&format!("`{command}`"), &text, false, &mut found),
            }
        }
        self.search_folder(root, root, &|_| true, &mut found);
        found
    }

    /// Where secrets are in states and plans, which later commands overwrite.
    pub(super) fn leaks_in_states(&self, root: &Path) -> Vec<String> {
        let mut found = Vec::new();
        self.search_folder(root, root, &is_kept, &mut found);
        found
    }

    fn search_folder(
        &self,
        root: &Path,
        folder: &Path,
        which: &dyn Fn(&Path) -> bool,
        found: &mut Vec<String>,
    ) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(root).unwrap_or(&path);
            // Links lead to the provider itself, which is everybody's.
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                self.search_folder(root, &path, which, found);
            } else if kind.is_file() && which(name) && !self.written.borrow().contains(name) {
                // A lock may vanish under our hands.
                let bytes = std::fs::read(&path).unwrap_or_default();
                let text = String::from_utf8_lossy(&bytes);
                self.search(&name.display().to_string(), &text, is_kept(name), found);
            }
        }
    }

    fn search(&self, place: &str, text: &str, kept: bool, found: &mut Vec<String>) {
        for secret in self.secrets.borrow().iter().filter(|secret| !(kept && secret.kept)) {
            for form in &secret.forms {
                if let Some(at) = text.find(form.as_str()) {
                    let line = text[..at].matches('\n').count() + 1;
                    let around = excerpt(text, at, form.len());
                    let name = &secret.value;
                    found.push(format!("{place}, line {line}: {name:?} as {form:?} in …{around}…"));
                }
            }
        }
    }
}

/// Says whether a file is a state or a plan, which keep what the user wants.
fn is_kept(name: &Path) -> bool {
    let name = name.to_string_lossy();
    [".tfstate", ".tfplan", ".backup"].iter().any(|end| name.ends_with(end))
}

/// What `show -json` says of a plan or a state, without what the test wrote:
/// Terraform puts the configuration and the variables into a plan as they are.
fn shown(command: &str, text: &str) -> Option<String> {
    if !command.starts_with("terraform show -json") {
        return None;
    }
    let mut json: Json = serde_json::from_str(text).ok()?;
    let parts = json.as_object_mut()?;
    parts.remove("configuration");
    parts.remove("variables");
    Some(json.to_string())
}

fn excerpt(text: &str, at: usize, length: usize) -> String {
    let before: String = text[..at].chars().rev().take(80).collect();
    let after: String = text[at..].chars().take(length + 40).collect();
    before.chars().rev().chain(after.chars()).collect()
}

/// Finds `name = "value"` and `"name": "value"` of telling names.
fn assignments(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(['=', ':']) {
        let name = text[..at].trim_end_matches([' ', '"']);
        let start = name.rfind(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(0, |n| n + 1);
        let name = &name[start..];
        let value = text[at + 1..].trim_start_matches(' ');
        // HCL and JSON agree on what strings of tests need.
        let mut values = serde_json::Deserializer::from_str(value).into_iter::<Json>();
        if TELLING.contains(&name)
            && let Some(Ok(Json::String(value))) = values.next()
        {
            found.push((name.to_owned(), value));
        }
    }
    found
}

/// The forms that a secret may be written in; one that contains another is
/// left out, because the other finds it.
fn forms(secret: &str) -> Vec<String> {
    let json = inner_json(secret);
    let percent = utf8_percent_encode(secret, UNRESERVED).to_string();
    let mut all = vec![
        secret.to_owned(),
        in_go(&json),
        inner_json(&json),
        inner_json(&in_go(&json)),
        json,
        percent.to_lowercase(),
        percent.replace("%20", "+"),
        percent,
    ];
    let words = secret.split(|c: char| !c.is_ascii_alphanumeric());
    all.extend(words.filter(|word| word.len() >= LONG_WORD).map(str::to_owned));
    let encoded: Vec<String> = all.iter().flat_map(|form| in_base64(form)).collect();
    all.extend(encoded);
    all.sort_by_key(String::len);
    let mut least: Vec<String> = Vec::new();
    for form in all {
        if !least.iter().any(|known| form.contains(known.as_str())) {
            least.push(form);
        }
    }
    least
}

/// The inside of a JSON string.
fn inner_json(text: &str) -> String {
    let quoted = Json::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Terraform's own JSON escapes what means something in HTML.
fn in_go(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// What Base64 makes of a text at each of three offsets in a longer one,
/// without the ends, which depend on the neighbours.
fn in_base64(text: &str) -> Vec<String> {
    let at = |offset: usize| {
        let bytes = [&b"\0\0"[..offset], text.as_bytes()].concat();
        // Whole groups of three bytes that belong to the text alone.
        let first = if offset == 0 { 0 } else { 4 };
        let last = bytes.len() / 3 * 4;
        [STANDARD_NO_PAD, URL_SAFE_NO_PAD]
            .map(|code| code.encode(&bytes).get(first..last).unwrap_or_default().to_owned())
    };
    let all = (0..3).flat_map(at);
    all.filter(|form| form.len() >= SHORTEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "a secret, \"quoted\" & <é>";

    fn found_in(text: &str) -> bool {
        let watch = Watch::default();
        watch.secret(VALUE, false);
        let mut found = Vec::new();
        watch.search("here", text, true, &mut found);
        !found.is_empty()
    }

    #[test]
    fn a_secret_is_found_in_every_form() {
        let json = Json::from(VALUE).to_string();
        for text in [
            VALUE.to_owned(),
            format!("x{json}"),
            Json::from(json.as_str()).to_string(),
            "a%20secret%2C%20%22quoted%22%20%26%20%3C%C3%A9%3E".to_owned(),
            "a+secret%2C+%22quoted%22+%26+%3C%C3%A9%3E".to_owned(),
            r#""a secret, \"quoted\" \u0026 \u003cé\u003e""#.to_owned(),
            STANDARD_NO_PAD.encode(VALUE),
            STANDARD_NO_PAD.encode(format!("u:{VALUE}:x")),
            URL_SAFE_NO_PAD.encode(format!("{{{VALUE}}}")),
        ] {
            assert!(found_in(&text), "{text}");
        }
        assert!(!found_in("a secret, unquoted"));
    }

    #[test]
    fn a_long_word_of_a_secret_is_found_alone() {
        let watch = Watch::default();
        watch.secret("first/SecondWordIsLong=", false);
        let mut found = Vec::new();
        watch.search("here", "***SecondWordIsLong***", false, &mut found);
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn files_tell_their_secrets_and_are_excepted_by_name_alone() {
        let root = tempfile::tempdir().unwrap();
        let watch = Watch::default();
        let text = "provider \"p\" {\n  secret_key = \"k/e\\\"y-of-user\"\n}\n";
        watch.file("provider.tf", text);
        watch.file("main.tf", "user_login = { password = \"kept-value\" }\n");
        for (file, leaks) in [
            ("provider.tf", 0),
            ("copy.tf", 1),
            ("crash.log", 1),
            (".terraform.tfstate.lock.info", 1),
        ] {
            std::fs::write(root.path().join(file), "k/e\"y-of-user").unwrap();
            assert_eq!(watch.leaks(root.path()).len(), leaks, "{file}");
            std::fs::remove_file(root.path().join(file)).unwrap();
        }
        for (file, leaks) in [("terraform.tfstate", 0), ("terraform.log", 1)] {
            std::fs::write(root.path().join(file), "kept-value").unwrap();
            assert_eq!(watch.leaks(root.path()).len(), leaks, "{file}");
            std::fs::remove_file(root.path().join(file)).unwrap();
        }
    }

    #[test]
    fn what_is_printed_is_searched_and_a_plan_without_its_configuration() {
        let watch = Watch::default();
        watch.secret("hidden-value", false);
        let root = tempfile::tempdir().unwrap();
        let print = |command: &str, text: &str| {
            let printed = || Arc::new(Mutex::new(text.as_bytes().to_vec()));
            watch.prints(command, [printed(), Printed::default()]);
            watch.leaks(root.path()).len()
        };
        let plan = r#"{"configuration":{"key":"hidden-value"},"values":{}}"#;
        assert_eq!(print("terraform show -json test.tfplan", plan), 0);
        assert_eq!(print("terraform show -json", &plan.replace("configuration", "other")), 1);
        assert_eq!(print("terraform plan", "Error: hidden-value"), 2);
    }
}
