//! Functions that configurations may call.

mod spread;

pub use spread::Spread;
