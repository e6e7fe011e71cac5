//! What the service says about a pool that did not get where it was to be.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::modelarts::event::Event;
use crate::modelarts::order::Order;
use crate::modelarts::{Call, Error, Pool, PoolId};
use crate::resources::lifecycle::Run;

/// Time to look reasons up, all calls together: an error that is known should
/// not keep anybody waiting.
const LOOK_UP: Duration = Duration::from_secs(10);
/// So many warnings are told.
const WARNINGS: usize = 3;

/// Adds to `text` what the service says: its message, the reason of the pool's
/// last order, and the latest warnings. What cannot be looked up is left out.
pub async fn with_reasons(
    mut text: String,
    run: Run<'_>,
    (workspace, id): (&str, &PoolId),
    pool: Option<&Pool>,
) -> String {
    let end = Instant::now() + LOOK_UP;
    let call = Call::new(run.cx.stop.clone(), Some(end));
    let client = run.connection.client();
    let (orders, warnings) = tokio::join!(
        look_up(end, "orders", id, client.list_orders(&call, id, Some(workspace), None)),
        look_up(end, "warnings", id, client.latest_warnings(&call, id, WARNINGS)),
    );
    let message = pool.and_then(|pool| pool.status.message.as_deref());
    let order = last_order(&orders, pool.and_then(Pool::order_name)).and_then(order_words);
    let words = message
        .filter(|message| !message.is_empty())
        .map(|message| (message.to_owned(), format!("the service says: {message}")))
        .into_iter()
        .chain(order)
        .chain(warnings.iter().filter_map(warning_words));
    for (said, sentence) in words {
        if !text.contains(&said) {
            text.push_str("; ");
            text.push_str(&sentence);
        }
    }
    text
}

async fn look_up<T>(
    end: Instant,
    what: &str,
    id: &PoolId,
    call: impl Future<Output = Result<Vec<T>, Error>>,
) -> Vec<T> {
    match timeout_at(end, call).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            tracing::warn!(pool = %id, %error, "the {what} of the pool could not be read");
            Vec::new()
        }
        Err(_) => {
            tracing::warn!(pool = %id, "the {what} of the pool could not be read in time");
            Vec::new()
        }
    }
}

/// The order that the pool names, or the newest where it names none.
fn last_order<'o>(orders: &'o [Order], name: Option<&str>) -> Option<&'o Order> {
    match name {
        Some(name) => orders.iter().find(|order| order.order_name == name),
        None => orders.iter().max_by_key(|order| order.creation_timestamp),
    }
}

/// The reason of a failed order, by itself and as a sentence.
fn order_words(order: &Order) -> Option<(String, String)> {
    let why = order.fail_reason.clone().filter(|why| !why.is_empty())?;
    let sentence = format!("its order {} says: {why}", order.order_name);
    Some((why, sentence))
}

/// The message of a warning, by itself and as a sentence.
fn warning_words(event: &Event) -> Option<(String, String)> {
    let message = event.message.clone().filter(|message| !message.is_empty())?;
    let when = event.last_timestamp.as_ref().or(event.first_timestamp.as_ref());
    let when = when.map(|when| format!(" of {when}")).unwrap_or_default();
    let sentence = format!("a warning{when} says: {message}");
    Some((message, sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_that_the_pool_names_speaks_and_otherwise_the_newest() {
        let order = |name: &str, at: i64, why: &str| Order {
            order_name: name.to_owned(),
            creation_timestamp: Some(at),
            fail_reason: Some(why.to_owned()),
            ..Order::default()
        };
        let orders = [order("a", 1, "no quota"), order("b", 3, ""), order("c", 2, "sold out")];
        let words =
            |name: Option<&str>| last_order(&orders, name).and_then(order_words).map(|w| w.1);
        assert_eq!(words(Some("c")).as_deref(), Some("its order c says: sold out"));
        assert_eq!(words(Some("z")), None);
        // The newest has nothing to say; an older one is about something else.
        assert_eq!(words(None), None);
    }
}
