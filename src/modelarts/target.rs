//! Where a request goes.

use std::sync::Arc;

use url::Url;

use super::endpoints::{Endpoint, Endpoints};
use super::error::{Circumstances, Error, ErrorKind, Facts};
use super::request::{Effect, Outline, Service};
use super::sign;

/// The address of a request.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) url: Url,
    pub(crate) at: Arc<Circumstances>,
    /// No proxy stands between.
    pub(crate) direct: bool,
}

impl Target {
    pub(crate) fn new(endpoints: &Endpoints, outline: &Outline, project: &str) -> Self {
        let endpoint = endpoint(endpoints, outline.service);
        let path = outline.path.replace("{project_id}", &sign::encode_segment(project));
        let mut url = endpoint.url.clone();
        url.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
        let query = sign::canonical_query(&outline.query);
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        let direct = endpoint.is_loopback() || outline.service == Service::Metadata;
        let at = Circumstances {
            method: outline.method.clone(),
            path,
            host: endpoint.authority(),
            origin: endpoint.origin,
        };
        Self { url, at: Arc::new(at), direct }
    }
}

fn endpoint(endpoints: &Endpoints, service: Service) -> Endpoint {
    match service {
        Service::ModelArts => endpoints.modelarts.clone(),
        Service::Iam => endpoints.iam.clone(),
        Service::Bss => endpoints.bss.clone(),
        Service::BssInternational => {
            endpoints.international_bss().unwrap_or_else(|| endpoints.bss.clone())
        }
        Service::Sts => endpoints.sts.clone(),
        Service::Metadata => endpoints.metadata.clone(),
    }
}

/// One of the attempts of a call.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) at: Arc<Circumstances>,
    pub(crate) effect: Effect,
    /// 1 for the first.
    pub(crate) number: u32,
}

impl Attempt {
    /// Makes the facts of an error that came of it.
    pub(crate) fn facts(&self, kind: ErrorKind, what: impl Into<String>) -> Facts {
        Facts { at: Some(Arc::clone(&self.at)), attempts: self.number, ..Facts::new(kind, what) }
    }

    /// Adds these circumstances to an error that knows none.
    pub(crate) fn explain(&self, end: Error) -> Error {
        end.while_at(&self.facts(ErrorKind::Interrupted, "").into())
    }
}
