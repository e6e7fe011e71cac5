//! The bucket, written with the crate tf-provider 0.2.2: five attributes, of which
//! one is a nested list, and a block, with create, read, update, delete and
//! import.
//!
//! What the crate cannot say, and what stands here instead:
//! - `password` should be write-only. The crate knows no such attributes, so
//!   the password is sensitive and ends up in the state.
//! - `items` should be nested attributes. Terraform refuses those of the crate
//!   ("Type and NestedType cannot both be set"), so it is a list of objects,
//!   whose members have no description and must all be given.
//! - `timeouts` should be a block that may be left out. The crate's single
//!   block must be given, so it is a list of at most one.
//! - `replaces` and `default` are written out in the plan.
//! - Nothing tells a resource that it should stop.

use std::collections::HashMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tf_provider::schema::{
    Attribute, AttributeConstraint, AttributeType, Block, Description, NestedBlock, Schema,
};
use tf_provider::value::{Value, ValueEmpty, ValueList, ValueNumber, ValueString, serde_as_vec};
use tf_provider::{
    AttributePath, Diagnostics, DynamicDataSource, DynamicResource, Provider, Resource, map, serve,
};

#[path = "../../service.rs"]
mod service;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct BucketState<'a> {
    #[serde(borrow = "'a")]
    id: ValueString<'a>,
    name: ValueString<'a>,
    size: ValueNumber,
    password: ValueString<'a>,
    items: ValueList<Value<Item<'a>>>,
    #[serde(with = "serde_as_vec")]
    timeouts: Value<Timeouts<'a>>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Item<'a> {
    #[serde(borrow = "'a")]
    key: ValueString<'a>,
    value: ValueString<'a>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Timeouts<'a> {
    #[serde(borrow = "'a")]
    create: ValueString<'a>,
}

impl BucketState<'_> {
    fn bucket(&self) -> service::Bucket {
        let item = |item: &Value<Item<'_>>| {
            let item = item.clone().unwrap_or_default();
            let value = match item.value {
                Value::Value(value) => Some(value.into_owned()),
                Value::Null | Value::Unknown => None,
            };
            (item.key.unwrap_or_default().into_owned(), value)
        };
        service::Bucket {
            name: self.name.clone().unwrap_or_default().into_owned(),
            size: self.size.unwrap_or_default(),
            items: self.items.as_ref().map_or(Vec::new(), |items| items.iter().map(item).collect()),
        }
    }

    /// Takes over what the service says. Whether there are no items or an empty
    /// list of them is the user's own way to say it.
    fn found(&mut self, bucket: service::Bucket) {
        if self.bucket().items != bucket.items {
            let item = |(key, value): (String, Option<String>)| Item {
                key: text(key),
                value: value.map_or(Value::Null, text),
            };
            self.items =
                Value::Value(bucket.items.into_iter().map(item).map(Value::Value).collect());
        }
        self.name = text(bucket.name);
        self.size = Value::Value(bucket.size);
    }
}

fn text<'a>(text: String) -> ValueString<'a> {
    Value::Value(text.into())
}

fn attribute(ty: AttributeType, constraint: AttributeConstraint, description: &str) -> Attribute {
    Attribute {
        attr_type: ty,
        description: Description::plain(description.to_owned()),
        constraint,
        ..Default::default()
    }
}

struct BucketResource;

#[async_trait]
impl Resource for BucketResource {
    type State<'a> = BucketState<'a>;
    type PrivateState<'a> = ValueEmpty;
    type ProviderMetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        use AttributeConstraint::{Computed, Optional, OptionalComputed, Required};
        use AttributeType::{List, Number, Object, String};
        let password = attribute(String, Optional, "Password. Stored in the state.");
        let item = Object(map! { "key" => String, "value" => String });
        let create = attribute(String, Optional, "How long a creation may take.");
        Some(Schema {
            version: 0,
            block: Block {
                description: Description::plain("A bucket."),
                attributes: map! {
                    "id" => attribute(String, Computed, "ID, given by the service."),
                    "name" => attribute(
                        String, Required, "Name. Changing it creates a new bucket."
                    ),
                    "size" => attribute(Number, OptionalComputed, "Size in GiB; 10 unless set."),
                    "password" => Attribute { sensitive: true, ..password },
                    "items" => attribute(List(item.into()), Optional, "What is in it."),
                },
                blocks: map! {
                    "timeouts" => NestedBlock::Optional(Block {
                        description: Description::plain("How long things may take."),
                        attributes: map! { "create" => create },
                        ..Default::default()
                    }),
                },
                ..Default::default()
            },
        })
    }

    async fn read<'a>(
        &self,
        diags: &mut Diagnostics,
        mut state: BucketState<'a>,
        private: ValueEmpty,
        _: ValueEmpty,
    ) -> Option<(BucketState<'a>, ValueEmpty)> {
        match service::read(state.id.as_deref().unwrap_or_default()).await {
            Ok(bucket) => state.found(bucket?),
            Err(error) => diags.root_error("The bucket cannot be read", error.to_string()),
        }
        Some((state, private))
    }

    async fn plan_create<'a>(
        &self,
        _: &mut Diagnostics,
        mut proposed: BucketState<'a>,
        config: BucketState<'a>,
        _: ValueEmpty,
    ) -> Option<(BucketState<'a>, ValueEmpty)> {
        proposed.id = Value::Unknown;
        if config.size.is_null() {
            proposed.size = Value::Value(10);
        }
        Some((proposed, Value::Null))
    }

    async fn plan_update<'a>(
        &self,
        _: &mut Diagnostics,
        prior: BucketState<'a>,
        mut proposed: BucketState<'a>,
        config: BucketState<'a>,
        private: ValueEmpty,
        _: ValueEmpty,
    ) -> Option<(BucketState<'a>, ValueEmpty, Vec<AttributePath>)> {
        if config.size.is_null() {
            proposed.size = Value::Value(10);
        }
        let renamed = proposed.name != prior.name;
        let replaces = if renamed { vec![AttributePath::new("name")] } else { Vec::new() };
        Some((proposed, private, replaces))
    }

    async fn plan_destroy<'a>(
        &self,
        _: &mut Diagnostics,
        _: BucketState<'a>,
        private: ValueEmpty,
        _: ValueEmpty,
    ) -> Option<ValueEmpty> {
        Some(private)
    }

    async fn create<'a>(
        &self,
        diags: &mut Diagnostics,
        mut planned: BucketState<'a>,
        _: BucketState<'a>,
        private: ValueEmpty,
        _: ValueEmpty,
    ) -> Option<(BucketState<'a>, ValueEmpty)> {
        match service::create(planned.bucket()).await {
            Ok(id) => {
                planned.id = text(id);
                service::ready(planned.name.as_deref().unwrap_or_default()).await;
            }
            Err(error) => {
                diags.root_error("The bucket is not created", error.to_string());
                planned.id = text(error.id?);
            }
        }
        Some((planned, private))
    }

    async fn update<'a>(
        &self,
        diags: &mut Diagnostics,
        prior: BucketState<'a>,
        planned: BucketState<'a>,
        _: BucketState<'a>,
        private: ValueEmpty,
        _: ValueEmpty,
    ) -> Option<(BucketState<'a>, ValueEmpty)> {
        let id = planned.id.as_deref().unwrap_or_default();
        if let Err(error) = service::update(id, planned.bucket()).await {
            diags.root_error("The bucket is not changed", error.to_string());
            return Some((prior, private));
        }
        Some((planned, private))
    }

    async fn destroy<'a>(
        &self,
        diags: &mut Diagnostics,
        state: BucketState<'a>,
        _: ValueEmpty,
        _: ValueEmpty,
    ) -> Option<()> {
        if let Err(error) = service::delete(state.id.as_deref().unwrap_or_default()).await {
            diags.root_error("The bucket is not deleted", error.to_string());
        }
        Some(())
    }

    async fn import<'a>(
        &self,
        _: &mut Diagnostics,
        id: String,
    ) -> Option<(BucketState<'a>, ValueEmpty)> {
        Some((BucketState { id: text(id), ..Default::default() }, Value::Null))
    }
}

struct PeerProvider;

#[async_trait]
impl Provider for PeerProvider {
    type Config<'a> = ValueEmpty;
    type MetaState<'a> = ValueEmpty;

    fn schema(&self, _: &mut Diagnostics) -> Option<Schema> {
        Some(Schema { version: 0, block: Block::default() })
    }

    fn get_resources(
        &self,
        _: &mut Diagnostics,
    ) -> Option<HashMap<String, Box<dyn DynamicResource>>> {
        Some(map! { "bucket" => BucketResource })
    }

    fn get_data_sources(
        &self,
        _: &mut Diagnostics,
    ) -> Option<HashMap<String, Box<dyn DynamicDataSource>>> {
        Some(HashMap::new())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    serve("peer", PeerProvider).await
}
