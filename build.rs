//! Compiles the protocol definitions into Rust; needs no `protoc`.

use std::error::Error;

const PROTOCOLS: [&str; 3] = ["proto/tfplugin6.proto", "proto/plugin.proto", "proto/health.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let descriptors = protox::compile(PROTOCOLS, ["proto"])?;
    tonic_prost_build::configure()
        // The clients are for the tests; a binary that does not call them does
        // not contain them. Connecting is the caller's own business.
        .build_client(true)
        .build_transport(false)
        // Maps in a fixed order: the same schema is always the same bytes.
        .btree_map(".")
        // Values can be large and are passed on unread after a failure.
        .bytes(".tfplugin6.DynamicValue")
        .compile_fds(descriptors)?;
    Ok(())
}
