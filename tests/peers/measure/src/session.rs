//! One provider in the hands of Terraform: the calls on its resource.

use std::path::PathBuf;
use std::sync::Arc;

use rmpv::Value;
use tonic::transport::Channel;

use crate::host::{Launch, Process};
use crate::proto::tfplugin6 as pb;
use crate::wire::{self, attribute, block_of, dynamic, empty, get, object, with, words};
use pb::provider_client::ProviderClient;

/// What is measured.
pub struct Subject {
    /// Heading of its column.
    pub title: String,
    pub binary: PathBuf,
    pub resource: String,
    /// Where the resource is written, to count its lines.
    pub sources: Vec<PathBuf>,
    /// What it says about itself.
    pub schema: pb::get_provider_schema::Response,
}

/// Why a rule is not kept, or cannot be tried.
#[derive(Debug)]
pub enum Miss {
    Fails(String),
    /// It does not apply to this provider.
    Skips(&'static str),
}

impl From<String> for Miss {
    fn from(text: String) -> Self {
        Self::Fails(text)
    }
}

impl From<&str> for Miss {
    fn from(text: &str) -> Self {
        Self::Fails(text.to_owned())
    }
}

impl From<tonic::Status> for Miss {
    fn from(status: tonic::Status) -> Self {
        let message = status.message().lines().next().unwrap_or_default();
        Self::Fails(format!("gRPC error {:?}: {message}", status.code()))
    }
}

pub type Checked = Result<(), Miss>;

/// Fails with a text unless something holds.
pub fn ensure(holds: bool, text: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Miss::Fails(text())) }
}

impl Subject {
    pub fn launch(&self) -> Launch {
        Launch::new(&self.binary)
    }

    /// The schema of the resource.
    pub fn resource_schema(&self) -> Result<&pb::Schema, Miss> {
        let schema = self.schema.resource_schemas.get(&self.resource);
        schema.ok_or_else(|| Miss::Fails(format!("it has no resource {}", self.resource)))
    }

    /// Whether the resource is the bucket.
    pub fn is_bucket(&self) -> bool {
        let has = |name| self.resource_schema().is_ok_and(|s| attribute(s, name).is_some());
        ["id", "name", "size", "items", "password"].into_iter().all(has)
    }

    /// A configuration in which nothing is set.
    pub fn nothing(&self) -> Result<Value, Miss> {
        Ok(empty(&self.resource_schema()?.block.clone().unwrap_or_default()))
    }

    /// The configuration of a bucket with two items and a time limit.
    pub fn bucket(&self, name: &str) -> Result<Value, Miss> {
        if !self.is_bucket() {
            return Err(Miss::Skips("needs a bucket"));
        }
        let items = Value::Array(vec![item("a".into(), "1".into()), item("b".into(), Value::Nil)]);
        let bucket = with(&self.nothing()?, [("name", name.into()), ("items", items)]);
        let blocks = &self.resource_schema()?.block.as_ref().ok_or("no block")?.block_types;
        let timeouts = blocks.iter().find(|nested| nested.type_name == "timeouts");
        let timeouts = timeouts.ok_or("it has no block timeouts")?;
        Ok(with(&bucket, [("timeouts", block_of(timeouts, &[("create", "30m".into())]))]))
    }

    /// What Terraform proposes: the configuration, and what it had before where
    /// the provider has a say.
    fn proposed(&self, prior: &Value, config: &Value) -> Result<Value, Miss> {
        if config.is_nil() {
            return Ok(Value::Nil);
        }
        let mut proposed = config.clone();
        let schema = self.resource_schema()?;
        for attribute in schema.block.iter().flat_map(|block| &block.attributes) {
            let name = attribute.name.as_str();
            if attribute.computed && get(config, name).is_nil() {
                proposed = with(&proposed, [(name, get(prior, name).clone())]);
            }
        }
        Ok(proposed)
    }

    /// Null, where the provider has declared that it wants data of modules.
    fn meta(&self) -> Option<pb::DynamicValue> {
        self.schema.provider_meta.as_ref().map(|_| dynamic(&Value::Nil))
    }
}

pub fn item(key: Value, value: Value) -> Value {
    object([("key", key), ("value", value)])
}

/// A plan.
#[derive(Debug, Clone)]
pub struct Plan {
    pub state: Value,
    pub private: Vec<u8>,
    /// Paths that need a new object, in words.
    pub replaces: Vec<String>,
    pub messages: Vec<pb::Diagnostic>,
}

/// An object as Terraform keeps it.
#[derive(Debug, Clone)]
pub struct Kept {
    pub state: Value,
    pub private: Vec<u8>,
    pub identity: Option<pb::ResourceIdentityData>,
    pub messages: Vec<pb::Diagnostic>,
}

pub fn has_error(messages: &[pb::Diagnostic]) -> bool {
    messages.iter().any(|m| m.severity() == pb::diagnostic::Severity::Error)
}

/// The messages in words.
pub fn told(messages: &[pb::Diagnostic]) -> String {
    let word = |m: &pb::Diagnostic| {
        let place = words(m.attribute.as_ref());
        let place = if place.is_empty() { "without a path".to_owned() } else { place };
        format!("{} ({place})", m.summary.trim())
    };
    if messages.is_empty() {
        return "no message".to_owned();
    }
    messages.iter().map(word).collect::<Vec<_>>().join("; ")
}

/// A process with a connection.
pub struct Session {
    pub subject: Arc<Subject>,
    pub process: Process,
    pub channel: Channel,
    pub calls: Calls,
}

impl Session {
    /// Starts, connects and configures.
    pub async fn start(subject: &Arc<Subject>) -> Result<Self, Miss> {
        Self::over(subject, subject.launch()).await
    }

    pub async fn over(subject: &Arc<Subject>, launch: Launch) -> Result<Self, Miss> {
        let process = launch.start().await?;
        let channel = process.connect().await?;
        let calls = Calls { subject: Arc::clone(subject), provider: client(&channel) };
        let session = Self { subject: Arc::clone(subject), process, channel, calls };
        if subject.is_bucket() {
            session.calls.configure().await?;
        }
        Ok(session)
    }
}

pub fn client(channel: &Channel) -> ProviderClient<Channel> {
    ProviderClient::new(channel.clone())
        .max_decoding_message_size(1 << 30)
        .max_encoding_message_size(1 << 30)
}

/// The calls of a connection.
#[derive(Clone)]
pub struct Calls {
    pub subject: Arc<Subject>,
    pub provider: ProviderClient<Channel>,
}

impl Calls {
    pub async fn configure(&self) -> Checked {
        let schema = self.subject.schema.provider.clone().unwrap_or_default();
        let request = pb::configure_provider::Request {
            terraform_version: "1.11.4".to_owned(),
            config: Some(dynamic(&empty(&schema.block.unwrap_or_default()))),
            client_capabilities: None,
        };
        let answer = self.provider.clone().configure_provider(request).await?.into_inner();
        ensure(!has_error(&answer.diagnostics), || told(&answer.diagnostics))
    }

    pub async fn stop(&self) -> Checked {
        let stopped = self.provider.clone().stop_provider(pb::stop_provider::Request {}).await?;
        let error = stopped.into_inner().error;
        ensure(error.is_empty(), || error)
    }

    pub async fn validate(&self, config: &Value) -> Result<Vec<pb::Diagnostic>, Miss> {
        self.validate_raw(dynamic(config), true).await
    }

    pub async fn validate_raw(
        &self,
        config: pb::DynamicValue,
        write_only: bool,
    ) -> Result<Vec<pb::Diagnostic>, Miss> {
        let request = pb::validate_resource_config::Request {
            type_name: self.subject.resource.clone(),
            config: Some(config),
            client_capabilities: Some(pb::ClientCapabilities {
                write_only_attributes_allowed: write_only,
                ..Default::default()
            }),
        };
        let answer = self.provider.clone().validate_resource_config(request).await?;
        Ok(answer.into_inner().diagnostics)
    }

    pub async fn plan(&self, prior: &Value, config: &Value, private: &[u8]) -> Result<Plan, Miss> {
        let request = pb::plan_resource_change::Request {
            type_name: self.subject.resource.clone(),
            prior_state: Some(dynamic(prior)),
            proposed_new_state: Some(dynamic(&self.subject.proposed(prior, config)?)),
            config: Some(dynamic(config)),
            prior_private: private.to_vec(),
            provider_meta: self.subject.meta(),
            ..Default::default()
        };
        self.plan_raw(request).await
    }

    pub async fn plan_raw(&self, request: pb::plan_resource_change::Request) -> Result<Plan, Miss> {
        let answer = self.provider.clone().plan_resource_change(request).await?.into_inner();
        Ok(Plan {
            state: wire::value(answer.planned_state.as_ref())?,
            private: answer.planned_private,
            replaces: answer.requires_replace.iter().map(|path| words(Some(path))).collect(),
            messages: answer.diagnostics,
        })
    }

    pub async fn apply(&self, prior: &Value, config: &Value, plan: &Plan) -> Result<Kept, Miss> {
        let request = pb::apply_resource_change::Request {
            type_name: self.subject.resource.clone(),
            prior_state: Some(dynamic(prior)),
            planned_state: Some(dynamic(&plan.state)),
            config: Some(dynamic(config)),
            planned_private: plan.private.clone(),
            provider_meta: self.subject.meta(),
            planned_identity: None,
        };
        let answer = self.provider.clone().apply_resource_change(request).await?.into_inner();
        Ok(Kept {
            state: wire::value(answer.new_state.as_ref())?,
            private: answer.private,
            identity: answer.new_identity,
            messages: answer.diagnostics,
        })
    }

    /// Plans and applies, whatever comes of it.
    pub async fn try_create(&self, config: &Value) -> Result<Kept, Miss> {
        let plan = self.plan(&Value::Nil, config, &[]).await?;
        ensure(!has_error(&plan.messages), || format!("plan: {}", told(&plan.messages)))?;
        self.apply(&Value::Nil, config, &plan).await
    }

    pub async fn create(&self, config: &Value) -> Result<Kept, Miss> {
        let kept = self.try_create(config).await?;
        ensure(!has_error(&kept.messages), || format!("apply: {}", told(&kept.messages)))?;
        Ok(kept)
    }

    pub async fn read(&self, kept: &Kept) -> Result<Kept, Miss> {
        self.read_raw(dynamic(&kept.state), kept.private.clone()).await
    }

    pub async fn read_raw(&self, state: pb::DynamicValue, private: Vec<u8>) -> Result<Kept, Miss> {
        let request = pb::read_resource::Request {
            type_name: self.subject.resource.clone(),
            current_state: Some(state),
            private,
            provider_meta: self.subject.meta(),
            ..Default::default()
        };
        let answer = self.provider.clone().read_resource(request).await?.into_inner();
        Ok(Kept {
            state: wire::value(answer.new_state.as_ref())?,
            private: answer.private,
            identity: answer.new_identity,
            messages: answer.diagnostics,
        })
    }

    /// Whether it still answers a simple question.
    pub async fn still_serves(&self) -> Checked {
        let config = match self.subject.is_bucket() {
            true => self.subject.bucket("still-there")?,
            false => self.subject.nothing()?,
        };
        match self.validate(&config).await {
            Ok(_) => Ok(()),
            Err(Miss::Fails(text)) => Err(Miss::Fails(format!("afterwards: {text}"))),
            Err(other) => Err(other),
        }
    }
}
