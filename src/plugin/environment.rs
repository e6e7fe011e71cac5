//! What the host says through the environment, read in one place.

use std::env;
use std::path::PathBuf;

/// The name of the variable that only a Terraform or OpenTofu sets.
const COOKIE: &str = "TF_PLUGIN_MAGIC_COOKIE";
/// The value that every release of both sets it to.
const COOKIE_VALUE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// Looks up an environment variable; `None` when it is not set. A value that
/// is not Unicode counts as set to its nearest Unicode text.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The process's own environment, as a [`Lookup`].
pub fn process_environment(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// Who started this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Launch {
    /// Terraform or OpenTofu: serve.
    Plugin,
    /// Someone else: explain, and exit with status 1.
    ByHand,
}

/// Tells whether Terraform started this process, by the cookie that it sets.
pub fn check_launch(lookup: Lookup<'_>) -> Launch {
    match lookup(COOKIE) {
        Some(value) if value == COOKIE_VALUE => Launch::Plugin,
        _ => Launch::ByHand,
    }
}

/// How the host wants to talk with the plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HostSettings {
    /// Versions of the provider protocol that the host speaks; empty when it
    /// says nothing that can be read.
    pub(crate) protocol_versions: Vec<u32>,
    /// The host's certificate as PEM. Without it the connection is not
    /// encrypted (`TF_DISABLE_PLUGIN_TLS`, debugging).
    pub(crate) client_cert: Option<String>,
    /// The directory for the socket, if not the temporary one.
    pub(crate) socket_dir: Option<PathBuf>,
    /// Name or number of the group that may connect too.
    pub(crate) socket_group: Option<String>,
    /// The lowest TCP port to try; 0 for any.
    pub(crate) min_port: u16,
    /// The highest TCP port to try; 0 for any.
    pub(crate) max_port: u16,
    /// The host asks for multiplexing, and so for a seventh field in the
    /// handshake line.
    pub(crate) asks_for_multiplexing: bool,
}

impl HostSettings {
    /// Reads the settings. What cannot be read counts as not set, except for
    /// the certificate: that one is kept, so that it can be refused.
    pub(crate) fn read(lookup: Lookup<'_>) -> Self {
        let non_empty = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let port = |name: &str| non_empty(name).and_then(|text| text.trim().parse().ok());
        Self {
            protocol_versions: non_empty("PLUGIN_PROTOCOL_VERSIONS")
                .map(|list| list.split(',').filter_map(|v| v.trim().parse().ok()).collect())
                .unwrap_or_default(),
            client_cert: lookup("PLUGIN_CLIENT_CERT"),
            socket_dir: non_empty("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
            socket_group: non_empty("PLUGIN_UNIX_SOCKET_GROUP"),
            min_port: port("PLUGIN_MIN_PORT").unwrap_or(0),
            max_port: port("PLUGIN_MAX_PORT").unwrap_or(0),
            asks_for_multiplexing: non_empty("PLUGIN_MULTIPLEX_GRPC").is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> HostSettings {
        HostSettings::read(&|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn only_the_right_cookie_counts() {
        assert_eq!(check_launch(&|_| None), Launch::ByHand);
        assert_eq!(check_launch(&|_| Some("1".to_owned())), Launch::ByHand);
        let right = |name: &str| (name == COOKIE).then(|| COOKIE_VALUE.to_owned());
        assert_eq!(check_launch(&right), Launch::Plugin);
    }

    #[test]
    fn junk_among_the_protocol_versions_is_skipped() {
        let settings = read(&[("PLUGIN_PROTOCOL_VERSIONS", "x, 6,,-1,5,99999999999")]);
        assert_eq!(settings.protocol_versions, [6, 5]);
        assert!(read(&[]).protocol_versions.is_empty());
    }

    #[test]
    fn an_empty_certificate_is_not_an_absent_one() {
        assert_eq!(read(&[("PLUGIN_CLIENT_CERT", "")]).client_cert.as_deref(), Some(""));
        assert_eq!(read(&[]).client_cert, None);
    }

    #[test]
    fn ports_and_paths_are_read_and_empty_ones_are_not_set() {
        let settings = read(&[
            ("PLUGIN_MIN_PORT", "10000"),
            ("PLUGIN_MAX_PORT", "nonsense"),
            ("PLUGIN_UNIX_SOCKET_DIR", ""),
            ("PLUGIN_MULTIPLEX_GRPC", "true"),
        ]);
        assert_eq!((settings.min_port, settings.max_port), (10_000, 0));
        assert_eq!(settings.socket_dir, None);
        assert!(settings.asks_for_multiplexing);
    }
}
