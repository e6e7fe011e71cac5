//! The one line on standard output that tells the host where to connect.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::platform::redirect_stdout;

use super::environment::HostSettings;
use super::listener::Address;

/// The version of go-plugin's own conventions.
const CORE_PROTOCOL: u32 = 1;
/// The version of the provider protocol spoken here. It is announced also to a
/// host that does not offer it: the host then words the mismatch itself.
pub(crate) const PROVIDER_PROTOCOL: u32 = 6;

/// Composes the line, without its line break. The certificate is DER; without
/// one its field stays empty.
pub(crate) fn line(host: &HostSettings, address: &Address, certificate: Option<&[u8]>) -> String {
    let certificate = certificate.map(|der| STANDARD_NO_PAD.encode(der)).unwrap_or_default();
    let (network, place) = (address.network(), address.place());
    let multiplexing = if host.asks_for_multiplexing { "|false" } else { "" };
    format!(
        "{CORE_PROTOCOL}|{PROVIDER_PROTOCOL}|{network}|{place}|grpc|{certificate}{multiplexing}"
    )
}

/// Writes the line and then makes standard output an alias of standard error,
/// so that nothing in the process can disturb the host, which reads the former
/// with a limited buffer and expects nothing more there.
///
/// # Errors
/// When standard output is closed or cannot be redirected.
pub(crate) fn announce(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()?;
    redirect_stdout()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> Address {
        Address::Unix("/tmp/plugin123".into())
    }

    #[test]
    fn the_line_has_six_fields_and_unpadded_base64() {
        let line = line(&HostSettings::default(), &address(), Some(&[1, 2, 3, 4]));
        assert_eq!(line, "1|6|unix|/tmp/plugin123|grpc|AQIDBA");
    }

    #[test]
    fn without_a_certificate_the_last_field_is_empty() {
        let line = line(&HostSettings::default(), &address(), None);
        assert_eq!(line, "1|6|unix|/tmp/plugin123|grpc|");
    }

    #[test]
    fn a_host_that_asks_for_multiplexing_is_told_no() {
        let host = HostSettings { asks_for_multiplexing: true, ..HostSettings::default() };
        let tcp = Address::Tcp(([127, 0, 0, 1], 10_000).into());
        assert_eq!(line(&host, &tcp, None), "1|6|tcp|127.0.0.1:10000|grpc||false");
    }
}
