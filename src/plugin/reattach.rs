//! What tells Terraform to use a provider that already runs.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use crate::platform::{assignment, redirect_stdout};

use super::handshake::PROVIDER_PROTOCOL;
use super::listener::Address;

/// The registries that Terraform and OpenTofu mean when a source names none.
pub const REGISTRY_HOSTS: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

/// The addresses by which hosts may look for the provider with this one: what
/// is published in one of the [`REGISTRY_HOSTS`] is so in the other, and each
/// host looks in its own.
fn addresses(address: &str) -> Vec<String> {
    match address.split_once('/') {
        Some((host, source)) if REGISTRY_HOSTS.contains(&host) => {
            REGISTRY_HOSTS.iter().map(|host| format!("{host}/{source}")).collect()
        }
        _ => vec![address.to_owned()],
    }
}

/// Composes the value of `TF_REATTACH_PROVIDERS` for the provider with this
/// source address.
fn value(source: &str, process: u32, address: &Address) -> String {
    let provider = json!({
        "Protocol": "grpc",
        "ProtocolVersion": PROVIDER_PROTOCOL,
        "Pid": process,
        // Terraform neither stops nor kills the process.
        "Test": true,
        "Addr": { "Network": address.network(), "String": address.place() },
    });
    let all = addresses(source).into_iter().map(|address| (address, provider.clone()));
    Json::Object(all.collect()).to_string()
}

/// Tells the person at the terminal how to use this process.
///
/// # Errors
/// When standard output is closed or cannot be redirected.
pub(crate) fn announce(source: &str, address: &Address) -> io::Result<()> {
    let value = value(source, std::process::id(), address);
    let command = assignment("TF_REATTACH_PROVIDERS", &value);
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "The provider is running. To use it, set in Terraform's environment:\n")?;
    writeln!(stdout, "\t{command}\n")?;
    writeln!(stdout, "It needs no init, serves any number of runs and ends with Ctrl-C.")?;
    stdout.flush()?;
    redirect_stdout()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(source: &str) -> Json {
        let address = Address::Unix("/tmp/plugin1".into());
        serde_json::from_str(&value(source, 7, &address)).unwrap()
    }

    #[test]
    fn the_value_names_the_provider_and_where_it_listens() {
        let value = composed("registry.example.com/a/b");
        assert_eq!(value.as_object().unwrap().len(), 1);
        let provider = &value["registry.example.com/a/b"];
        assert_eq!(provider["ProtocolVersion"], 6);
        assert_eq!(provider["Addr"]["String"], "/tmp/plugin1");
        assert_eq!((&provider["Test"], &provider["Pid"]), (&true.into(), &7.into()));
    }

    #[test]
    fn a_published_provider_is_found_by_terraform_and_by_opentofu() {
        for host in REGISTRY_HOSTS {
            let value = composed(&format!("{host}/a/b"));
            assert_eq!(value["registry.terraform.io/a/b"], value["registry.opentofu.org/a/b"]);
            assert_eq!(value["registry.opentofu.org/a/b"]["Pid"], 7);
        }
    }
}
