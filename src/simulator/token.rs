//! Tokens and temporary keys that prove themselves, so that processes sharing a state file
//! accept each other's.

use secrecy::{ExposeSecret, SecretString};

use super::digest::mac_hex;

/// Issues and reads tokens and temporary keys; all that it knows is the account's secret.
pub(super) struct Mint {
    key: SecretString,
}

/// Is what a token says of itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Unix milliseconds.
    pub(super) issued: i64,
    /// Unix milliseconds.
    pub(super) expires: i64,
    /// Whether it is good for the project, not only for the account.
    pub(super) project: bool,
}

/// Is an access key for a while, with what belongs to it.
pub(super) struct TemporaryKey {
    pub(super) access: String,
    pub(super) secret: String,
    pub(super) security_token: String,
    /// Unix milliseconds.
    pub(super) expires: i64,
}

const TOKEN: &str = "simtoken";
const ACCESS: &str = "TEMPORARY";

impl Mint {
    pub(super) fn new(key: SecretString) -> Self {
        Self { key }
    }

    fn seal(&self, text: &str) -> String {
        mac_hex(self.key.expose_secret().as_bytes(), text.as_bytes())
    }

    pub(super) fn token(&self, token: &Token) -> String {
        let scope = if token.project { "project" } else { "global" };
        let text = format!("{TOKEN}.{}.{}.{scope}", token.issued, token.expires);
        let seal = self.seal(&text);
        format!("{text}.{seal}")
    }

    pub(super) fn read_token(&self, text: &str) -> Option<Token> {
        let (claims, seal) = text.rsplit_once('.')?;
        if self.seal(claims) != seal {
            return None;
        }
        match claims.split('.').collect::<Vec<_>>().as_slice() {
            [TOKEN, issued, expires, scope] => Some(Token {
                issued: issued.parse().ok()?,
                expires: expires.parse().ok()?,
                project: *scope == "project",
            }),
            _ => None,
        }
    }

    /// Makes a key that is valid until the given moment.
    pub(super) fn temporary_key(&self, expires: i64) -> TemporaryKey {
        let access = format!("{ACCESS}{expires:014}");
        TemporaryKey {
            secret: self.seal(&format!("secret {access}")).chars().take(40).collect(),
            security_token: format!("sim-security-{}", self.seal(&format!("token {access}"))),
            access,
            expires,
        }
    }

    /// Finds what belongs to a temporary access key; `None` when it is not one.
    pub(super) fn read_temporary_key(&self, access: &str) -> Option<TemporaryKey> {
        let expires = access.strip_prefix(ACCESS)?.parse().ok()?;
        let key = self.temporary_key(expires);
        (key.access == access).then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_a_changed_one_is_not() {
        let mint = Mint::new(SecretString::from("key"));
        let token = Token { issued: 1, expires: 20, project: true };
        let text = mint.token(&token);
        assert_eq!(mint.read_token(&text), Some(token));
        assert_eq!(mint.read_token(&text.replace(".20.", ".90.")), None);
        assert_eq!(Mint::new(SecretString::from("other")).read_token(&text), None);
    }
}
