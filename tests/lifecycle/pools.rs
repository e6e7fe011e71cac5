//! Configurations that the stories share.

use crate::harness::network_id;

/// The pool of every story.
pub(crate) const POOL: &str = "modelarts_pool.main";

/// Its display name.
pub(crate) const NAME: &str = "story-pool";

/// A flavor without an accelerator.
pub(crate) const CPU: &str = "modelarts.vm.cpu.8ud";

/// A flavor with a GPU.
pub(crate) const GPU: &str = "modelarts.vm.gpu.tnt004";

/// A pool with so many CPU nodes.
pub(crate) fn pool(nodes: u32) -> String {
    pool_with(&[entry(CPU, nodes)], "")
}

/// A pool with these entries and further arguments.
pub(crate) fn pool_with(entries: &[String], further: &str) -> String {
    named(NAME, entries, further)
}

/// A pool of another name.
pub(crate) fn named(name: &str, entries: &[String], further: &str) -> String {
    format!(
        r#"
resource "modelarts_pool" "main" {{
  name    = "{name}"
  scope   = ["Train"]
  {}
  resources = [
{}
  ]
{further}
}}
"#,
        network_argument(),
        entries.concat()
    )
}

/// An entry of `resources`.
pub(crate) fn entry(flavor: &str, count: u32) -> String {
    entry_with(flavor, count, "")
}

/// An entry with further arguments.
pub(crate) fn entry_with(flavor: &str, count: u32, further: &str) -> String {
    format!("    {{\n      flavor = \"{flavor}\"\n      count = {count}\n{further}\n    }},\n")
}

/// The argument that puts a pool into the network that is always there.
pub(crate) fn network_argument() -> String {
    format!("network = {{ name = \"{}\" }}", network_id())
}
