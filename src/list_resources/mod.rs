//! List resources: what exists, page by page, for `terraform query`.
//!
//! They take the filters of the plural data sources ([`filters`](crate::data_sources::filters))
//! and show what an import would find.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::data_sources::filters::{Filters, query};
use crate::data_sources::{NetworkFilters, PoolFilters, find};
use crate::modelarts::Object;
use crate::resources::lifecycle::Kind;
use crate::resources::network::NetworkResource;
use crate::resources::pool::PoolResource;
use crate::resources::session::Session;
use crate::tf::context::Context;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::list::{AnyListResource, ListResource, Listing, listed};
use crate::tf::resource::Outcome;

/// All list resources.
pub fn all(session: &Arc<dyn Session>) -> Vec<Arc<dyn AnyListResource>> {
    vec![
        listed(Lists::<PoolResource, PoolFilters>::new(session)),
        listed(Lists::<NetworkResource, NetworkFilters>::new(session)),
    ]
}

/// Lists the objects of a kind that pass some filters.
struct Lists<K, F> {
    session: Arc<dyn Session>,
    what: PhantomData<fn(K, F)>,
}

impl<K, F> Lists<K, F> {
    fn new(session: &Arc<dyn Session>) -> Self {
        Self { session: Arc::clone(session), what: PhantomData }
    }
}

impl<K: Kind, F: Filters<Of = K::Model>> ListResource for Lists<K, F> {
    type Config = F;
    type Model = K::Model;

    const TYPE_NAME: &'static str = K::TYPE_NAME;

    fn description() -> String {
        let noun = K::NOUN;
        format!(
            "Finds {noun}s that exist, to see them or to bring them under Terraform. Without a \
             workspace these are the {noun}s of the default one."
        )
    }

    fn validate(&self, config: &F) -> Diagnostics {
        config.check()
    }

    /// An object that cannot be understood is told at the end, when all others
    /// have been shown.
    async fn list(&self, cx: &Context, config: F, found: &Listing<K::Model>) -> Outcome {
        let names = config.names()?;
        let connection = self.session.connect(cx).await?;
        let parameters = config.parameters(&*self.session);
        let call = find::call(cx);
        let title = format!("{}s", K::TITLE);
        let mut pages = connection.client().pages::<K::Object>(&query(&parameters));
        let mut strange = Diagnostics::new();
        while let Some(page) = pages.next(&call).await.map_err(|e| find::failed(&title, &e))? {
            for object in page {
                let object = match object {
                    Ok(object) => object,
                    Err(error) => {
                        strange.extend(find::failed(&title, &error));
                        continue;
                    }
                };
                let name = object.display_name();
                if !names.pass(name) {
                    continue;
                }
                let model = K::of_user(K::picture(&object));
                if !config.pass(&model) {
                    continue;
                }
                let id = object.id().to_string();
                if found.show(name.unwrap_or(&id), &model).await.is_break() {
                    return Ok(());
                }
            }
        }
        if strange.is_empty() { Ok(()) } else { Err(strange) }
    }
}
