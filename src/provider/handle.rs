//! The provider as configured at present, for resources and data sources.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::OnceCell;

use crate::modelarts::{Call, Client, CredentialSource, ErrorKind, ProjectRef};
use crate::resources::offer::Check;
use crate::resources::session::{Connection, Session};
use crate::tf::context::Context;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::model::Tf;

use super::config::{Resolution, Resolved, SimulatedCloud, Target};
use super::simulator::Simulator;

/// What all resources and data sources of one provider process share.
#[derive(Default)]
pub struct Handle {
    present: Mutex<Arc<Configured>>,
    /// One of each: two would not know of each other's changes.
    simulators: tokio::sync::Mutex<HashMap<SimulatedCloud, Arc<Simulator>>>,
}

/// One configuration and, once somebody has needed it, its connection.
struct Configured {
    resolved: Resolved,
    workspace: Tf<String>,
    availability_check: Check,
    /// A refusal is kept too, so that finding out costs its time only once.
    connection: OnceCell<Result<Arc<Connection>, Diagnostics>>,
}

impl Default for Configured {
    fn default() -> Self {
        let error = Diagnostic::error(
            "The provider is not configured",
            "Terraform has asked for something that needs the service before configuring the \
             provider.",
        );
        Self::new(Resolved::Invalid(error.into()), Tf::Null, Check::Off)
    }
}

impl Configured {
    fn new(resolved: Resolved, workspace: Tf<String>, availability_check: Check) -> Self {
        Self { resolved, workspace, availability_check, connection: OnceCell::new() }
    }
}

impl Handle {
    /// Takes a configuration in place of the one before. Calls under way go on
    /// with theirs.
    pub fn configure(&self, resolution: Resolution) {
        let Resolution { resolved, workspace, availability_check, .. } = resolution;
        let configured = Configured::new(resolved, workspace, availability_check);
        *self.present.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(configured);
    }

    /// Says whether the configuration, as Terraform knows it by now, leaves open what
    /// a call needs.
    pub fn is_unknown(&self) -> bool {
        matches!(self.present().resolved, Resolved::Unknown { .. })
    }

    fn present(&self) -> Arc<Configured> {
        Arc::clone(&self.present.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes a connection. The inner result is final, the outer error is not.
    async fn make(
        &self,
        cx: &Context,
        target: &Target,
    ) -> Result<Result<Arc<Connection>, Diagnostics>, Diagnostics> {
        let settings = match &target.simulator {
            Some(cloud) => self.simulator(cloud).await?.aim(&target.settings)?,
            None => target.settings.clone(),
        };
        let probe = target.simulator.is_none() && is_of_machine(&settings.credentials);
        let client = Client::new(settings).map_err(|error| {
            Diagnostic::error("Invalid provider configuration", error.to_string())
        })?;
        if probe && let Err(refusal) = self.probe(cx, &client, target).await? {
            return Ok(Err(refusal));
        }
        Ok(Ok(Arc::new(Connection::new(client))))
    }

    async fn simulator(&self, cloud: &SimulatedCloud) -> Result<Arc<Simulator>, Diagnostic> {
        let mut simulators = self.simulators.lock().await;
        if let Some(running) = simulators.get(cloud) {
            return Ok(Arc::clone(running));
        }
        let started = Simulator::start(cloud).await?;
        simulators.insert(cloud.clone(), Arc::clone(&started));
        Ok(started)
    }

    /// Asks the metadata service for keys, which is the last resort: if there
    /// are none, the user learns what else was tried.
    async fn probe(
        &self,
        cx: &Context,
        client: &Client,
        target: &Target,
    ) -> Result<Result<(), Diagnostics>, Diagnostics> {
        let Err(error) = client.lease(&Call::new(cx.stop.clone(), None)).await else {
            return Ok(Ok(()));
        };
        match error.kind() {
            ErrorKind::Credentials => {
                Ok(Err(no_credentials(&target.passed_over, error.what()).into()))
            }
            ErrorKind::Interrupted => {
                Err(Diagnostic::error("Interrupted", error.what().to_owned()).into())
            }
            // The call that needs them tells what is wrong, with its own words.
            _ => Ok(Ok(())),
        }
    }
}

#[async_trait]
impl Session for Handle {
    async fn connect(&self, cx: &Context) -> Result<Arc<Connection>, Diagnostics> {
        let present = self.present();
        match &present.resolved {
            Resolved::Known(target) => {
                let made = present.connection.get_or_try_init(|| self.make(cx, target)).await?;
                made.clone()
            }
            Resolved::Unknown { attributes } => Err(not_known_yet(attributes).into()),
            Resolved::Invalid(problems) | Resolved::Incomplete(problems) => {
                Err(problems.iter().map(without_path).collect())
            }
        }
    }

    fn default_workspace(&self) -> Tf<String> {
        self.present().workspace.clone()
    }

    fn project_id(&self) -> Option<String> {
        let present = self.present();
        if let Some(Ok(connection)) = present.connection.get() {
            return connection.client().known_project_id();
        }
        match &present.resolved {
            Resolved::Known(target) => match &target.settings.project {
                ProjectRef::Id(id) => Some(id.clone()),
                ProjectRef::Name(_) => None,
            },
            _ => None,
        }
    }

    fn availability_check(&self) -> Check {
        self.present().availability_check
    }
}

/// Says whether the credentials are, or are got with, those of the machine.
fn is_of_machine(source: &CredentialSource) -> bool {
    match source {
        CredentialSource::Metadata => true,
        CredentialSource::AssumeRole { base, .. } => is_of_machine(base),
        _ => false,
    }
}

fn no_credentials(passed_over: &[String], metadata: &str) -> Diagnostic {
    let mut detail = "No credentials were found. What was tried, in this order:\n".to_owned();
    for reason in passed_over {
        detail.push_str(&format!("- {reason}\n"));
    }
    detail.push_str(&format!(
        "- Metadata service of this machine: {metadata}.\n\nSet access_key and secret_key in the \
         provider block, or HW_ACCESS_KEY and HW_SECRET_KEY in the environment. To try things \
         without an account, set simulator or MODELARTS_SIMULATOR."
    ));
    Diagnostic::error("No credentials", detail)
}

/// The path would point into the resource that reports this.
fn without_path(problem: &Diagnostic) -> Diagnostic {
    Diagnostic { path: None, ..problem.clone() }
}

fn not_known_yet(attributes: &[String]) -> Diagnostic {
    Diagnostic::error(
        "The provider configuration is not known yet",
        format!(
            "This needs the service, but these arguments of the provider block are decided only \
             during apply: {}. Apply what they depend on first (terraform apply -target=…), or \
             give them values that are known during plan.",
            attributes.join(", ")
        ),
    )
}
