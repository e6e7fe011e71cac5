//! The built-in simulator in place of a cloud.

use std::path::Path as FilePath;
use std::sync::Arc;

use crate::modelarts::{CredentialSource, Endpoint, Endpoints, Keys, ProjectRef, Settings};
use crate::simulator::{self, access};
use crate::tf::diagnostics::Diagnostic;

use super::config::SimulatedCloud;

/// A simulator that runs in this process until it is dropped.
pub(super) struct Simulator(simulator::Running);

impl Simulator {
    /// Starts one.
    pub(super) async fn start(cloud: &SimulatedCloud) -> Result<Arc<Self>, Diagnostic> {
        let scenario = match &cloud.scenario {
            Some(file) => {
                Some(simulator::Scenario::read(file).map_err(|error| unread(file, &error))?)
            }
            None => None,
        };
        let speed = cloud.speed.as_deref().and_then(|speed| speed.parse().ok());
        let default = simulator::Config::default();
        let config = simulator::Config {
            state_file: Some(cloud.file.clone()),
            scenario,
            speed: speed.unwrap_or(default.speed),
            ..default
        };
        match simulator::start(config).await {
            Ok(running) => Ok(Arc::new(Self(running))),
            Err(error) => Err(Diagnostic::error(
                "The simulator cannot be started",
                format!(
                    "The built-in simulator with the file {:?} cannot be started: {error}.",
                    cloud.file
                ),
            )),
        }
    }

    /// These settings, pointed at the simulator.
    pub(super) fn aim(&self, settings: &Settings) -> Result<Settings, Diagnostic> {
        let endpoint =
            Endpoint::parse(self.0.url().as_ref(), "the built-in simulator").map_err(|error| {
                Diagnostic::error("The simulator cannot be used", error.to_string())
            })?;
        let mut settings = settings.clone();
        settings.region = Some(access::REGION.to_owned());
        settings.project = ProjectRef::Id(access::PROJECT_ID.to_owned());
        settings.credentials = CredentialSource::Keys(Keys {
            access_key: access::ACCESS_KEY.to_owned(),
            secret_key: access::SECRET_KEY.to_owned().into(),
            security_token: None,
        });
        settings.endpoints = Endpoints {
            modelarts: endpoint.clone(),
            iam: endpoint.clone(),
            bss: endpoint.clone(),
            sts: endpoint.clone(),
            metadata: endpoint,
        };
        Ok(settings)
    }
}

fn unread(file: &FilePath, error: &impl std::fmt::Display) -> Diagnostic {
    Diagnostic::error(
        "The scenario cannot be read",
        format!("simulator.scenario names {file:?}: {error}. Correct the file, or its path."),
    )
}

/// Nobody should take simulated pools for real ones.
pub(super) fn warning(file: &FilePath) -> Diagnostic {
    Diagnostic::warning(
        "Using the built-in simulator",
        format!(
            "No cloud is called and no real pools are made, changed or destroyed: everything \
             happens in the simulator, which keeps its state in {file:?}. For a real cloud, remove \
             simulator from the provider block and unset MODELARTS_SIMULATOR."
        ),
    )
}
