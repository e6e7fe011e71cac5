//! interim
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use crate::modelarts::{Client, CredentialSource, Endpoint, Endpoints, ProjectRef, Settings};
use crate::resources::pool::PoolResource;
use crate::resources::session::{Connection, Session};
use crate::tf::context::Context;
use crate::tf::data_source::DataSource;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::field::Field;
use crate::tf::provider::Provider;
use crate::tf::resource::Resource;
use crate::tf::schema::{Attribute, Block, Mode, Schema};
use crate::tf::value::Value;

/// x
#[derive(Default)]
pub struct Handle {
    config: Mutex<Value2>,
}
type Value2 = Option<(String, String, String, String)>;

#[async_trait]
impl Session for Handle {
    async fn connect(&self, _cx: &Context) -> Result<Arc<Connection>, Diagnostics> {
        let Some((url, ak, sk, project)) =
            self.config.lock().unwrap_or_else(|e| e.into_inner()).clone()
        else {
            return Err(Diagnostic::error("no config", "no config").into());
        };
        let url: url::Url =
            url.parse().map_err(|_| Diagnostics::from(Diagnostic::error("url", "url")))?;
        let e = || Endpoint { url: url.clone(), origin: "endpoints".to_owned() };
        let settings = Settings::new(
            ProjectRef::Id(project),
            CredentialSource::Keys { access_key: ak, secret_key: sk.into(), security_token: None },
            Endpoints { modelarts: e(), iam: e(), bss: e(), sts: e(), metadata: e() },
        );
        Client::new(settings)
            .map(|c| Arc::new(Connection::new(c)))
            .map_err(|e| Diagnostic::error("client", e.to_string()).into())
    }
    fn default_workspace(&self) -> Field<String> {
        Field::Null
    }
}

/// x
pub struct ModelArtsProvider {
    schema: Schema,
    handle: Arc<Handle>,
    resources: Vec<Arc<dyn Resource>>,
}
impl ModelArtsProvider {
    /// x
    pub fn new() -> Self {
        let handle = Arc::new(Handle::default());
        let s = |n: &str| Attribute::string(n, Mode::Optional, "x");
        Self {
            schema: Schema {
                version: 0,
                block: Block {
                    attributes: vec![
                        s("region"),
                        s("project_id"),
                        s("access_key"),
                        s("secret_key"),
                        Attribute::single(
                            "endpoints",
                            vec![s("modelarts"), s("iam")],
                            Mode::Optional,
                            "",
                        ),
                    ],
                    ..Block::default()
                },
            },
            resources: vec![Arc::new(PoolResource::new(Arc::clone(&handle) as Arc<dyn Session>))],
            handle,
        }
    }
}
#[async_trait]
impl Provider for ModelArtsProvider {
    fn schema(&self) -> &Schema {
        &self.schema
    }
    async fn configure(&self, _cx: &Context, config: &Value, _v: &str) -> Diagnostics {
        let t = |n: &str| config.get(n).as_str().unwrap_or_default().to_owned();
        let url = config.get("endpoints").get("modelarts").as_str().unwrap_or_default().to_owned();
        *self.handle.config.lock().unwrap_or_else(|e| e.into_inner()) =
            Some((url, t("access_key"), t("secret_key"), t("project_id")));
        Diagnostics::new()
    }
    fn resources(&self) -> &[Arc<dyn Resource>] {
        &self.resources
    }
    fn data_sources(&self) -> &[Arc<dyn DataSource>] {
        &[]
    }
}
