//! Credentials for the time being.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::Keys;

/// Longest time before their end at which credentials are renewed.
const MARGIN: Duration = Duration::from_secs(10 * 60);

/// With what one request is authorised.
#[derive(Clone, Debug)]
pub(crate) enum Auth {
    Keys(Keys),
    Token(SecretString),
}

impl Auth {
    /// Lists what must not be quoted.
    pub(super) fn secrets(&self) -> Vec<&SecretString> {
        match self {
            Self::Keys(keys) => keys.secrets().collect(),
            Self::Token(token) => vec![token],
        }
    }

    /// Says whether two are the same credentials.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let name = |auth: &Self| match auth {
            Self::Keys(keys) => Some(keys.access_key.clone()),
            Self::Token(_) => None,
        };
        let (ours, theirs) = (self.secrets(), other.secrets());
        name(self) == name(other)
            && ours.len() == theirs.len()
            && ours.iter().zip(theirs).all(|(a, b)| a.expose_secret() == b.expose_secret())
    }
}

/// Credentials and how long they last. Their life is measured by a clock that
/// nobody sets.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    pub(crate) auth: Auth,
    /// The project the token was made for.
    pub(crate) project_id: Option<String>,
    stale: Option<Instant>,
    dead: Option<Instant>,
    pub(super) renewable: bool,
    pub(super) generation: u64,
}

impl Lease {
    /// Begins a life of that length, or one without end.
    pub(super) fn new(auth: Auth, life: Option<Duration>) -> Self {
        let now = Instant::now();
        let dead = life.and_then(|life| now.checked_add(life));
        // Ten minutes before the end, or when two thirds of a short life are over.
        let fresh = life.map(|life| life - MARGIN.min(life / 3));
        let stale = fresh.and_then(|fresh| now.checked_add(fresh));
        Self { auth, project_id: None, stale, dead, renewable: false, generation: 0 }
    }

    pub(crate) fn is_renewable(&self) -> bool {
        self.renewable
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// Tells whether it is time for new ones.
    pub(super) fn is_stale(&self) -> bool {
        self.stale.is_some_and(|at| at <= Instant::now())
    }

    /// Tells whether they cannot be used any more.
    pub(super) fn is_dead(&self) -> bool {
        self.dead.is_some_and(|at| at <= Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn leases_are_renewed_ten_minutes_before_their_end() {
        let second = Duration::from_secs(1);
        for (life, margin) in [(86_400, 600), (900, 300), (0, 0)] {
            let lease =
                Lease::new(Auth::Token("t".to_owned().into()), Some(Duration::from_secs(life)));
            if life > 0 {
                tokio::time::advance(Duration::from_secs(life - margin) - second).await;
                assert!(!lease.is_stale());
                tokio::time::advance(second).await;
                assert!(lease.is_stale() && !lease.is_dead());
            }
            tokio::time::advance(Duration::from_secs(margin)).await;
            assert!(lease.is_stale() && lease.is_dead());
        }
    }
}
