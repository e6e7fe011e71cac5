//! Lists that serve many reads.
//!
//! Terraform refreshes a thousand pools ten at a time. The first few reads ask
//! singly; when more come, one list of the workspace serves all, and goes on to
//! do so for some seconds.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::found;
use crate::modelarts::{Call, Client, Error, ErrorKind, Pool, PoolFilter, PoolId};
use crate::wait::SharedCall;

/// A read is content with a list of this age, unless this process has changed
/// something since.
const AGE: Duration = Duration::from_secs(10);
/// So many reads within [`AGE`] ask singly.
const SINGLY: usize = 3;
/// When a list takes longer, reads ask singly meanwhile, [`SINGLY`] at a time.
const SLOW: Duration = Duration::from_secs(15);
/// Time for a list, all repetitions included.
const LIST_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// For how long a list that was forbidden is not tried again.
const FORBIDDEN: Duration = Duration::from_secs(60);

type Listed = Arc<HashMap<String, Arc<Pool>>>;

/// The lists of one workspace that serve reads.
#[derive(Debug)]
pub(super) struct Reads {
    client: Client,
    filter: PoolFilter,
    lists: SharedCall<Listed, Error>,
    /// When the last few reads began.
    recent: Mutex<VecDeque<Instant>>,
    forbidden_until: Mutex<Option<Instant>>,
    singly: Semaphore,
}

impl Reads {
    pub(super) fn new(client: Client, workspace: &str) -> Self {
        Self {
            client,
            filter: PoolFilter::in_workspace(workspace),
            lists: SharedCall::new(Duration::ZERO, AGE),
            recent: Mutex::default(),
            forbidden_until: Mutex::default(),
            singly: Semaphore::new(SINGLY),
        }
    }

    /// The pool, as far as a list shows it that began after `changed`; `None`
    /// when it has to be asked for singly.
    pub(super) async fn listed(
        &self,
        call: &Call,
        changed: Instant,
        id: &PoolId,
    ) -> Result<Option<Arc<Pool>>, Error> {
        let many = self.are_many();
        if let Some(pools) = self.lists.kept(changed) {
            return Ok(pools.get(id.as_str()).cloned());
        }
        if !many || self.is_forbidden() {
            return Ok(None);
        }
        let list = call.until(self.lists.ask(changed, self.list()), "waiting for the list");
        tokio::select! {
            biased;
            listed = list => match listed.flatten() {
                Ok(pools) => Ok(pools.get(id.as_str()).cloned()),
                // Reading one pool may be allowed where listing is not.
                Err(error) if error.kind() == ErrorKind::Forbidden => {
                    self.note_forbidden();
                    Ok(None)
                }
                Err(error) => Err(error),
            },
            pool = self.meanwhile(call, id) => Ok(pool),
        }
    }

    fn list(&self) -> impl Future<Output = Result<Listed, Error>> + Send + 'static {
        let (client, filter) = (self.client.clone(), self.filter.clone());
        async move {
            let call = Call::new(CancellationToken::new(), Some(Instant::now() + LIST_TIMEOUT));
            let listed = client.list_pools_where(&call, &filter, &|_| true).await?;
            // One that cannot be understood is asked for singly, and says so itself.
            let pools =
                listed.pools.into_iter().filter_map(|(id, pool)| Some((id, Arc::new(pool.ok()?))));
            Ok(Arc::new(pools.collect()))
        }
    }

    /// The pool, asked for singly because the list is slow. Ends only with an
    /// answer: the list has the last word otherwise.
    async fn meanwhile(&self, call: &Call, id: &PoolId) -> Option<Arc<Pool>> {
        sleep(SLOW).await;
        // Nobody closes it.
        let turn = self.singly.acquire().await;
        if let Ok(pool) = found(self.client.get_pool(call, id).await) {
            return pool.map(Arc::new);
        }
        drop(turn);
        std::future::pending().await
    }

    /// Notes a read, and says whether many come at about the same time.
    fn are_many(&self) -> bool {
        let now = Instant::now();
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let many = recent.len() == SINGLY && recent.front().is_some_and(|at| now - *at < AGE);
        recent.push_back(now);
        if recent.len() > SINGLY {
            recent.pop_front();
        }
        many
    }

    fn is_forbidden(&self) -> bool {
        let until = *self.forbidden_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn note_forbidden(&self) {
        let mut until = self.forbidden_until.lock().unwrap_or_else(PoisonError::into_inner);
        *until = Some(Instant::now() + FORBIDDEN);
    }
}
