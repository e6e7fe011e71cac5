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
use crate::modelarts::{Call, Client, Error, ErrorKind, Id, Object};
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

type Listed<T> = Arc<HashMap<String, Arc<T>>>;

/// The lists of one workspace that serve reads.
#[derive(Debug)]
pub(super) struct Reads<T> {
    client: Client,
    workspace: String,
    lists: SharedCall<Listed<T>, Error>,
    /// When the last few reads began.
    recent: Mutex<VecDeque<Instant>>,
    forbidden_until: Mutex<Option<Instant>>,
    singly: Semaphore,
}

impl<T: Object> Reads<T> {
    pub(super) fn new(client: Client, workspace: &str) -> Self {
        Self {
            client,
            workspace: workspace.to_owned(),
            lists: SharedCall::new(Duration::ZERO, AGE),
            recent: Mutex::default(),
            forbidden_until: Mutex::default(),
            singly: Semaphore::new(SINGLY),
        }
    }

    /// The object, as far as a list shows it that began after `changed`; `None`
    /// when it has to be asked for singly.
    pub(super) async fn listed(
        &self,
        call: &Call,
        changed: Instant,
        id: &Id<T>,
    ) -> Result<Option<Arc<T>>, Error> {
        let many = self.are_many();
        if let Some(objects) = self.lists.kept(changed) {
            return Ok(objects.get(id.as_str()).cloned());
        }
        if !many || self.is_forbidden() {
            return Ok(None);
        }
        let list = call.until(self.lists.ask(changed, self.list()), "waiting for the list");
        tokio::select! {
            biased;
            listed = list => match listed.flatten() {
                Ok(objects) => Ok(objects.get(id.as_str()).cloned()),
                // Reading one may be allowed where listing is not.
                Err(error) if error.kind() == ErrorKind::Forbidden => {
                    self.note_forbidden();
                    Ok(None)
                }
                Err(error) => Err(error),
            },
            object = self.meanwhile(call, id) => Ok(object),
        }
    }

    fn list(&self) -> impl Future<Output = Result<Listed<T>, Error>> + Send + 'static {
        let (client, workspace) = (self.client.clone(), self.workspace.clone());
        async move {
            let call = Call::new(CancellationToken::new(), Some(Instant::now() + LIST_TIMEOUT));
            let listed = client.list_where::<T>(&call, &workspace, &|_| true).await?;
            // One that cannot be understood is asked for singly, and says so itself.
            let objects = listed.objects.into_iter();
            let objects = objects.filter_map(|(id, object)| Some((id, Arc::new(object.ok()?))));
            Ok(Arc::new(objects.collect()))
        }
    }

    /// The object, asked for singly because the list is slow. Ends only with an
    /// answer: the list has the last word otherwise.
    async fn meanwhile(&self, call: &Call, id: &Id<T>) -> Option<Arc<T>> {
        sleep(SLOW).await;
        // Nobody closes it.
        let turn = self.singly.acquire().await;
        if let Ok(object) = found(self.client.get(call, id).await) {
            return object.map(Arc::new);
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
