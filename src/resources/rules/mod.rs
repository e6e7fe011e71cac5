//! Rules that hold for what users write of any object: where a finding is
//! ([`Place`]), and the checks that several objects need.

mod block;
mod place;
mod texts;

pub use block::block;
pub use place::{Place, any_of, empty, filled, one_of, positive, whole};
pub use texts::{Name, allowed_time, description, name, time, timeouts};
