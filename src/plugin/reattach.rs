//! What tells Terraform to use a provider that already runs.

use std::io::{self, Write};

use serde_json::json;

use super::handshake::PROVIDER_PROTOCOL;
use super::listener::Address;

/// Composes the value of `TF_REATTACH_PROVIDERS` for the provider with this
/// source address.
fn value(source: &str, process: u32, address: &Address) -> String {
    json!({
        source: {
            "Protocol": "grpc",
            "ProtocolVersion": PROVIDER_PROTOCOL,
            "Pid": process,
            // Terraform neither stops nor kills the process.
            "Test": true,
            "Addr": { "Network": address.network(), "String": address.place() },
        }
    })
    .to_string()
}

/// Quotes a text for a POSIX shell.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Tells the person at the terminal how to use this process.
///
/// # Errors
/// When standard output is closed or cannot be redirected.
pub(crate) fn announce(source: &str, address: &Address) -> io::Result<()> {
    let value = quote(&value(source, std::process::id(), address));
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "The provider is running. To use it, set in Terraform's environment:\n")?;
    writeln!(stdout, "\tTF_REATTACH_PROVIDERS={value}\n")?;
    writeln!(stdout, "It needs no init, serves any number of runs and ends with Ctrl-C.")?;
    stdout.flush()?;
    nix::unistd::dup2_stdout(io::stderr())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_names_the_provider_and_where_it_listens() {
        let address = Address::Unix("/tmp/plugin1".into());
        let value = value("registry.terraform.io/a/b", 7, &address);
        let parsed: serde_json::Value = serde_json::from_str(&value).unwrap();
        let provider = &parsed["registry.terraform.io/a/b"];
        assert_eq!(provider["ProtocolVersion"], 6);
        assert_eq!(provider["Addr"]["String"], "/tmp/plugin1");
        assert_eq!((&provider["Test"], &provider["Pid"]), (&true.into(), &7.into()));
    }

    #[test]
    fn a_quote_within_is_quoted_too() {
        assert_eq!(quote("it's"), r"'it'\''s'");
    }
}
