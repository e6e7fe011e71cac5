//! A planned change, as an author sees it.

use crate::tf::model::{Mismatch, Model};
use crate::tf::value::Value;

use super::erased::ChangeRequest;

/// A planned create or update.
#[derive(Debug, Clone)]
pub struct Change<M> {
    /// The object as it was; nothing is set in it on create.
    pub prior: M,
    /// The object as planned.
    pub planned: M,
    /// What the user wrote, write-only values included.
    pub config: M,
}

impl<M: Model> Change<M> {
    pub(super) fn read(request: &ChangeRequest) -> Result<Self, Mismatch> {
        let prior = match &request.prior {
            // An object in which nothing is set.
            Value::Null => M::null(),
            prior => M::from_value(prior)?,
        };
        let planned = M::from_value(&request.planned)?;
        let config = M::from_value(&request.config)?;
        Ok(Self { prior, planned, config })
    }
}
