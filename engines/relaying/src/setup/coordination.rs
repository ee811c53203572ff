//! Coordination of stages: by current or power, by reach with infeed, by time over all that they see.

use num_complex::Complex64;

use super::settings::Setting;
use super::zones::kinds;
use super::{Aim, Builder, Condition, Label, Site, Spot, unknown};
use crate::case::relay::{Kind, Relay, Stage};
use crate::case::requirement::Coordination;
use crate::error::Error;
use crate::physics::check::{Measure, Reading, Test};
use crate::vocabulary::Criterion;

impl<'a> Builder<'a> {
    pub(super) fn coordination(&mut self, rule: &'a Coordination) -> Result<(), Error> {
        let owner = format!("coordination of {:?} with {:?}", rule.slower, rule.faster);
        let fail = |what: &str| {
            let (owner, what) = (owner.clone(), what.to_owned());
            Error::Value { file: "requirements.toml", owner, what }
        };
        if !(rule.value.is_finite() && rule.value > 0.0) {
            return Err(fail("value must be a number above 0"));
        }
        let (slow, slow_stage) = self.find(&rule.slower, &owner)?;
        let (fast, fast_stage) = self.find(&rule.faster, &owner)?;
        let (site, other) = (self.elements.site(slow)?, self.elements.site(fast)?);
        let spots = self.band(rule, &other).map_err(fail)?;
        let has_group =
            |group: &String| slow_stage.groups.contains_key(group) || fast_stage.groups.contains_key(group);
        let is_grouped = self.setup.groups.iter().any(has_group);
        let groups = if is_grouped { 0..self.setup.groups.len() } else { 0..1 };
        for (group, spot) in groups.flat_map(|group| spots.iter().map(move |spot| (group, spot))) {
            let name = self.setup.groups[group].clone();
            let active = |stage: &'a Stage| stage.groups.get(&name).unwrap_or(&stage.settings);
            let own = self.setting(slow, slow_stage, active(slow_stage))?;
            let first = self.setting(fast, fast_stage, active(fast_stage))?;
            let at = self.spot(spot.clone());
            let (reading, beside) = (self.reading(&site, &own, spot), self.reading(&other, &first, spot));
            let test = test(rule, &own, (&first, beside)).map_err(fail)?;
            for kind in kinds(slow_stage.measures, &self.case.head.fault_kinds) {
                let label = Label {
                    relay: slow.id.clone(),
                    stage: slow_stage.id.clone(),
                    aim: Aim::Coordination(rule.faster.clone()),
                    condition: Condition::PickUp,
                    kind,
                    spot: spot.clone(),
                    unit: own.unit(),
                    setting: own.pickup,
                    required: rule.value,
                    source: rule.source.clone(),
                    is_waived: false,
                };
                let group = is_grouped.then_some(group as u16);
                self.draft((at, reading), (test.clone(), group), label);
            }
        }
        Ok(())
    }

    /// The faults at which two stages are compared: on what the faster one protects, within its first zone where one is
    /// given; for reaches at the end of that zone alone.
    fn band(&self, rule: &Coordination, fast: &Site) -> Result<Vec<Spot>, &'static str> {
        let Some(element) = self.elements.get(&fast.element) else { return Ok(Vec::new()) };
        let zone = match rule.first_zone {
            Some(part) if !(part > 0.0 && part < 1.0) => return Err("first_zone must lie between 0 and 1"),
            zone => zone,
        };
        let Some(line) = element.line else {
            let is_plain =
                zone.is_none() && rule.criterion != Criterion::Impedance && fast.kind != Kind::Unit;
            let refused =
                "first_zone and impedance are for a faster stage at a line; at a unit there is none";
            return if is_plain {
                Ok(self.places_on(element, (element, fast.end), 1.0))
            } else {
                Err(refused)
            };
        };
        let end = zone.map(|part| if fast.end == 0 { part } else { 1.0 - part });
        let is_within = |fraction: &f64| match (end, fast.end) {
            (None, _) => true,
            (Some(end), 0) => *fraction < end,
            (Some(end), _) => *fraction > end,
        };
        let mut fractions = match (rule.criterion, end) {
            (Criterion::Impedance, None) => return Err("first_zone must lie between 0 and 1"),
            (Criterion::Impedance, Some(_)) => Vec::new(),
            _ => self.case.head.fault_points.iter().copied().filter(is_within).collect(),
        };
        fractions.extend(end);
        let spot = |fraction| Spot::Line { line: line.id.clone(), fraction, opened: None };
        Ok(fractions.into_iter().map(spot).collect())
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

fn test(
    rule: &Coordination,
    own: &Setting,
    (first, beside): (&Setting, Reading),
) -> Result<Test, &'static str> {
    let is_current =
        |setting: &Setting| matches!(setting.measure, Measure::Phase | Measure::Residual | Measure::Negative);
    let is_power = |setting: &Setting| matches!(setting.measure, Measure::Power { .. });
    // I_own,set ≥ k · (I_own/I_first) · I_first,set, for whatever share the slower stage carries; powers alike.
    let by_share = || Test::RatioAtMost(own.pickup / (rule.value * first.pickup), beside);
    match rule.criterion {
        Criterion::Current if is_current(own) && is_current(first) => Ok(by_share()),
        Criterion::Power if is_power(own) && is_power(first) => Ok(by_share()),
        Criterion::Time => match (&own.curve, &first.curve) {
            (Some(own_curve), Some(first_curve)) if own.is_rising() && first.is_rising() => {
                Ok(Test::Slower {
                    own: own_curve.clone(),
                    first: beside,
                    first_curve: first_curve.clone(),
                    interval_s: rule.value,
                })
            }
            _ => {
                Err("coordination by time needs the times of two stages that measure current, impedance or \
                      power, without bias")
            }
        },
        Criterion::Impedance => match own.measure {
            Measure::Mho { z_set, .. } | Measure::Quadrilateral { z_set, .. } if z_set != Complex64::ZERO => {
                Ok(Test::AtMost(1.0 / rule.value))
            }
            _ => Err("coordination by impedance needs a distance stage"),
        },
        Criterion::Current => Err("coordination by current needs two current stages"),
        Criterion::Power => Err("coordination by power needs two power stages"),
    }
}
