//! The entries of a patch: the whole list, each entry as it is to be.

use crate::modelarts::pool::{Pool, ResourceEntry};

use super::super::identity::{self, EntryId, Wanted};
use super::entry::{Merged, merge, restore};
use super::patch::{Change, Conflict, PatchStep};

/// Puts the entries into `main`; the shrinking half comes back as a step of
/// its own when there is a growing half too.
pub(super) fn resources(
    change: Change<'_>,
    live: &Pool,
    main: &mut PatchStep,
) -> Result<Option<PatchStep>, Conflict> {
    let (before, after) = (&change.before.resources, &change.after.resources);
    let had: Vec<EntryId> = before.iter().map(EntryId::of).collect();
    let wanted = align(after, &had, &live.spec.resources);
    let known = align(before, &had, &live.spec.resources);
    let mut lists = Lists::default();
    for (index, entry) in live.spec.resources.iter().enumerate() {
        let (old, new) = (at(&known, before, index), at(&wanted, after, index));
        match new {
            Some(new) => lists.keep(entry, merge(entry, old, new, change.kind)),
            None => lists.leave_out(entry, old.is_some()),
        }
    }
    for (missing, _) in after.iter().zip(&wanted).filter(|(_, at)| at.is_none()) {
        let id = EntryId::of(missing);
        match before.iter().find(|entry| EntryId::of(entry) == id) {
            // Somebody took it out since the plan; the next plan shows that.
            Some(before) if is_untouched(before, missing) => {}
            Some(_) => return Err(Conflict(id)),
            None => lists.add(missing),
        }
    }
    if !lists.differ() {
        return Ok(None);
    }
    // An entry that nobody touched may still have settings that the service
    // does not return.
    for entries in [&mut lists.grown, &mut lists.last] {
        let found = align(after, &had, entries);
        for (wanted, at) in after.iter().zip(found) {
            if let Some(entry) = at.and_then(|at| entries.get_mut(at)) {
                restore(entry, wanted);
            }
        }
    }
    if lists.growing && change.billing.prepaid {
        let annotations = change.billing.of_new_nodes().into_iter();
        main.patch.annotations.extend(annotations.map(|(key, value)| (key, Some(value))));
    }
    Ok(lists.into_steps(main))
}

/// The lists of entries, after the growing half and after all.
#[derive(Default)]
struct Lists {
    grown: Vec<ResourceEntry>,
    last: Vec<ResourceEntry>,
    /// Numbers of nodes that the pool must show in the end.
    counts: Vec<(Wanted, i64)>,
    removed: Vec<EntryId>,
    growing: bool,
    shrinking: bool,
    /// Something changes in an entry.
    changing: bool,
    /// Something changes that the service needs time for.
    sets_to_work: bool,
}

impl Lists {
    /// An entry that the service has and the user wants, as it is to be.
    fn keep(&mut self, live: &ResourceEntry, merged: Merged) {
        let Merged { entry, changed } = merged;
        self.changing |= changed;
        self.sets_to_work |= changed
            && (entry.azs != live.azs
                || entry.max_count != live.max_count
                || entry.driver != live.driver);
        self.counts.push((Wanted::of(live), entry.count));
        self.shrinking |= entry.count < live.count;
        self.growing |= entry.count > live.count;
        self.grown.push(if entry.count < live.count { live.clone() } else { entry.clone() });
        self.last.push(entry);
    }

    /// An entry that the service has and the user does not want: it goes if it
    /// was the user's.
    fn leave_out(&mut self, live: &ResourceEntry, was_known: bool) {
        self.grown.push(live.clone());
        if was_known {
            self.shrinking = true;
            self.removed.push(EntryId::of(live));
        } else {
            self.last.push(live.clone());
        }
    }

    /// An entry that is new.
    fn add(&mut self, entry: &ResourceEntry) {
        self.growing = true;
        self.grown.push(entry.clone());
        self.last.push(entry.clone());
        self.counts.push((Wanted::of(entry), entry.count));
    }

    fn differ(&self) -> bool {
        self.growing || self.shrinking || self.changing
    }

    fn into_steps(self, main: &mut PatchStep) -> Option<PatchStep> {
        // What acts on nodes that are made later, or on their labels, is in
        // effect as soon as it is taken.
        main.lasting |= self.growing || self.shrinking || self.sets_to_work;
        main.needs_running = true;
        if self.growing && self.shrinking {
            let count = |entry: &ResourceEntry| (Wanted::of(entry), entry.count);
            main.counts = self.grown.iter().map(count).collect();
            main.what = "grow the pool";
            main.patch.spec.resources = Some(self.grown);
            let mut shrink = PatchStep::new("shrink the pool").lasting();
            shrink.patch.spec.resources = Some(self.last);
            (shrink.counts, shrink.removed) = (self.counts, self.removed);
            return Some(shrink);
        }
        (main.counts, main.removed) = (self.counts, self.removed);
        main.patch.spec.resources = Some(self.last);
        None
    }
}

/// Says whether the user asks for what was there; a limit that nobody wrote is
/// the service's.
fn is_untouched(before: &ResourceEntry, after: &ResourceEntry) -> bool {
    let max_count = after.max_count.or(before.max_count);
    *before == ResourceEntry { max_count, ..after.clone() }
}

/// Where each of `wanted` is among the live entries; `had` are those that the
/// service had before.
fn align(wanted: &[ResourceEntry], had: &[EntryId], live: &[ResourceEntry]) -> Vec<Option<usize>> {
    let maybe = |entry| Wanted::maybe(entry, had.contains(&EntryId::of(entry)));
    let wanted: Vec<_> = wanted.iter().map(maybe).collect();
    identity::align(&wanted, live)
}

/// The one of `wanted` that is aligned with a live entry.
fn at<'a>(
    aligned: &[Option<usize>],
    wanted: &'a [ResourceEntry],
    index: usize,
) -> Option<&'a ResourceEntry> {
    aligned.iter().position(|at| *at == Some(index)).and_then(|position| wanted.get(position))
}
