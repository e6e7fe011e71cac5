//! Blocks of IPv4 addresses.

use ipnet::Ipv4Net;

use crate::tf::diagnostics::Diagnostics;
use crate::tf::model::Tf;

use super::place::Place;

/// The block that a text means, even if it is not written as one.
pub fn block(field: &Tf<String>, place: &Place, found: &mut Diagnostics) -> Option<Ipv4Net> {
    let text = field.known()?;
    let Ok(net) = text.parse::<Ipv4Net>() else {
        let detail = format!(
            "{place} is {text:?}. Use an IPv4 address block such as \"172.16.0.0/16\": four \
             numbers, a slash and a prefix length from 0 to 32."
        );
        place.error("Invalid address block", detail, found);
        return None;
    };
    let net = net.trunc();
    if net.to_string() != *text {
        let detail = format!(
            "{place} is {text:?}, but this is not how a block starts: bits after the prefix are \
             zero and numbers have no leading zeros. Write \"{net}\"."
        );
        place.error("Invalid address block", detail, found);
    }
    Some(net)
}
