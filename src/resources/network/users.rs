//! The pools that stand on a network.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::modelarts::workspace::DEFAULT_WORKSPACE;
use crate::modelarts::{Call, Client, NetworkId, Object, Pool};
use crate::resources::lifecycle::Run;

/// Time to find them, all calls together.
const LOOK_UP: Duration = Duration::from_secs(10);
/// So many are named.
const NAMED: usize = 5;

/// Says which pools stand on a network; nothing when none is found, or when they
/// cannot be listed.
pub async fn of(run: Run<'_>, id: &NetworkId) -> Option<String> {
    let end = Instant::now() + LOOK_UP;
    let call = Call::new(run.cx.stop.clone(), Some(end));
    let found = timeout_at(end, pools_on(run.connection.client(), &call, id)).await.ok()?;
    sentence(&found)
}

async fn pools_on(client: &Client, call: &Call, id: &NetworkId) -> Vec<String> {
    let workspaces = client.list_workspaces(call, None, None).await.unwrap_or_default();
    let mut ids: Vec<String> = workspaces.into_iter().map(|workspace| workspace.id).collect();
    if !ids.iter().any(|id| id == DEFAULT_WORKSPACE) {
        ids.insert(0, DEFAULT_WORKSPACE.to_owned());
    }
    let mut found = Vec::new();
    for workspace in ids {
        // One that may not be listed hides no other.
        let listed = client.list_where::<Pool>(call, &workspace, &|_| true).await;
        let Ok(listed) = listed else { continue };
        let pools = listed.objects.into_values().filter_map(Result::ok);
        let stands = |pool: &Pool| {
            let network = pool.spec.network.as_ref().and_then(|network| network.name.as_deref());
            network == Some(id.as_str())
        };
        found.extend(pools.filter(stands).map(|pool| {
            format!("{} ({})", pool.display_name().unwrap_or("without a name"), pool.id())
        }));
    }
    found.sort();
    found.dedup();
    found
}

fn sentence(pools: &[String]) -> Option<String> {
    let named = pools.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match pools.len() {
        0 => None,
        1 => Some(format!("Pool {named} uses it: destroy that pool first.")),
        n if n <= NAMED => Some(format!("The pools {named} use it: destroy them first.")),
        n => Some(format!("{n} pools use it, among them {named}: destroy them first.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_are_named_and_many_are_counted() {
        let pools = |n: usize| (0..n).map(|i| format!("p{i}")).collect::<Vec<_>>();
        assert_eq!(sentence(&pools(0)), None);
        assert_eq!(sentence(&pools(1)).unwrap(), "Pool p0 uses it: destroy that pool first.");
        assert_eq!(sentence(&pools(2)).unwrap(), "The pools p0, p1 use it: destroy them first.");
        let many = sentence(&pools(7)).unwrap();
        assert!(many.starts_with("7 pools use it, among them p0, p1, p2, p3, p4:"), "{many}");
    }
}
