//! What tells one entry of `resources` from another.
//!
//! An entry is its flavor, its node pool and its creating step; an entry
//! without a node pool is in the default one (API reference, patch pool,
//! semantics of resources). The service fills in what a user leaves out, so an
//! entry that leaves something out is also found by the rest.

use crate::modelarts::pool::{CreatingStep, ResourceEntry};
use crate::tf::matching::pair;
use crate::tf::schema::Side;
use crate::tf::value::Value;

use super::schema::{self, Entry};

/// An entry's identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryId {
    /// Flavor of the nodes.
    pub flavor: String,
    /// Node pool, empty for the default one.
    pub node_pool: String,
    /// Number of nodes that are made together.
    pub step: Option<i64>,
    /// Why they are made together, empty when nothing says so.
    pub step_type: String,
}

impl EntryId {
    /// An identity without a creating step; the two ways to say "default node
    /// pool" are one.
    pub fn new(flavor: &str, node_pool: Option<&str>) -> Self {
        let node_pool = node_pool.unwrap_or_default();
        let default = node_pool.strip_suffix("-default").is_some_and(|stem| stem == flavor);
        Self {
            flavor: flavor.to_owned(),
            node_pool: if default { String::new() } else { node_pool.to_owned() },
            step: None,
            step_type: String::new(),
        }
    }

    /// The identity with a creating step.
    pub fn stepping(mut self, step: Option<i64>, kind: Option<&str>) -> Self {
        self.step = step;
        self.step_type = kind.filter(|_| step.is_some()).unwrap_or_default().to_owned();
        self
    }

    /// The identity of an entry as the service holds it, or as it is wanted.
    pub fn of(entry: &ResourceEntry) -> Self {
        let (step, kind) = step_of(entry.creating_step.as_ref());
        Self::new(&entry.flavor, entry.node_pool.as_deref()).stepping(step, kind)
    }

    /// The identity of an entry of a configuration, plan or state; `None` when
    /// its flavor is not known yet.
    pub fn of_model(entry: &Entry) -> Option<Self> {
        let step = entry.creating_step.known();
        let id = Self::new(entry.flavor.text()?, entry.node_pool.text());
        Some(id.stepping(step.and_then(|s| s.step.get()), step.and_then(|s| s.r#type.text())))
    }

    fn place(&self) -> String {
        format!("{}\n{}", self.flavor, self.node_pool)
    }
}

fn step_of(step: Option<&CreatingStep>) -> (Option<i64>, Option<&str>) {
    step.map_or((None, None), |step| (step.step, step.kind.as_deref()))
}

impl std::fmt::Display for EntryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "flavor {}", self.flavor)?;
        if !self.node_pool.is_empty() {
            write!(f, ", node pool {}", self.node_pool)?;
        }
        match self.step {
            Some(step) => write!(f, ", creating step {step}"),
            None => Ok(()),
        }
    }
}

/// Keys by which entries are told apart, best first (`schema`: `resources`).
pub fn keys(entry: &Value, side: Side) -> Vec<Option<String>> {
    let step = entry.get(Entry::CREATING_STEP);
    let [number, kind] =
        [schema::CreatingStep::STEP, schema::CreatingStep::TYPE].map(|name| step.get(name));
    let node_pool = entry.get(Entry::NODE_POOL);
    let Some(flavor) = entry.get(Entry::FLAVOR).as_str() else { return vec![None; WAYS] };
    let id = EntryId::new(flavor, node_pool.as_str()).stepping(number.as_i64(), kind.as_str());
    let is_open = [node_pool, step, number, kind].iter().any(|value| value.is_unknown());
    Looked { id, any_node_pool: node_pool.as_str().is_none(), is_open }.keys(side)
}

/// Where each planned entry is in the prior state, by the same keys.
pub fn prior_places(planned: &[Value], prior: &[Value]) -> Vec<Option<usize>> {
    let of =
        |entries: &[Value], side| entries.iter().map(|entry| keys(entry, side)).collect::<Vec<_>>();
    pair(&of(planned, Side::Config), &of(prior, Side::Prior))
}

/// Number of keys of each entry.
const WAYS: usize = 6;

/// An entry as it is looked for, or looked through.
struct Looked {
    id: EntryId,
    /// The node pool is not said.
    any_node_pool: bool,
    /// Part of the identity is decided later.
    is_open: bool,
}

impl Looked {
    fn keys(&self, side: Side) -> Vec<Option<String>> {
        let id = &self.id;
        let there = side == Side::Prior;
        // What the user leaves to apply time may turn out to be anything.
        let known = !(self.is_open && side == Side::Config);
        let when = |so: bool, key: String| (so && known).then_some(key);
        let stepping = id.step.map(|step| format!("{}\n{step}", id.place()));
        vec![
            when(true, format!("{}\n{:?}\n{}", id.place(), id.step, id.step_type)),
            // Who leaves the type of its step to the service.
            stepping.filter(|_| known && (there || id.step_type.is_empty())),
            // Who leaves its step to the service.
            when(there || id.step.is_none(), id.place()),
            // Who leaves its node pool to a service that names it in its own
            // way. An entry with a node pool of its own never takes the place
            // of another.
            when(there || (self.any_node_pool && id.step.is_none()), id.flavor.clone()),
            // Some answers hold no more of an entry than its flavor and count.
            when(side == Side::Known || (there && id.step.is_none()), id.place()),
            when(
                side == Side::Known || (there && self.any_node_pool && id.step.is_none()),
                id.flavor.clone(),
            ),
        ]
    }
}

/// What is looked for among the entries of the service.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Its identity as far as the user says.
    pub id: EntryId,
    /// Whether the node pool is left to the service.
    pub any_node_pool: bool,
    /// Whether the service is known to have it: then an entry that says
    /// nothing about its node pool or step may be it.
    pub is_known: bool,
}

impl Wanted {
    /// What an entry that the service has looks for.
    pub fn of(entry: &ResourceEntry) -> Self {
        Self { id: EntryId::of(entry), any_node_pool: entry.node_pool.is_none(), is_known: true }
    }

    /// What an entry looks for that the service may have or not.
    pub fn maybe(entry: &ResourceEntry, is_known: bool) -> Self {
        Self { is_known, ..Self::of(entry) }
    }
}

/// Where each wanted entry is among the live ones, by the same keys.
pub fn align(wanted: &[Wanted], live: &[ResourceEntry]) -> Vec<Option<usize>> {
    let looked = |id: &EntryId, any_node_pool, side| {
        Looked { id: id.clone(), any_node_pool, is_open: false }.keys(side)
    };
    let ours: Vec<_> = wanted
        .iter()
        .map(|wanted| {
            let side = if wanted.is_known { Side::Known } else { Side::Config };
            looked(&wanted.id, wanted.any_node_pool, side)
        })
        .collect();
    let theirs: Vec<_> = live
        .iter()
        .map(|live| looked(&EntryId::of(live), live.node_pool.is_none(), Side::Prior))
        .collect();
    pair(&ours, &theirs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(flavor: &str, pool: &str, step: Option<i64>) -> ResourceEntry {
        ResourceEntry {
            flavor: flavor.to_owned(),
            node_pool: Some(pool.to_owned()),
            creating_step: step.map(|step| CreatingStep {
                step: Some(step),
                kind: Some("hyperinstance".to_owned()),
                ..CreatingStep::default()
            }),
            ..ResourceEntry::default()
        }
    }

    fn wanted(flavor: &str, pool: Option<&str>, step: Option<i64>, kind: Option<&str>) -> Wanted {
        Wanted {
            id: EntryId::new(flavor, pool).stepping(step, kind),
            any_node_pool: pool.is_none(),
            is_known: false,
        }
    }

    #[test]
    fn entries_of_one_place_are_told_apart_by_their_step() {
        let pool = [live("npu", "p", Some(4)), live("npu", "p", Some(2))];
        let hyper = Some("hyperinstance");
        let both =
            [wanted("npu", Some("p"), Some(2), hyper), wanted("npu", Some("p"), Some(4), hyper)];
        assert_eq!(align(&both, &pool), [Some(1), Some(0)]);
        let other = [wanted("npu", Some("p"), Some(8), hyper)];
        assert_eq!(align(&other, &pool), [None]);
    }

    #[test]
    fn what_the_user_leaves_out_is_no_difference() {
        let pool = [live("npu", "npu-default", Some(2)), live("cpu", "surprise", None)];
        assert_eq!(align(&[wanted("npu", None, None, None)], &pool), [Some(0)]);
        assert_eq!(align(&[wanted("npu", None, Some(2), None)], &pool), [Some(0)]);
        assert_eq!(align(&[wanted("cpu", None, None, None)], &pool), [Some(1)]);
        assert_eq!(align(&[wanted("cpu", Some("mine"), None, None)], &pool), [None]);
    }

    #[test]
    fn a_known_entry_is_found_in_an_answer_that_says_little() {
        let short =
            |flavor: &str| ResourceEntry { flavor: flavor.to_owned(), ..ResourceEntry::default() };
        let pool = [short("cpu"), short("npu")];
        let mut npu = wanted("npu", Some("mine"), Some(2), Some("rack"));
        assert_eq!(align(std::slice::from_ref(&npu), &pool), [None]);
        npu.is_known = true;
        assert_eq!(align(std::slice::from_ref(&npu), &pool), [Some(1)]);
        assert_eq!(align(&[npu], &[live("npu", "other", Some(2))]), [None]);
    }
}
