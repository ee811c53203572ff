//! Coordination of stages: by current, by reach with infeed, by time over all currents they see.

use num_complex::Complex64;

use super::settings::{Setting, setting};
use super::{Aim, Builder, Condition, Draft, Label, kinds, unknown};
use crate::case::relay::{End, Relay, Stage};
use crate::case::requirement::Coordination;
use crate::error::Error;
use crate::physics::check::{Check, Measure, Reading, Test};
use crate::vocabulary::Criterion;

impl<'a> Builder<'a> {
    pub(super) fn coordination(&mut self, rule: &'a Coordination) -> Result<(), Error> {
        let owner = format!("coordination of {:?} with {:?}", rule.slower, rule.faster);
        let fail = |what: &str| Error::Value {
            file: "requirements.toml",
            owner: owner.clone(),
            what: what.to_owned(),
        };
        if !(rule.value.is_finite() && rule.value > 0.0) {
            return Err(fail("value must be a number above 0"));
        }
        let (slow, slow_stage) = self.find(&rule.slower, &owner)?;
        let (fast, fast_stage) = self.find(&rule.faster, &owner)?;
        let line = self.lines[fast.line.as_str()];
        let (site, other) = (self.site(slow), self.site(fast));
        let fractions = match (rule.criterion, rule.first_zone) {
            (Criterion::Impedance, Some(part)) if part > 0.0 && part < 1.0 => {
                vec![if fast.end == End::From { part } else { 1.0 - part }]
            }
            (Criterion::Impedance, _) => return Err(fail("first_zone must lie between 0 and 1")),
            _ => self.case.head.fault_points.clone(),
        };
        let has_group =
            |group: &String| slow_stage.groups.contains_key(group) || fast_stage.groups.contains_key(group);
        let is_grouped = self.setup.groups.iter().any(has_group);
        let groups = if is_grouped { 0..self.setup.groups.len() } else { 0..1 };
        for (group, fraction) in groups.flat_map(|group| fractions.iter().map(move |part| (group, *part))) {
            let name = &self.setup.groups[group];
            let active = |stage: &'a Stage| stage.groups.get(name).unwrap_or(&stage.settings);
            let own = setting(slow, slow_stage, active(slow_stage), self.lines[slow.line.as_str()])?;
            let first = setting(fast, fast_stage, active(fast_stage), line)?;
            let test = test(rule, &own, &first).map_err(fail)?;
            let spot = self.spot(line, fraction);
            for kind in kinds(slow_stage.measures, &self.case.head.fault_kinds) {
                let reading = Reading { measure: own.measure, current: None, voltage: None };
                let label = Label {
                    relay: slow.id.clone(),
                    stage: slow_stage.id.clone(),
                    aim: Aim::Coordination(rule.faster.clone()),
                    condition: Condition::PickUp,
                    kind,
                    spot: self.setup.spots[spot].clone(),
                    unit: own.unit(),
                    setting: own.pickup,
                    required: rule.value,
                    source: rule.source.clone(),
                };
                let resistance_ohm = self.case.head.fault_resistance_ohm.of(kind);
                let group = is_grouped.then_some(group as u16);
                let check = Check { fault: 0, kind, resistance_ohm, reading, test: test.clone(), group };
                let other = (rule.criterion != Criterion::Impedance).then_some(other);
                self.drafts.push(Draft { site, spot, other, check, label });
            }
        }
        Ok(())
    }

    fn find(&self, name: &str, owner: &str) -> Result<(&'a Relay, &'a Stage), Error> {
        let (relay, stage) = name.split_once('/').unwrap_or((name, ""));
        let missing = |kind, id, known: Vec<&str>| {
            Err(unknown("requirements.toml", owner.to_owned(), (kind, id), known.into_iter()))
        };
        let Some(&relay) = self.relays.get(relay) else {
            return missing("relay", relay, self.relays.keys().copied().collect());
        };
        match relay.stages.iter().find(|known| known.id == stage) {
            Some(stage) => Ok((relay, stage)),
            None => missing("stage", stage, relay.stages.iter().map(|stage| stage.id.as_str()).collect()),
        }
    }
}

fn test(rule: &Coordination, own: &Setting, first: &Setting) -> Result<Test, &'static str> {
    let other = Reading { measure: first.measure, current: None, voltage: None };
    let is_current =
        |setting: &Setting| matches!(setting.measure, Measure::Phase | Measure::Residual | Measure::Negative);
    match rule.criterion {
        Criterion::Current if is_current(own) && is_current(first) => {
            // I_own,set ≥ k · (I_own/I_first) · I_first,set, for whatever share the slower stage carries.
            Ok(Test::RatioAtMost(own.pickup / (rule.value * first.pickup), other))
        }
        Criterion::Time => match (&own.curve, &first.curve) {
            (Some(own_curve), Some(first_curve)) if is_current(own) && is_current(first) => {
                Ok(Test::Slower {
                    own: own_curve.clone(),
                    first: other,
                    first_curve: first_curve.clone(),
                    interval_s: rule.value,
                })
            }
            _ => Err("coordination by time needs the times of two current stages"),
        },
        Criterion::Impedance => match own.measure {
            Measure::Mho { z_set, .. } | Measure::Quadrilateral { z_set, .. } if z_set != Complex64::ZERO => {
                Ok(Test::AtMost(1.0 / rule.value))
            }
            _ => Err("coordination by impedance needs a distance stage"),
        },
        Criterion::Current => Err("coordination by current needs two current stages"),
        Criterion::Power => Err("coordination by power is not computed; use current, impedance or time"),
    }
}
