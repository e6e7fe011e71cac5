//! What names an object for good.

use std::time::Duration;

use crate::resources::errors;
use crate::resources::session::Session;
use crate::tf::context::Context;
use crate::tf::diagnostics::Diagnostic;
use crate::tf::model::{Model, Tf};
use crate::tf::resource::Outcome;
use crate::tf::schema::Schema;
use crate::tf::value::Value;

use super::kind::Kind;
use super::run::Run;

/// Time to find out the project, all repetitions of calls included.
const PROJECT_TIMEOUT: Duration = Duration::from_secs(60);

/// What names an object for good.
#[derive(Debug, Clone, Model)]
pub struct Identity {
    /// ID of the object, given by the service.
    #[tf(required)]
    pub id: Tf<String>,
    /// ID of the project that the object is in. Default: the project of the
    /// provider.
    #[tf(optional)]
    pub project_id: Tf<String>,
}

/// The identity schema of all kinds of objects.
pub fn schema() -> Schema {
    Identity::schema()
}

/// The identity of an object. Its project is that of the provider, if that is
/// known by now: it is after any call.
pub fn of<K: Kind>(session: &dyn Session, object: &K::Model) -> Value {
    let id = Tf::Known(K::id(object).to_string());
    Identity { id, project_id: session.project_id().into() }.to_value()
}

/// Refuses an object of another project than the provider's: the service would
/// say that it does not exist, and Terraform would make another one.
pub async fn reaches<K: Kind>(session: &dyn Session, cx: &Context, identity: &Value) -> Outcome {
    let Identity { id, project_id } = Identity::from_value(identity)?;
    let Some(there) = project_id.text() else { return Ok(()) };
    let connection = session.connect(cx).await?;
    let call = Run::new(&connection, cx, PROJECT_TIMEOUT).call();
    let title = K::TITLE;
    let here = connection.client().project_id(&call).await.map_err(|error| {
        let consequence = format!("{title} {} was not looked for.", id.text().unwrap_or_default());
        errors::failed_call("The project could not be found out", &consequence, &error)
    })?;
    if here == there {
        return Ok(());
    }
    let noun = K::NOUN;
    let detail = format!(
        "The {noun} {} is in project {there}, but the provider is configured for project {here}. \
         It was not looked for, so that it does not count as deleted. Set project_id (or region) \
         of the provider to that project, or use a provider configuration with an alias for it. \
         If Terraform is to forget the {noun}, use terraform state rm.",
        id.text().unwrap_or_default()
    );
    Err(Diagnostic::error(format!("{title} is in another project"), detail).into())
}
