//! The hand that tests reach into the simulated cloud with.

mod networks;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde_json::{Map, Value, json};

use super::{
    auth::Gate,
    call::{Call, Live, Query},
    kept::Kept,
    layout::{Timing, rebuild},
    pool_create, pool_find,
    pool_view::{view, view_all},
    record::Recorded,
    scenario::Scenario,
    server::Shared,
    signature::Signed,
    store::StoreError,
    world::{Leaving, Pool, World},
};

/// Looks at and changes a running simulator from inside its process.
#[derive(Clone)]
pub struct Cloud {
    pub(super) shared: Arc<Shared>,
}

impl Cloud {
    /// Returns every pool as the service would answer it, with the scenario's shapes left out.
    ///
    /// # Errors
    /// A state file that cannot be read.
    pub fn pools(&self) -> Result<Vec<Value>, StoreError> {
        self.shared.store.read(|world| {
            let now = self.shared.now() + world.ahead;
            let there = world.pools.iter().map(|pool| &**pool).filter(|pool| !pool.is_gone(now));
            view_all(world, there, now)
        })
    }

    /// Returns a pool by its ID or display name.
    ///
    /// # Errors
    /// A state file that cannot be read.
    pub fn pool(&self, id_or_name: &str) -> Result<Option<Value>, StoreError> {
        let pools = self.pools()?;
        Ok(pools.into_iter().find(|pool| {
            pool["metadata"]["name"] == id_or_name
                || pool["metadata"]["labels"]["os.modelarts/name"] == id_or_name
        }))
    }

    /// Returns what this process was asked so far, oldest first (the last 10,000 requests).
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.records.list()
    }

    /// Forgets the recorded requests and the count of destructive calls.
    pub fn forget_requests(&self) {
        self.shared.forget_requests();
    }

    /// Waits until the recorded requests fulfil a condition. It has no deadline of its own.
    pub async fn wait_for_requests(&self, enough: impl Fn(&[Recorded]) -> bool) -> Vec<Recorded> {
        let mut changes = self.shared.records.subscribe();
        loop {
            let requests = self.requests();
            // A closed channel means that the server is gone and no request will come.
            if enough(&requests) || changes.changed().await.is_err() {
                return requests;
            }
        }
    }

    /// Counts the carried out requests that destroyed pools, networks or nodes.
    pub fn destructive_calls(&self) -> u64 {
        self.shared.destructive.load(Ordering::SeqCst)
    }

    /// Puts another scenario into force; its counters begin anew.
    pub fn set_scenario(&self, scenario: Scenario) {
        self.shared.set_live(Live::new(scenario));
    }

    /// Returns to the default scenario.
    pub fn clear_scenario(&self) {
        self.set_scenario(Scenario::default());
    }

    /// Refuses every token that has been issued so far.
    pub fn revoke_tokens(&self) {
        self.shared.gate.revoke_tokens(self.shared.gateway_now());
    }

    /// Moves the cloud's time forward; what was to happen meanwhile has then happened.
    ///
    /// # Errors
    /// A state file that cannot be written.
    pub fn advance(&self, time: Duration) -> Result<(), StoreError> {
        let time = i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 4);
        self.shared.store.update(|world| {
            world.ahead = world.ahead.saturating_add(time);
            (true, ())
        })
    }

    /// Changes a pool behind everybody's back. The closure gets the object as the service would
    /// answer it; changed counts take effect at once, and a changed status stays as it was put.
    /// Returns whether the pool was there.
    ///
    /// # Errors
    /// A state file that cannot be read or written.
    pub fn change_pool(
        &self,
        id_or_name: &str,
        change: impl FnOnce(&mut Value),
    ) -> Result<bool, StoreError> {
        self.update(|world, call| {
            let Some(index) = position(world, id_or_name) else { return false };
            let Some(mut pool) = world.pools.get(index).cloned() else { return false };
            let before = view(world, &pool, call.now);
            let mut after = before.clone();
            change(&mut after);
            put(&mut pool, &before, after, call.now);
            if let Some(slot) = world.pools.get_mut(index) {
                *slot = pool;
            }
            true
        })
    }

    /// Creates a pool as another user would, ready at once. Returns its object.
    ///
    /// # Errors
    /// A state file that cannot be read or written; the inner error is the service's refusal.
    pub fn add_pool(&self, body: &Value) -> Result<Result<Value, Value>, StoreError> {
        let text = body.to_string();
        self.update_with(text.as_bytes(), |world, call| {
            let created = pool_create::create(world, call);
            if created.is_err() {
                return created.map(|answer| answer.body).map_err(|refusal| refusal.body);
            }
            let Some(pool) = world.pools.last_mut() else { return Ok(json!({})) };
            finish(pool, call.now);
            let pool = pool.clone();
            Ok(view(world, &pool, call.now))
        })
    }

    /// Makes a pool vanish at once. Returns whether it was there.
    ///
    /// # Errors
    /// A state file that cannot be read or written.
    pub fn remove_pool(&self, id_or_name: &str) -> Result<bool, StoreError> {
        self.update(|world, call| match position(world, id_or_name) {
            Some(index) => {
                let pool = world.pools.remove(index);
                world.hold_network(&pool, pool_find::held(call, Some(call.now)));
                true
            }
            None => false,
        })
    }

    /// Pays for, or approves, a pool in phase Waiting. Returns whether there was one.
    ///
    /// # Errors
    /// A state file that cannot be read or written.
    pub fn release_pool(&self, id_or_name: &str) -> Result<bool, StoreError> {
        self.update(|world, call| {
            let Some(index) = position(world, id_or_name) else { return false };
            let Some(mut pool) = world.pools.get(index).cloned() else { return false };
            if pool.phase(call.now) != Some("Waiting") {
                return false;
            }
            pool_create::begin(world, call, &mut pool, call.now);
            if let Some(slot) = world.pools.get_mut(index) {
                *slot = pool;
            }
            true
        })
    }

    /// Begins to delete a pool, as another user would. Returns whether it was there.
    ///
    /// # Errors
    /// A state file that cannot be read or written.
    pub fn delete_pool(&self, id_or_name: &str) -> Result<bool, StoreError> {
        self.update(|world, call| {
            let Some(index) = position(world, id_or_name) else { return false };
            let Some(mut pool) = world.pools.get(index).cloned() else { return false };
            pool_find::leave(world, call, &mut pool);
            if let Some(slot) = world.pools.get_mut(index) {
                *slot = pool;
            }
            true
        })
    }

    fn update<T>(&self, change: impl FnOnce(&mut World, &Call<'_>) -> T) -> Result<T, StoreError> {
        self.update_with(b"", change)
    }

    /// Changes the world as a request with this body would.
    fn update_with<T>(
        &self,
        body: &[u8],
        change: impl FnOnce(&mut World, &Call<'_>) -> T,
    ) -> Result<T, StoreError> {
        let headers = hyper::HeaderMap::new();
        let live = self.shared.live();
        let gate: &Gate = &self.shared.gate;
        self.shared.store.update(|world| {
            let now = self.shared.now() + world.ahead;
            world.settle(now);
            let signed = Signed { method: "", path: "", query: "", headers: &headers, body };
            let call = Call {
                signed,
                query: Query::new(""),
                live: &live,
                gate,
                speed: self.shared.speed,
                now,
                gateway_now: self.shared.gateway_now(),
            };
            (true, change(world, &call))
        })
    }
}

fn position(world: &World, id_or_name: &str) -> Option<usize> {
    let is =
        |pool: &Kept<Pool>| pool.id == id_or_name || pool.label("os.modelarts/name") == id_or_name;
    world.pools.iter().position(is)
}

/// Takes the status out of a changed object, and notes what was changed in it.
fn put_status(by_hand: &mut Map<String, Value>, before: &Value, after: &mut Value) {
    let empty = Map::new();
    let status = after.as_object_mut().and_then(|object| object.remove("status"));
    let new = status.as_ref().and_then(Value::as_object).unwrap_or(&empty);
    let old = before.get("status").and_then(Value::as_object).unwrap_or(&empty);
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        by_hand.insert(key.clone(), Value::Null);
    }
    for (key, value) in new.iter().filter(|(key, value)| old.get(*key) != Some(value)) {
        by_hand.insert(key.clone(), value.clone());
    }
}

/// Takes over what was changed in the object of a pool.
fn put(pool: &mut Pool, before: &Value, mut after: Value, now: i64) {
    put_status(&mut pool.overrides, before, &mut after);
    let resized = before.pointer("/spec/resources") != after.pointer("/spec/resources");
    pool.object = after;
    if resized && !pool.is_logical() {
        let entries: Vec<Value> =
            pool.resources().iter().map(super::layout::adjust_entry).collect();
        pool.set_spec("resources", Value::Array(entries));
        rebuild(pool, &at_once(now));
        pool.settle(now);
    }
}

fn at_once(now: i64) -> Timing<'static> {
    Timing {
        arrive: &|_, _| (Some(0), Some(0)),
        leave: Leaving { from: Some(now), gone: Some(now) },
        abnormal: (0, None),
        failing: None,
    }
}

/// Lets everything that a creation is waiting for have happened.
fn finish(pool: &mut Pool, now: i64) {
    pool.picked_up = Some(now);
    pool.released = Some(now);
    pool.running = Some(now);
    for node in &mut pool.nodes {
        node.created = Some(now);
        node.available = Some(now);
    }
    for scope in &mut pool.scopes {
        scope.until = Some(now);
    }
    for driver in &mut pool.drivers {
        driver.until = Some(now);
    }
}
