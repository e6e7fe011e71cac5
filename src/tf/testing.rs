//! Terraform for tests: drives a resource in process and checks Terraform's
//! rules at each step.
//!
//! ```
//! # use terraform_provider_modelarts::tf::{prelude::*, resource::AnyResource, testing::Driver};
//! # async fn example<R: Resource>(resource: R, config: R::Model) -> Result<(), Diagnostics> {
//! let mut driver = Driver::new(typed(resource));
//! driver.apply(&config.to_value()).await?; // refresh, plan, create or change
//! driver.is_settled(&config.to_value()).await?; // nothing is left to do
//! driver.destroy().await
//! # }
//! ```

use std::sync::Arc;

use super::codec::conforms;
use super::conform::{complete, null_write_only, unknowns_to_null};
use super::context::Context;
use super::diagnostics::{Diagnostic, Diagnostics};
use super::keeper::{Keeper, Kept};
use super::model::Model;
use super::oracle::{self, Violation};
use super::private::Private;
use super::resource::{
    AnyResource, ChangeRequest, Import, Outcome, PlanRequest, Planned, Resource, typed,
};
use super::schema::check::check;
use super::value::Value;

/// Leads an object through its life: made from the first configuration, changed
/// to each of the others, imported by its `id` and by its identity, destroyed.
///
/// # Errors
/// What a step complains of, and every rule of Terraform's that is broken: a
/// plan or an answer that is not valid, a plan that is not empty after an
/// apply, an import that needs a new object, an object that outlives its end.
pub async fn live<R: Resource>(resource: R, configs: &[R::Model]) -> Outcome {
    let mut driver = Driver::new(typed(resource));
    wrong(check(driver.resource.schema()))?;
    for config in configs {
        driver.apply(&config.to_value()).await?;
        driver.is_settled(&config.to_value()).await?;
    }
    let Some(last) = configs.last().map(Model::to_value) else { return Ok(()) };
    let before = driver.state.clone();
    driver.import(Import::Id(before.get("id").as_str().unwrap_or_default())).await?;
    let planned = driver.plan(&last).await?;
    wrong(planned.requires_replace.iter().map(|path| format!("imported, {path} replaces it")))?;
    driver.apply(&last).await?;
    driver.is_settled(&last).await?;
    driver.is_found_again().await?;
    driver.destroy().await?;
    driver.state = before;
    driver.refresh().await?;
    wrong((!driver.state.is_null()).then_some("it is still there after it was destroyed"))
}

/// A resource in the hands of Terraform.
pub struct Driver {
    resource: Arc<dyn AnyResource>,
    /// The circumstances of its calls.
    pub cx: Context,
    /// The object as in the state; null when there is none.
    pub state: Value,
    /// The private data that is stored with it.
    pub private: Private,
}

impl Driver {
    /// A resource without an object.
    pub fn new(resource: Arc<dyn AnyResource>) -> Self {
        let (cx, private) = (Context::default(), Private::default());
        Self { resource, cx, state: Value::Null, private }
    }

    /// Validates and plans a configuration.
    ///
    /// # Errors
    /// The messages, and the rules that the plan breaks.
    pub async fn plan(&self, config: &Value) -> Result<Planned, Diagnostics> {
        self.plan_from(config, self.state.clone(), self.private.clone()).await
    }

    async fn plan_from(
        &self,
        config: &Value,
        prior: Value,
        private: Private,
    ) -> Result<Planned, Diagnostics> {
        let schema = self.resource.schema();
        let mut config = config.clone();
        complete(schema, &mut config);
        let found = self.resource.validate(&config);
        if found.has_errors() {
            return Err(found);
        }
        let request = PlanRequest { prior, config, private };
        let mut planned = self.resource.plan(&self.cx, &request).await;
        if planned.diagnostics.has_errors() {
            return Err(planned.diagnostics);
        }
        null_write_only(schema, &mut planned.state);
        let PlanRequest { prior, config, .. } = &request;
        broken("plan", oracle::check_plan(schema, prior, config, &planned.state))?;
        let paths = &planned.requires_replace;
        broken("replacement", oracle::check_replacements(prior, &planned.state, paths))?;
        Ok(planned)
    }

    /// Refreshes, plans and carries the plan out, with a new object where one
    /// is needed.
    ///
    /// # Errors
    /// The messages, and the rules that are broken.
    pub async fn apply(&mut self, config: &Value) -> Outcome {
        if !self.state.is_null() {
            self.refresh().await?;
        }
        let mut planned = self.plan(config).await?;
        if planned.state == self.state {
            return Ok(());
        }
        if !planned.requires_replace.is_empty() {
            self.destroy().await?;
            planned = self.plan_from(config, Value::Null, planned.private).await?;
        }
        self.carry_out(config, &planned).await
    }

    /// Carries out a plan: a create or an update.
    ///
    /// # Errors
    /// The messages, and the rules that the new object breaks. The object is as
    /// the resource saved it last.
    pub async fn carry_out(&mut self, config: &Value, planned: &Planned) -> Outcome {
        let mut config = config.clone();
        complete(self.resource.schema(), &mut config);
        let prior = self.state.clone();
        let request = ChangeRequest { prior, planned: planned.state.clone(), config };
        let keeper = Keeper::new(self.state.clone(), planned.private.clone());
        let (cx, resource) = (&self.cx, &self.resource);
        let ended = match self.state {
            Value::Null => resource.create(cx, &request, &keeper).await,
            _ => resource.update(cx, &request, &keeper).await,
        };
        self.keep(keeper.take());
        ended?;
        let schema = self.resource.schema();
        broken("answer", oracle::check_applied(schema, &planned.state, &self.state))
    }

    /// Destroys the object.
    ///
    /// # Errors
    /// The messages; the object is as the resource saved it last.
    pub async fn destroy(&mut self) -> Outcome {
        let refused = self.resource.plan_destroy(&self.cx, &self.state, &self.private).await;
        if refused.has_errors() {
            return Err(refused);
        }
        let keeper = Keeper::new(self.state.clone(), self.private.clone());
        let ended = self.resource.delete(&self.cx, &self.state, &keeper).await;
        let Kept { state, private, .. } = keeper.take();
        if ended.is_ok() {
            (self.state, self.private) = (Value::Null, Private::default());
        } else {
            self.private = private;
            self.state = if state.is_null() { std::mem::take(&mut self.state) } else { state };
        }
        ended
    }

    /// Refreshes the object.
    ///
    /// # Errors
    /// The messages; the object stays as it was.
    pub async fn refresh(&mut self) -> Outcome {
        let keeper = Keeper::new(self.state.clone(), self.private.clone());
        let ended = self.resource.read(&self.cx, &self.state, &keeper).await;
        let kept = keeper.take();
        if ended.is_err() {
            self.private = kept.private;
            return ended;
        }
        wrong((!kept.state.is_wholly_known()).then_some("it left values unknown after reading"))?;
        self.keep(kept);
        Ok(())
    }

    /// Imports an object and refreshes it, in place of the one that there is.
    ///
    /// # Errors
    /// The messages.
    pub async fn import(&mut self, what: Import<'_>) -> Outcome {
        let keeper = Keeper::default();
        self.resource.import(&self.cx, what, &keeper).await?;
        let kept = keeper.take();
        wrong(kept.state.is_null().then_some("it imported nothing"))?;
        self.keep(kept);
        self.refresh().await
    }

    /// Imports the object by its identity, where it has one, and takes the
    /// configuration that is generated for it: nothing is to be changed then.
    ///
    /// # Errors
    /// The messages, and what the plan would change.
    pub async fn is_found_again(&mut self) -> Outcome {
        let identity = self.resource.identity(&self.state);
        if self.resource.identity_schema().is_none() {
            return Ok(());
        }
        self.import(Import::Identity(&identity)).await?;
        let again = self.resource.identity(&self.state);
        wrong((again != identity).then_some("importing it gives it another identity"))?;
        let config = self.resource.generate(&self.state)?;
        self.is_settled(&config).await
    }

    /// Refreshes and plans.
    ///
    /// # Errors
    /// What the plan would change.
    pub async fn is_settled(&mut self, config: &Value) -> Outcome {
        self.refresh().await?;
        let planned = self.plan(config).await?;
        let names = self.resource.schema().attributes.iter().map(|attribute| &attribute.name);
        let open = names.filter(|name| planned.state.get(name) != self.state.get(name));
        wrong(open.map(|name| format!("the next plan changes {name}")))
    }

    fn keep(&mut self, kept: Kept) {
        self.state = kept.state;
        self.private = kept.private;
        null_write_only(self.resource.schema(), &mut self.state);
        complete(self.resource.schema(), &mut self.state);
        // As the runtime does when an operation fails before all is known.
        if !self.state.is_wholly_known()
            && conforms(&self.state, self.resource.schema().ty()).is_ok()
        {
            unknowns_to_null(&mut self.state);
        }
    }
}

fn broken(what: &str, rules: Vec<Violation>) -> Outcome {
    wrong(rules.into_iter().map(|rule| format!("the {what} is not valid: {rule}")))
}

fn wrong(texts: impl IntoIterator<Item = impl Into<String>>) -> Outcome {
    let found: Diagnostics = texts
        .into_iter()
        .map(|text| Diagnostic::error("Terraform would refuse this", text))
        .collect();
    if found.is_empty() { Ok(()) } else { Err(found) }
}
