//! `modelarts_workspaces`.

use std::sync::Arc;

use crate::modelarts::workspace::Workspace;
use crate::resources::session::Session;
use crate::tf::context::Context;
use crate::tf::data_source::DataSource;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::model::{List, Model, Tf};

use super::find::{self, filled};
use super::names::{self, Names};

/// Looks up the workspaces of the project that pass the filters, sorted by name.
#[derive(Model)]
pub struct WorkspacesModel {
    /// Name.
    #[tf(optional)]
    pub name: Tf<String>,
    /// Regular expression (RE2) that names match, such as `^team-`.
    #[tf(optional)]
    pub name_regex: Tf<String>,
    /// ID of the enterprise project.
    #[tf(optional)]
    pub enterprise_project_id: Tf<String>,
    /// The workspaces.
    #[tf(computed)]
    pub workspaces: Tf<List<WorkspaceModel>>,
}

/// A workspace.
#[derive(Model)]
pub struct WorkspaceModel {
    /// ID of the workspace; `0` is the default one.
    #[tf(computed)]
    pub id: Tf<String>,
    /// Name.
    #[tf(computed)]
    pub name: Tf<String>,
    /// Description.
    #[tf(computed)]
    pub description: Tf<String>,
    /// `NORMAL`, `CREATE_FAILED`, `DELETING` or `DELETE_FAILED`.
    #[tf(computed)]
    pub status: Tf<String>,
    /// Who may use it: `PUBLIC`, `PRIVATE` or `INTERNAL`.
    #[tf(computed)]
    pub auth_type: Tf<String>,
    /// Who made it.
    #[tf(computed)]
    pub owner: Tf<String>,
    /// ID of the enterprise project.
    #[tf(computed)]
    pub enterprise_project_id: Tf<String>,
    /// When it was made, RFC 3339.
    #[tf(computed)]
    pub create_time: Tf<String>,
    /// When it was changed last, RFC 3339.
    #[tf(computed)]
    pub update_time: Tf<String>,
}

/// The data source `modelarts_workspaces`.
pub struct WorkspacesSource(pub Arc<dyn Session>);

impl DataSource for WorkspacesSource {
    type Model = WorkspacesModel;
    const TYPE_NAME: &'static str = "modelarts_workspaces";

    fn validate(&self, config: &WorkspacesModel) -> Diagnostics {
        names::check(&config.name, &config.name_regex)
    }

    async fn read(
        &self,
        cx: &Context,
        config: WorkspacesModel,
    ) -> Result<WorkspacesModel, Diagnostics> {
        let names = Names::of(&config.name, &config.name_regex)?;
        let connection = self.0.connect(cx).await?;
        // The service finds parts of names, which is more than is asked for.
        let (name, project) = (config.name.text(), config.enterprise_project_id.text());
        let found = connection.client().list_workspaces(&find::call(cx), name, project).await;
        let mut found = found.map_err(|error| find::failed("Workspaces", &error))?;
        found.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        let passing = found.iter().filter(|workspace| {
            names.pass(Some(&workspace.name))
                && find::is(&config.enterprise_project_id, workspace.enterprise_project_id.as_ref())
        });
        Ok(WorkspacesModel { workspaces: Tf::Known(passing.map(shown).collect()), ..config })
    }
}

fn shown(workspace: &Workspace) -> WorkspaceModel {
    let time = |ms: Option<i64>| {
        let time = ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        Tf::from(time.map(|time| time.to_string()))
    };
    WorkspaceModel {
        id: workspace.id.as_str().into(),
        name: workspace.name.as_str().into(),
        description: filled(workspace.description.as_deref()),
        status: filled(workspace.status.as_deref()),
        auth_type: filled(workspace.auth_type.as_deref()),
        owner: filled(workspace.owner.as_deref()),
        enterprise_project_id: filled(workspace.enterprise_project_id.as_deref()),
        create_time: time(workspace.create_time),
        update_time: time(workspace.update_time),
    }
}
