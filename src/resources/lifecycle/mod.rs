//! The life of an object that the service takes its time over: pools and
//! networks alike.
//!
//! A [`Kind`] says what is particular about its objects; what keeps an object
//! from being lost, made twice or destroyed by accident is written here once.
//! [`create`](create::create) sends one request and adopts what a lost answer
//! has made, [`update`](update::update) sends what is left to ask for of the
//! live object, [`delete`](delete::delete) is done when the service no longer
//! knows the object; [`read`](read::read) and [`import`](import::import) find
//! it. [`Watch`] waits, and [`Ending`] says what goes into the state and what the
//! user reads.

pub mod create;
pub mod delete;
mod ending;
pub mod identity;
pub mod import;
mod kind;
pub mod plan;
pub mod read;
mod run;
pub mod update;
pub mod waiting;
mod watch;

pub use ending::{Ending, OnTimeout, Operation};
pub use kind::{Goal, Kind, PatchOf, Readiness, RequestOf, SpecOf};
pub use run::Run;
pub use watch::{OLD_VERDICT, PATIENCE, Tolerance, Unfinished, Watch, unfinished};
