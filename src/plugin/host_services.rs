//! The services of go-plugin and gRPC beside the provider's own.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::stream::{self, Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming, async_trait};
use tracing::debug;

use super::proto::go_plugin::grpc_broker_server::GrpcBroker;
use super::proto::go_plugin::grpc_controller_server::GrpcController;
use super::proto::go_plugin::grpc_stdio_server::GrpcStdio;
use super::proto::go_plugin::{ConnInfo, Empty, StdioData};
use super::proto::health::health_check_response::ServingStatus;
use super::proto::health::health_server::Health;
use super::proto::health::{HealthCheckRequest, HealthCheckResponse};
use super::shutdown::Lifetime;

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// All of them; they share nothing but the process's life.
#[derive(Debug, Clone)]
pub(crate) struct HostServices(pub(crate) Arc<Lifetime>);

impl HostServices {
    /// A stream that says nothing and ends with the process. It keeps hold of
    /// `company` so that the other direction stays open too.
    fn silence<T: Send + 'static>(&self, company: impl Send + 'static) -> Answers<T> {
        let over = self.0.over().cancelled_owned();
        let end = stream::once(async move {
            over.await;
            drop(company);
        });
        Box::pin(end.filter_map(|()| std::future::ready(None)))
    }
}

#[async_trait]
impl GrpcController for HostServices {
    /// Lets the process go. The answer is delivered first.
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        debug!("shutting down");
        self.0.shut_down();
        Ok(Response::new(Empty {}))
    }
}

#[async_trait]
impl GrpcStdio for HostServices {
    type StreamStdioStream = Answers<StdioData>;

    /// Stays silent: what came here would show up as a surprise in the log.
    async fn stream_stdio(
        &self,
        _: Request<()>,
    ) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(self.silence(())))
    }
}

#[async_trait]
impl GrpcBroker for HostServices {
    type StartStreamStream = Answers<ConnInfo>;

    /// Stays silent: further connections are not offered.
    async fn start_stream(
        &self,
        request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        Ok(Response::new(self.silence(request.into_inner())))
    }
}

/// The health of a service by name: `plugin` is what go-plugin hosts ask for,
/// the empty name is the process as a whole.
fn status_of(service: &str) -> ServingStatus {
    match service {
        "" | "plugin" => ServingStatus::Serving,
        _ => ServingStatus::ServiceUnknown,
    }
}

#[async_trait]
impl Health for HostServices {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        match status_of(&request.get_ref().service) {
            ServingStatus::ServiceUnknown => Err(Status::not_found("no such service")),
            status => Ok(Response::new(HealthCheckResponse { status: status.into() })),
        }
    }

    type WatchStream = Answers<HealthCheckResponse>;

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let status = status_of(&request.get_ref().service).into();
        let now: Result<_, Infallible> = Ok(HealthCheckResponse { status });
        let now = stream::iter(now.map_err(|never| match never {}));
        Ok(Response::new(Box::pin(now.map(Ok).chain(self.silence(())))))
    }
}
