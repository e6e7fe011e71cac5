//! Making unknown what a change may change, and nothing else.

use super::only_reordered;
use crate::tf::matching::is_moved;
use crate::tf::schema::{Attribute, OnUpdate, Schema};
use crate::tf::value::Value;
use crate::tf::walk::{At, Other, change};

/// Makes unknown what the planned change may change.
pub fn unsettle(schema: &Schema, config: &Value, prior: &Value, planned: &mut Value) {
    if only_reordered(&schema.attributes, prior, planned) {
        return;
    }
    // What depends on the whole object looks at it as it was planned.
    let whole = planned.clone();
    let change = Change { prior, planned: &whole };
    change.object(&schema.attributes, config, prior, planned, true);
}

struct Change<'a> {
    prior: &'a Value,
    planned: &'a Value,
}

impl Change<'_> {
    fn object(
        &self,
        members: &[Attribute],
        config: &Value,
        prior: &Value,
        planned: &mut Value,
        is_changed: bool,
    ) {
        if prior.is_null() || !matches!(planned, Value::Object(_)) {
            return;
        }
        // Elements first, then what depends on them.
        for member in members {
            self.inside(member, config, prior, planned);
        }
        // As often as there are members: one may depend on another.
        for _ in members {
            let open: Vec<&Attribute> = members
                .iter()
                .filter(|member| self.opens(member, config, prior, planned, is_changed))
                .collect();
            if open.is_empty() {
                break;
            }
            for member in open {
                planned.set_entry(&member.name, member.unknown());
            }
        }
    }

    /// Says whether a settled value may change by this change.
    fn opens(
        &self,
        member: &Attribute,
        config: &Value,
        prior: &Value,
        planned: &Value,
        is_changed: bool,
    ) -> bool {
        let name = &member.name;
        let left_out = !member.mode.is_configurable() || config.get(name).is_null();
        if !member.mode.is_computed()
            || !left_out
            || member.behaviour.default.is_some()
            || member.behaviour.found_stays
            || planned.get(name).is_unknown()
            || planned.get(name) != prior.get(name)
        {
            return false;
        }
        match member.behaviour.on_update {
            OnUpdate::Keep => false,
            OnUpdate::Unknown => is_changed,
            OnUpdate::UnknownWith(siblings) => {
                siblings.iter().any(|name| prior.get(name) != planned.get(name))
            }
            OnUpdate::UnknownWhen(when) => when(self.prior, self.planned),
        }
    }

    fn inside(&self, member: &Attribute, config: &Value, prior: &Value, planned: &mut Value) {
        let name = &member.name;
        let Some(value) = planned.entries_mut().and_then(|all| all.get_mut(name)) else { return };
        let (config, prior) = (config.get(name), prior.get(name));
        // A list that keeps its order though the user's is another has to stay
        // as a whole.
        if *value == *prior && is_moved(member, config, value) {
            return;
        }
        let made_from = Other::ByPosition(config);
        change(
            member,
            &At::root(),
            value,
            [made_from, Other::ByKeys(prior)],
            |members, _, item, [config, prior]| {
                let is_changed = item != prior;
                self.object(members, config, prior, item, is_changed);
            },
        );
    }
}
