//! Base addresses and the rules by which they follow from a region
//! (API reference, base URL).

use std::net::IpAddr;

use url::{Host, Url};

use super::settings::SettingsError;

/// Domain of the cloud when nothing else is said.
pub const DEFAULT_CLOUD: &str = "myhuaweicloud.com";
const EUROPE: &str = "myhuaweicloud.eu";
/// The Swiss Open Telekom Cloud serves IAM under another host name.
const SWISS: &str = "sc.otc.t-systems.com";
const METADATA: &str = "http://169.254.169.254";

/// A base address and the setting it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Base URL; paths of the API are appended.
    pub url: Url,
    /// The setting or rule it came from, for messages.
    pub origin: String,
}

impl Endpoint {
    /// Reads a base URL that somebody wrote; a trailing version segment such
    /// as `/v3` is dropped, because paths bring their own.
    ///
    /// # Errors
    /// Fails on anything but an absolute http or https URL without user name,
    /// query and fragment.
    pub fn parse(text: &str, origin: impl Into<String>) -> Result<Self, SettingsError> {
        let origin = origin.into();
        let fail = |reason: &str| SettingsError::Endpoint {
            origin: origin.clone(),
            reason: reason.to_owned(),
        };
        let mut url = Url::parse(text.trim()).map_err(|error| fail(&format!("{error}")))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(fail("must be a URL that starts with https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(fail("must not contain a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(fail("must not contain ? or #"));
        }
        let base = base_path(url.path());
        url.set_path(&base);
        Ok(Self { url, origin })
    }

    /// Tells whether requests stay on this machine.
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
            None => false,
        }
    }

    /// Refuses plain http to another machine unless it was asked for.
    pub(crate) fn check(&self, insecure: bool) -> Result<(), SettingsError> {
        if self.url.scheme() == "https" || insecure || self.is_loopback() {
            return Ok(());
        }
        Err(SettingsError::Endpoint {
            origin: self.origin.clone(),
            reason: "plain http is allowed to this machine only, unless insecure is true"
                .to_owned(),
        })
    }

    /// Gives host and port as the Host header shows them.
    pub(crate) fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

/// Drops trailing slashes and a trailing version segment.
fn base_path(path: &str) -> String {
    let path = path.trim_end_matches('/');
    let (rest, last) = path.rsplit_once('/').unwrap_or(("", path));
    let version = last
        .strip_prefix('v')
        .is_some_and(|v| !v.is_empty() && v.chars().all(|c| c.is_ascii_digit() || c == '.'));
    if version { rest.trim_end_matches('/').to_owned() } else { path.to_owned() }
}

/// The base addresses of the services used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// ModelArts itself.
    pub modelarts: Endpoint,
    /// Identity: tokens, temporary keys, project look-up.
    pub iam: Endpoint,
    /// Billing: unsubscribing prepaid pools.
    pub bss: Endpoint,
    /// Security token service.
    pub sts: Endpoint,
    /// Metadata service of the virtual machine.
    pub metadata: Endpoint,
}

impl Endpoints {
    /// Derives `bss-intl.<domain>` from `bss.<domain>`. The European cloud has
    /// one site, and an address that somebody wrote stands for itself.
    pub(crate) fn international_bss(&self) -> Option<Endpoint> {
        let domain = self.bss.url.host_str()?.strip_prefix("bss.")?;
        if domain.ends_with(EUROPE) {
            return None;
        }
        let host = format!("bss-intl.{domain}");
        let mut intl = self.bss.clone();
        intl.url.set_host(Some(&host)).ok()?;
        Some(intl)
    }
}

/// Builds the addresses of a region by rule; unknown regions are not refused.
///
/// `cloud` is the domain. Without it, regions whose name starts with
/// `eu-west-1` live under `myhuaweicloud.eu`, where every address is one of the
/// region, that of billing included.
///
/// # Errors
/// Fails when region and domain do not make a host name.
pub fn for_region(region: &str, cloud: Option<&str>) -> Result<Endpoints, SettingsError> {
    let by_region = if region.starts_with("eu-west-1") { EUROPE } else { DEFAULT_CLOUD };
    let domain = cloud.map(str::trim).filter(|c| !c.is_empty()).unwrap_or(by_region);
    let iam = if domain == SWISS { "iam-pub" } else { "iam" };
    let at = |host: String| {
        let clean = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':'));
        let url = if clean { format!("https://{host}") } else { String::new() };
        Endpoint::parse(&url, format!("region {region:?} in cloud {domain:?}"))
    };
    let bss =
        if domain == EUROPE { format!("bss.{region}.{domain}") } else { format!("bss.{domain}") };
    Ok(Endpoints {
        modelarts: at(format!("modelarts.{region}.{domain}"))?,
        iam: at(format!("{iam}.{region}.{domain}"))?,
        bss: at(bss)?,
        sts: at(format!("sts.{region}.{domain}"))?,
        metadata: metadata()?,
    })
}

/// Gives the fixed address of the metadata service.
///
/// # Errors
/// Never in practice; the address is constant.
pub fn metadata() -> Result<Endpoint, SettingsError> {
    Endpoint::parse(METADATA, "the metadata service of the virtual machine")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(url: &Endpoint) -> &str {
        url.url.host_str().unwrap()
    }

    #[test]
    fn addresses_follow_region_and_cloud() {
        for (region, cloud, expected) in [
            (
                "cn-north-4",
                None,
                [
                    "modelarts.cn-north-4.myhuaweicloud.com",
                    "iam.cn-north-4.myhuaweicloud.com",
                    "bss.myhuaweicloud.com",
                    "bss-intl.myhuaweicloud.com",
                ],
            ),
            (
                "eu-west-101",
                None,
                [
                    "modelarts.eu-west-101.myhuaweicloud.eu",
                    "iam.eu-west-101.myhuaweicloud.eu",
                    "bss.eu-west-101.myhuaweicloud.eu",
                    "",
                ],
            ),
            (
                "eu-west-101",
                Some("myhuaweicloud.com"),
                [
                    "modelarts.eu-west-101.myhuaweicloud.com",
                    "iam.eu-west-101.myhuaweicloud.com",
                    "bss.myhuaweicloud.com",
                    "bss-intl.myhuaweicloud.com",
                ],
            ),
            (
                "eu-ch2",
                Some("sc.otc.t-systems.com"),
                [
                    "modelarts.eu-ch2.sc.otc.t-systems.com",
                    "iam-pub.eu-ch2.sc.otc.t-systems.com",
                    "bss.sc.otc.t-systems.com",
                    "bss-intl.sc.otc.t-systems.com",
                ],
            ),
        ] {
            let found = for_region(region, cloud).unwrap();
            let intl = found.international_bss();
            let intl = intl.as_ref().map(host).unwrap_or_default();
            let hosts = [host(&found.modelarts), host(&found.iam), host(&found.bss), intl];
            assert_eq!(hosts, expected);
        }
    }

    #[test]
    fn regions_that_make_no_host_name_are_refused() {
        assert!(for_region("eu/evil", None).is_err());
        assert!(for_region("a@b", None).is_err());
    }

    #[test]
    fn version_segments_and_slashes_are_dropped() {
        for (text, path) in [
            ("https://iam.example.com/v3", "/"),
            ("https://iam.example.com/v3/", "/"),
            ("https://iam.example.com", "/"),
            ("https://gw.example.com/maos/", "/maos"),
            ("https://gw.example.com/maos/v2/", "/maos"),
        ] {
            assert_eq!(Endpoint::parse(text, "x").unwrap().url.path(), path, "{text}");
        }
    }

    #[test]
    fn plain_http_stays_on_this_machine_unless_insecure() {
        for (text, insecure, fine) in [
            ("http://127.0.0.1:8080", false, true),
            ("http://[::1]:8080", false, true),
            ("http://localhost:1", false, true),
            ("http://10.0.0.1", false, false),
            ("http://localhost.example.com", false, false),
            ("http://10.0.0.1", true, true),
            ("https://10.0.0.1", false, true),
        ] {
            assert_eq!(Endpoint::parse(text, "x").unwrap().check(insecure).is_ok(), fine, "{text}");
        }
    }

    #[test]
    fn odd_addresses_are_refused_with_the_setting_named() {
        for text in ["", "modelarts.example.com", "ftp://x", "https://u:p@x", "https://x/?a=b"] {
            let error = Endpoint::parse(text, "endpoints.modelarts").unwrap_err().to_string();
            assert!(error.starts_with("endpoints.modelarts: "), "{error}");
            assert!(!error.contains("u:p"), "{error}");
        }
    }
}
