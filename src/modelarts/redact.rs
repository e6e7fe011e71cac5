//! Foreign text made fit for messages: short, one line, without secrets.

use std::sync::{Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};

/// Longest excerpt, in characters.
const LONGEST: usize = 300;
/// A word without a space that is longer than this is some token.
const LONGEST_WORD: usize = 100;
/// Shorter secrets are not searched for, they would blank out ordinary text.
const SHORTEST_SECRET: usize = 6;
const MASK: &str = "***";
const TELLING: [&str; 8] =
    ["password", "passwd", "secret", "token", "authorization", "signature", "access", "credential"];

/// Knows the secrets in use, so that a service that echoes them is not quoted.
#[derive(Debug, Default)]
pub(crate) struct Redactor {
    secrets: Mutex<Vec<SecretString>>,
}

impl Redactor {
    /// Takes note of a secret, in every form in which it may be quoted.
    pub(crate) fn learn(&self, secret: &SecretString) {
        if secret.expose_secret().len() < SHORTEST_SECRET {
            return;
        }
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        for form in forms(secret.expose_secret()) {
            let known = secrets.iter().any(|s| s.expose_secret() == form.expose_secret());
            if !known {
                secrets.push(form);
            }
        }
        // A longer form may hold a shorter one.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
    }

    /// Gives the beginning of a text on one line, without secrets.
    pub(crate) fn excerpt(&self, text: &str) -> String {
        // A page of HTML is read no further than an excerpt can need.
        let mut text: String = text.chars().take(20 * LONGEST).collect();
        {
            let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
            for secret in secrets.iter() {
                text = text.replace(secret.expose_secret(), MASK);
            }
        }
        let words: Vec<String> = mask_assignments(&strip_tags(&text))
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .map(|word| if word.chars().count() > LONGEST_WORD { MASK } else { word }.to_owned())
            .collect();
        shorten(&words.join(" "))
    }
}

/// A secret as it is, as JSON, as JSON within JSON, in a URL and in HTML.
fn forms(secret: &str) -> Vec<SecretString> {
    let json = |text: &str| {
        let quoted = serde_json::Value::from(text).to_string();
        quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned()
    };
    // Some writers of JSON escape these as well.
    let safe =
        |text: &str| text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    let html = secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let once = json(secret);
    let url = super::sign::encode_segment(secret);
    [secret.to_owned(), safe(&once), json(&once), json(&safe(&once)), once, url, html]
        .into_iter()
        .map(SecretString::from)
        .collect()
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

/// Drops what stands between angle brackets, if the text is a page at all.
fn strip_tags(text: &str) -> String {
    if !text.trim_start().starts_with('<') {
        return text.to_owned();
    }
    let mut plain = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                plain.push(' ');
            }
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    plain
}

/// Masks the value in `secret_key: value`, `"token":"value"`, `Access=value`.
fn mask_assignments(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, mark)) = rest.char_indices().find(|(_, c)| matches!(c, '=' | ':')) {
        let (before, after) = rest.split_at(at);
        masked.push_str(before);
        masked.push(mark);
        rest = after.get(mark.len_utf8()..).unwrap_or_default();
        if is_telling(before) {
            let opening = rest.len() - rest.trim_start_matches([' ', '"', '\'', '\\']).len();
            masked.push_str(rest.get(..opening).unwrap_or_default());
            rest = rest.get(opening..).unwrap_or_default();
            let end = rest.find(|c: char| c.is_whitespace() || ",;\"'&}".contains(c));
            let end = end.unwrap_or(rest.len());
            if end > 0 {
                masked.push_str(MASK);
            }
            rest = rest.get(end..).unwrap_or_default();
        }
    }
    masked.push_str(rest);
    masked
}

/// Tells whether the word right before a colon or equals sign names a secret.
fn is_telling(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '"', '\'', '\\']);
    let start = before.rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')));
    let word = start.map_or(before, |at| before.get(at..).unwrap_or_default());
    let word = word.to_ascii_lowercase();
    TELLING.iter().any(|telling| word.contains(telling))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_in_every_form_in_which_it_is_quoted() {
        let redactor = Redactor::default();
        let secret = r#"Pw"not"\real <&> %é"#;
        redactor.learn(&secret.to_owned().into());
        let once = serde_json::to_string(secret).unwrap();
        let twice = serde_json::to_string(&once).unwrap();
        let url = crate::modelarts::sign::encode_segment(secret);
        for text in [secret, once.as_str(), twice.as_str(), url.as_str()] {
            let shown = redactor.excerpt(&format!("bad {text} given"));
            assert!(!shown.contains("real") && !shown.contains("not"), "{shown}");
        }
    }

    #[test]
    fn ordinary_messages_stay_as_they_are() {
        for text in [
            "Pool already exists.",
            "token is invalid",
            "Incorrect IAM authentication information: verify aksk signature fail",
            "policy user over ratelimit,limit:5,time:1 second",
        ] {
            assert_eq!(Redactor::default().excerpt(text), text);
        }
    }

    #[test]
    fn values_with_telling_names_are_masked() {
        for (text, expected) in [
            ("secret_key=abc, more", "secret_key=***, more"),
            (r#"{"password":"hunter2","a":1}"#, r#"{"password":"***","a":1}"#),
            ("X-Auth-Token: MIIabc rest", "X-Auth-Token: *** rest"),
            (
                "SDK-HMAC-SHA256 Access=AK1, SignedHeaders=a, Signature=0f",
                "SDK-HMAC-SHA256 Access=***, SignedHeaders=a, Signature=***",
            ),
        ] {
            assert_eq!(Redactor::default().excerpt(text), expected);
        }
    }

    #[test]
    fn known_secrets_are_masked_wherever_they_stand() {
        let redactor = Redactor::default();
        redactor.learn(&SecretString::from("dummy-secret-value"));
        assert_eq!(redactor.excerpt("got [dummy-secret-value]!"), "got [***]!");
    }

    #[test]
    fn long_texts_pages_and_tokens_are_cut() {
        let redactor = Redactor::default();
        assert!(redactor.excerpt(&"word ".repeat(1000)).chars().count() <= LONGEST + 1);
        assert_eq!(redactor.excerpt(&"x".repeat(5000)), MASK);
        let page = "<html><body><h1>502</h1>\n<p>Bad Gateway</p></body></html>";
        assert_eq!(redactor.excerpt(page), "502 Bad Gateway");
        assert_eq!(redactor.excerpt("a\u{1b}[31m\nb"), "a [31m b");
    }
}
