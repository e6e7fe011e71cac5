//! Messages and services generated from `proto/`.

#![allow(missing_docs, unreachable_pub, unused_qualifications, clippy::all)]

/// Terraform's provider protocol, version 6.
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}

/// The services of a go-plugin host.
pub mod go_plugin {
    tonic::include_proto!("plugin");
}

/// gRPC's health check.
pub mod health {
    tonic::include_proto!("grpc.health.v1");
}
