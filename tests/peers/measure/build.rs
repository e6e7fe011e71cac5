//! Compiles the repository's own protocol definitions; needs no `protoc`.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=../../../proto");
    let files = ["tfplugin6.proto", "plugin.proto", "health.proto"];
    let descriptors = protox::compile(files, ["../../../proto"])?;
    tonic_prost_build::configure()
        .build_server(false)
        .build_transport(false)
        .btree_map(".")
        .compile_fds(descriptors)?;
    Ok(())
}
