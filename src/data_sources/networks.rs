//! `modelarts_network` and `modelarts_networks`.

use std::sync::Arc;

use crate::modelarts::Network;
use crate::resources::network::{NetworkModel, picture};
use crate::resources::session::Session;
use crate::tf::context::Context;
use crate::tf::data_source::DataSource;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::model::{Both, List, Model, Tf, View, Viewed};

use super::filters::{Filters, Parameters};
use super::find::{self, Wanted};
use super::names::{self, Names};

/// A network as data sources show it.
pub struct Shown;

impl View for Shown {
    type Shown = NetworkModel;
    type More = Nothing;
    const DESCRIPTION: &'static str = "A network.";
}

/// A network that is looked for.
pub struct Looked;

impl View for Looked {
    type Shown = NetworkModel;
    type More = Nothing;
    const DESCRIPTION: &'static str = "Looks up a network by `id` or by `name`.";
    const ARGUMENTS: &'static [&'static str] =
        &[NetworkModel::ID, NetworkModel::NAME, NetworkModel::WORKSPACE_ID];
}

/// Nothing besides the attributes of the resource.
#[derive(Debug, Clone, Model)]
pub struct Nothing {}

fn shown<V: View<Shown = NetworkModel, More = Nothing>>(network: &Network) -> Viewed<V> {
    Viewed { shown: picture(network), more: Nothing {} }
}

/// The data source `modelarts_network`.
pub struct NetworkSource(pub Arc<dyn Session>);

impl DataSource for NetworkSource {
    type Model = Viewed<Looked>;
    const TYPE_NAME: &'static str = "modelarts_network";

    fn validate(&self, config: &Self::Model) -> Diagnostics {
        find::check_one(&config.shown.id, &config.shown.name)
    }

    async fn read(&self, cx: &Context, config: Self::Model) -> Result<Self::Model, Diagnostics> {
        let connection = self.0.connect(cx).await?;
        let NetworkModel { id, name, workspace_id, .. } = &config.shown;
        let workspace = find::workspace(workspace_id, &*self.0);
        let wanted = Wanted {
            title: "Network",
            id: id.text(),
            name: name.text(),
            workspace: workspace.as_deref(),
            is_workspace_written: workspace_id.is_known(),
        };
        let network = find::one::<Network>(connection.client(), &find::call(cx), &wanted).await?;
        Ok(shown(&network))
    }
}

/// What the user says about the networks that are looked for.
#[derive(Debug, Clone, Model)]
pub struct NetworkFilters {
    /// ID of the workspace. Default: the provider's `workspace_id`, otherwise
    /// what the service lists without one.
    #[tf(optional)]
    pub workspace_id: Tf<String>,
    /// Display name.
    #[tf(optional)]
    pub name: Tf<String>,
    /// Regular expression (RE2) that display names match, such as `^train-`.
    #[tf(optional)]
    pub name_regex: Tf<String>,
    /// Selector on labels in the syntax of Kubernetes, such as `team=vision`.
    #[tf(optional)]
    pub label_selector: Tf<String>,
}

impl Filters for NetworkFilters {
    type Of = NetworkModel;

    fn check(&self) -> Diagnostics {
        names::check(&self.name, &self.name_regex)
    }

    fn names(&self) -> Result<Names, Diagnostic> {
        Names::of(&self.name, &self.name_regex)
    }

    fn parameters(&self, session: &dyn Session) -> Parameters {
        vec![
            ("workspaceId", find::workspace(&self.workspace_id, session)),
            ("labelSelector", self.label_selector.cloned()),
        ]
    }

    fn pass(&self, _: &NetworkModel) -> bool {
        true
    }
}

/// Looks up all networks of a workspace that pass the filters, sorted by name.
#[derive(Model)]
pub struct FoundNetworks {
    /// The networks.
    #[tf(computed)]
    pub networks: Tf<List<Viewed<Shown>>>,
}

/// The data source `modelarts_networks`.
pub struct NetworksSource(pub Arc<dyn Session>);

impl DataSource for NetworksSource {
    type Model = Both<NetworkFilters, FoundNetworks>;
    const TYPE_NAME: &'static str = "modelarts_networks";

    fn validate(&self, config: &Self::Model) -> Diagnostics {
        config.first.check()
    }

    async fn read(&self, cx: &Context, config: Self::Model) -> Result<Self::Model, Diagnostics> {
        let filters = config.first;
        let found = find::all::<Network, _>(&*self.0, cx, "Networks", &filters, picture).await?;
        let networks = Tf::Known(found.iter().map(shown).collect());
        Ok(Both { first: filters, second: FoundNetworks { networks } })
    }
}
