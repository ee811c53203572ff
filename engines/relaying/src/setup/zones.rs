//! Zones of stages: the fault places they hold, and the checks made there.

use network::{Finding, Severity};

use super::elements::Element;
use super::settings::Setting;
use super::{Aim, Builder, Condition, Conditions, Draft, Label, Site, Spot};
use crate::case::relay::{Covers, Kind, Measures, Relay, Stage, Zone};
use crate::error::Error;
use crate::physics::bias::{Bias, End};
use crate::physics::check::{Check, FaultKind, Measure, Parallel, Reading, Test};
use crate::vocabulary::Failure;

impl<'a> Builder<'a> {
    pub(super) fn zone(
        &mut self,
        (relay, stage): (&'a Relay, &'a Stage),
        zone: &Zone,
        conditions: &Conditions,
    ) -> Result<(), Error> {
        let owner = format!("{}/{}", relay.id, stage.id);
        let Some(&(required, source)) = self.required.get(&(stage.protection.as_str(), zone.role)) else {
            let finding = Finding::new("no_required_sensitivity", Severity::Warning)
                .about("stages", &owner)
                .with("protection", stage.protection.as_str())
                .with("role", zone.role.name());
            if !self.setup.findings.contains(&finding) {
                self.setup.findings.push(finding);
            }
            return Ok(());
        };
        let site = self.elements.site(relay)?;
        for spot in self.spots(relay, &site, (stage, zone))? {
            let spot = self.spot(spot);
            for kind in kinds(stage.measures, &self.case.head.fault_kinds) {
                for (condition, setting) in &conditions.all {
                    // A directional element has an angle, not a sensitivity.
                    let required = if *condition == Condition::Direction { 1.0 } else { required };
                    let label = Label {
                        relay: relay.id.clone(),
                        stage: stage.id.clone(),
                        aim: Aim::Sensitivity(zone.role),
                        condition: *condition,
                        kind,
                        spot: self.setup.spots[spot].clone(),
                        unit: setting.unit(),
                        setting: setting.pickup,
                        required,
                        source: source.to_owned(),
                        is_waived: false,
                    };
                    let reading = self.reading(&site, setting, &label.spot);
                    let test = match setting.bias {
                        Some(slope) if *condition == Condition::PickUp => {
                            Test::Biased(self.bias(&site, slope, (setting.pickup, required)))
                        }
                        _ => setting.sensitivity(required),
                    };
                    self.draft((spot, reading), (test, conditions.active), label);
                }
            }
        }
        Ok(())
    }

    /// What a setting reads where its relay stands; until the end readings name sites.
    pub(super) fn reading(&mut self, site: &Site, setting: &Setting, spot: &Spot) -> Reading {
        let measure = match setting.measure {
            Measure::Total { .. } => self.total(site, spot),
            measure => measure,
        };
        let parallel = setting.parallel.as_ref().map(|(line, k0m)| {
            let pair = self.site(line.clone());
            Parallel { pair, k0m: *k0m }
        });
        let current = self.site(site.clone());
        Reading { parallel, ..Reading::of(measure, current) }
    }

    /// How the current of a fault looks to the differential protection of an element: a transformer's brings it to the
    /// relay's side and leaves the zero sequence out, which windings in delta keep to themselves.
    fn total(&self, site: &Site, spot: &Spot) -> Measure {
        let ratio = match spot {
            Spot::Terminal { end, .. } => self.ratio(site, *end),
            _ => 1.0,
        };
        Measure::Total { ratio, has_zero: site.kind != Kind::Transformer }
    }

    /// Of the relay's current to that of another end, by rated voltages.
    fn ratio(&self, site: &Site, end: usize) -> f64 {
        let rated = self.elements.get(&site.element).map_or(&[][..], |element| &element.rated_kv);
        match (rated.get(end), rated.get(site.end)) {
            (Some(other), Some(own)) => other / own,
            _ => 1.0,
        }
    }

    /// The characteristic with the ends of what is protected; at a bus, the branches there and whatever else feeds it.
    fn bias(&mut self, site: &Site, slope: f64, (pickup_ka, required): (f64, f64)) -> Bias {
        let ends: Vec<Site> = if site.kind == Kind::Bus {
            let here = self.elements.branches_at(&site.element).filter(|(element, _)| element.in_service);
            here.map(|(element, end)| Site { kind: element.kind, element: element.id.to_owned(), end })
                .collect()
        } else {
            let count = self.elements.get(&site.element).map_or(0, |element| element.buses.len());
            (0..count).map(|end| Site { end, ..site.clone() }).collect()
        };
        let has_rest = site.kind == Kind::Bus;
        let end = |at: Site| {
            // Currents count into the branches, away from a bus.
            let ratio = if has_rest { -1.0 } else { self.ratio(site, at.end) };
            End { ratio, pair: self.site(at) }
        };
        let ends = ends.into_iter().map(end).collect();
        Bias { pickup_ka, slope, required, ends, has_rest }
    }

    pub(super) fn draft(
        &mut self,
        (spot, reading): (usize, Reading),
        (test, group): (Test, Option<u16>),
        label: Label,
    ) {
        let resistance_ohm = self.case.head.fault_resistance_ohm.of(label.kind);
        let check = Check { fault: 0, kind: label.kind, resistance_ohm, reading, test, group };
        self.drafts.push(Draft { spot, check, label });
    }

    /// The fault places of a zone.
    fn spots(&self, relay: &Relay, site: &Site, (stage, zone): (&Stage, &Zone)) -> Result<Vec<Spot>, Error> {
        let owner = format!("{}/{}", relay.id, stage.id);
        let fail =
            |what: &str| Error::Value { file: "relays.toml", owner: owner.clone(), what: what.to_owned() };
        let own = self.elements.named((site.kind, &site.element), ("relays.toml", owner.clone()))?;
        let far = own.far_buses(site.end);
        let named = |kind: Kind, ids: &[String]| -> Result<Vec<&Element<'a>>, Error> {
            let find = |id: &String| {
                self.elements.named((kind, id), ("relays.toml", format!("relay {:?}", relay.id)))
            };
            ids.iter().map(find).collect()
        };
        let covered: Vec<&Element<'a>> = match &zone.covers {
            Covers::Line if site.kind != Kind::Line => {
                return Err(fail("covers = \"line\" is for relays at a line; use \"own\""));
            }
            Covers::Own if site.kind == Kind::Unit => {
                return Err(fail("a unit's own faults are not computed: name lines, transformers or buses"));
            }
            Covers::Line | Covers::Own => vec![own],
            Covers::Next => {
                let at =
                    far.iter().flat_map(|bus| self.elements.branches_at(bus)).map(|(element, _)| element);
                let is_next =
                    |next: &&Element<'a>| next.line.is_some() && next.id != own.id && next.in_service;
                at.filter(is_next).collect()
            }
            Covers::Lines(ids) => named(Kind::Line, ids)?,
            Covers::Transformers(ids) => named(Kind::Transformer, ids)?,
            Covers::Buses(ids) => named(Kind::Bus, ids)?,
        };
        if stage.measures == Measures::Differential && covered.iter().any(|other| other.id != own.id) {
            return Err(fail("a differential stage sees faults between its own ends only: covers = \"own\""));
        }
        let part = zone.part.unwrap_or(1.0);
        let mut spots = Vec::new();
        for element in covered {
            for spot in self.places_on(element, (own, site.end), part) {
                if zone.role.answers(Failure::BreakerFailure)
                    && self.case.head.failures.contains(&Failure::BreakerFailure)
                    && element.id != own.id
                {
                    spots.extend(once_opened(&spot, element, &far));
                }
                spots.push(spot);
            }
        }
        Ok(spots)
    }

    /// Fault places on an element; on a line within a part of its length, counted from the side the relay looks from.
    pub(super) fn places_on(
        &self,
        element: &Element<'a>,
        (own, end): (&Element<'a>, usize),
        part: f64,
    ) -> Vec<Spot> {
        if element.kind == Kind::Bus {
            return vec![Spot::Bus(element.id.to_owned())];
        }
        if element.kind != Kind::Line {
            let at = |(end, bus): (usize, &&str)| Spot::Terminal {
                element: element.id.to_owned(),
                end,
                side: element.end_name(end),
                bus: (*bus).to_owned(),
            };
            return element.buses.iter().enumerate().map(at).collect();
        }
        let is_forward =
            if element.id == own.id { end == 0 } else { own.far_buses(end).contains(&element.buses[0]) };
        let is_meant = |fraction: &f64| {
            let from_relay = if is_forward { *fraction } else { 1.0 - fraction };
            from_relay <= part + 1e-9
        };
        let meant = self.case.head.fault_points.iter().copied().filter(is_meant);
        let line = element.id.to_owned();
        meant.map(|fraction| Spot::Line { line: line.clone(), fraction, opened: None }).collect()
    }
}

/// A place on a line after its breaker at one end has opened and that at the other, at a bus that is looked at, has not.
fn once_opened(spot: &Spot, element: &Element<'_>, looked_at: &[&str]) -> Vec<Spot> {
    let Spot::Line { line, fraction, .. } = spot else { return Vec::new() };
    let failed = (0..2).filter(|&end| looked_at.contains(&element.buses[end]));
    let opened = |end: usize| Spot::Line { line: line.clone(), fraction: *fraction, opened: Some(1 - end) };
    failed.map(opened).collect()
}

/// The kinds of fault a stage is there for.
pub(super) fn kinds(measures: Measures, assumed: &[FaultKind]) -> Vec<FaultKind> {
    let is_meant = |kind: &FaultKind| match measures {
        Measures::Phase | Measures::Undervoltage => *kind != FaultKind::Lg,
        Measures::Residual | Measures::ResidualPower => matches!(kind, FaultKind::Lg | FaultKind::Llg),
        Measures::Negative | Measures::NegativePower => *kind != FaultKind::Lll,
        Measures::Mho | Measures::Quadrilateral | Measures::Differential => true,
    };
    assumed.iter().copied().filter(is_meant).collect()
}
