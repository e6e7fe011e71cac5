//! Decides which fault happens to a request. The counters live in the process, not in the state.

use std::sync::Mutex;

use super::{
    digest::chance,
    scenario::{Action, Fault, Match, Nth, Operation},
};

/// Is what is known of a request before it is carried out.
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
}

/// Counts, for each fault of a scenario, the requests that matched it.
#[derive(Debug, Default)]
pub(super) struct Faults {
    seen: Mutex<Vec<u64>>,
}

impl Faults {
    /// Counts the request for every fault that it matches and returns the first one that hits.
    pub(super) fn pick(&self, faults: &[Fault], asked: &Asked<'_>) -> Option<Action> {
        let mut seen = self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.resize(faults.len(), 0);
        let mut picked = None;
        for (fault, seen) in faults.iter().zip(seen.iter_mut()) {
            if !concerns(&fault.matches, asked) {
                continue;
            }
            *seen += 1;
            if picked.is_none() && hits(&fault.matches, *seen) {
                picked = Some(fault.action.clone());
            }
        }
        picked
    }
}

fn concerns(rule: &Match, asked: &Asked<'_>) -> bool {
    let fits = |pattern: &Option<String>, text: &str| {
        pattern.as_deref().is_none_or(|pattern| glob(pattern.as_bytes(), text.as_bytes()))
    };
    let wanted = &rule.operation.0;
    rule.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(asked.method))
        && fits(&rule.path, asked.path)
        && fits(&rule.query, asked.query)
        && (wanted.is_empty()
            || operation(asked).is_some_and(|is| wanted.iter().any(|w| w.has(is))))
}

impl Operation {
    /// Tells whether an operation is this one or one of its kind.
    fn has(self, other: Self) -> bool {
        let work = [
            Self::RebootNodes,
            Self::ResetNodes,
            Self::LockNodes,
            Self::UnlockNodes,
            Self::DrainNodes,
        ];
        self == other || (self == Self::ChangeNodes && work.contains(&other))
    }
}

/// Tells what a request asks for; `None` where no fault can be chosen by it.
pub(super) fn operation(asked: &Asked<'_>) -> Option<Operation> {
    let segments: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
    let operation = match (asked.method, segments.as_slice()) {
        ("GET", ["v2", _, "pools"]) => Operation::List,
        ("POST", ["v2", _, "pools"]) => Operation::Create,
        ("GET", ["v2", _, "pools", _]) => Operation::Show,
        ("PATCH", ["v2", _, "pools", _]) => Operation::Patch,
        ("DELETE", ["v2", _, "pools", _]) => Operation::Delete,
        ("GET", ["v2", _, "pools", _, "nodes", ..]) => Operation::Nodes,
        ("GET", ["v2", _, "pools", _, "nodepools", _, "nodes"]) => Operation::Nodes,
        ("POST", ["v2", _, "pools", _, "nodes", batch]) => match *batch {
            "batch-reboot" => Operation::RebootNodes,
            "batch-reset" => Operation::ResetNodes,
            "batch-lock" => Operation::LockNodes,
            "batch-unlock" => Operation::UnlockNodes,
            "batch-drain" => Operation::DrainNodes,
            _ => Operation::ChangeNodes,
        },
        ("POST", ["v2", _, "pools", _, "retry-scope"]) => Operation::RetryScope,
        ("GET", ["v2", _, "jobs", _]) => Operation::ShowJob,
        ("GET", ["v1", _, "networks"]) => Operation::ListNetworks,
        ("GET", ["v1", _, "networks", _]) => Operation::ShowNetwork,
        ("POST", ["v1", _, "networks"]) => Operation::CreateNetwork,
        ("PATCH", ["v1", _, "networks", _]) => Operation::PatchNetwork,
        ("DELETE", ["v1", _, "networks", _]) => Operation::DeleteNetwork,
        ("GET", ["v1", _, "orders", ..]) => Operation::Orders,
        ("GET", ["v1", _, "events"]) => Operation::Events,
        ("GET", ["v1", _, "resourceflavors", ..]) => Operation::Flavors,
        ("GET", ["v1", _, "workspaces", ..]) => Operation::Workspaces,
        (_, ["v3" | "v3.0" | "v5" | "openstack", ..]) => Operation::Sign,
        _ => return None,
    };
    Some(operation)
}

fn hits(rule: &Match, number: u64) -> bool {
    let (first, times) = match rule.nth {
        Nth::Every => (1, rule.times.unwrap_or(u64::MAX)),
        Nth::Number(first) => (first, rule.times.unwrap_or(1)),
    };
    let in_turn = number >= first && number - first < times;
    in_turn && rule.probability.is_none_or(|share| chance(rule.seed, number) < share)
}

/// Tells whether the pattern describes the whole text: `*` is anything without a slash, `**`
/// anything at all.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', b'*', rest @ ..] => {
            (0..=text.len()).any(|n| glob(rest, text.get(n..).unwrap_or(&[])))
        }
        [b'*', rest @ ..] => {
            let end = text.iter().position(|c| *c == b'/').unwrap_or(text.len());
            (0..=end).any(|n| glob(rest, text.get(n..).unwrap_or(&[])))
        }
        [first, rest @ ..] => {
            text.split_first().is_some_and(|(c, text)| c == first && glob(rest, text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_stays_inside_a_segment_and_two_cross_slashes() {
        for (pattern, text, expected) in [
            ("/v2/*/pools", "/v2/p/pools", true),
            ("/v2/*/pools", "/v2/p/q/pools", false),
            ("/v2/*/pools/*", "/v2/p/pools/a", true),
            ("/v2/*/pools/*", "/v2/p/pools/a/nodes", false),
            ("/v2/**", "/v2/p/pools/a/nodes", true),
            ("/v2/**/nodes", "/v2/p/pools/a/nodes", true),
            ("/v2/*/pool", "/v2/p/pools", false),
        ] {
            assert_eq!(glob(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_numbered_fault_hits_once_unless_told_otherwise() {
        let once = Match { nth: Nth::Number(2), ..Match::default() };
        assert_eq!([1, 2, 3].map(|n| hits(&once, n)), [false, true, false]);
        let thrice = Match { times: Some(3), ..once };
        assert_eq!([1, 2, 4, 5].map(|n| hits(&thrice, n)), [false, true, true, false]);
    }

    #[test]
    fn chance_depends_on_the_seed_alone() {
        let rule = Match { probability: Some(0.5), seed: 7, ..Match::default() };
        let hit: Vec<bool> = (1..200).map(|n| hits(&rule, n)).collect();
        assert_eq!(hit, (1..200).map(|n| hits(&rule, n)).collect::<Vec<_>>());
        let count = hit.iter().filter(|hit| **hit).count();
        assert!((60..140).contains(&count), "{count}");
    }
}
