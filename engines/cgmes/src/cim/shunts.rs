//! What is connected to one node and feeds nothing: shunts, loads, paths to earth.

use std::collections::HashMap;

use network::{Earthing, Load, Severity, Shunt};

use super::conversion::Conversion;
use super::facts::{Object, ObjectIx};
use super::lines::impedance;
use super::notes::Trouble;
use super::schema::{Attr, Class};

/// An admittance in S: conductance and susceptance.
type Admittance = [f64; 2];

const LOADS: &[Class] =
    &[Class::EnergyConsumer, Class::ConformLoad, Class::NonConformLoad, Class::StationSupply];

impl<'f> Conversion<'f> {
    pub(super) fn shunts(&mut self) {
        for shunt in self.facts.of(Class::LinearShuntCompensator) {
            let sections = sections(shunt);
            let times = |attrs: [Attr; 2]| attrs.map(|attr| shunt.number(attr).unwrap_or(0.0) * sections);
            self.shunt(shunt, times([Attr::ShuntG, Attr::ShuntB]), times([Attr::ShuntG0, Attr::ShuntB0]));
        }
        let mut points: HashMap<ObjectIx, Vec<Object<'f>>> = HashMap::new();
        for point in self.facts.of(Class::NonlinearShuntCompensatorPoint) {
            if let Some(shunt) = point.target(Attr::PointShunt) {
                points.entry(shunt.ix).or_default().push(point);
            }
        }
        for shunt in self.facts.of(Class::NonlinearShuntCompensator) {
            let sections = sections(shunt);
            let mut on = points.remove(&shunt.ix).unwrap_or_default();
            on.retain(|point| point.number(Attr::PointSection).is_some_and(|number| number <= sections));
            let sum = |attrs: [Attr; 2]| {
                attrs.map(|attr| on.iter().filter_map(|point| point.number(attr)).sum::<f64>())
            };
            self.shunt(shunt, sum([Attr::PointG, Attr::PointB]), sum([Attr::PointG0, Attr::PointB0]));
        }
        for shunt in self.facts.of(Class::EquivalentShunt) {
            let y1 = [Attr::EquivalentShuntG, Attr::EquivalentShuntB]
                .map(|attr| shunt.number(attr).unwrap_or(0.0));
            self.shunt(shunt, y1, [0.0, 0.0]);
        }
        for compensator in self.facts.of(Class::StaticVarCompensator) {
            self.static_compensator(compensator);
        }
    }

    /// The zero sequence counts only with the star point earthed; then a susceptance of 0 means that it is missing.
    fn shunt(&mut self, shunt: Object<'f>, y1: Admittance, y0: Admittance) {
        let Some(connection) = self.connection(shunt, "shunts") else { return };
        let is_earthed = shunt.flag(Attr::ShuntGrounded).unwrap_or(false);
        let y0 = Some(y0).filter(|[_, b]| *b != 0.0);
        if is_earthed {
            self.notes.wanted(y0, ["shunts", "b0_us"], shunt.label());
        }
        let y0 = y0.filter(|_| is_earthed);
        self.model.shunts.push(Shunt {
            name: shunt.name().map(str::to_owned),
            mrid: Some(shunt.mrid().to_owned()),
            g1_us: Some(y1[0] * 1e6).filter(|g| *g != 0.0),
            b1_us: Some(y1[1] * 1e6),
            g0_us: y0.map(|[g, _]| g * 1e6).filter(|g| *g != 0.0),
            b0_us: y0.map(|[_, b]| b * 1e6),
            in_service: Self::is_in_service(shunt) && connection.is_closed,
            ..Shunt::new(shunt.id(), &connection.bus)
        });
    }

    /// A static compensator at its working point: what it takes at nominal voltage.
    fn static_compensator(&mut self, compensator: Object<'f>) {
        let Some(connection) = self.connection(compensator, "shunts") else { return };
        self.notes.count(Trouble::new("static_compensator", Severity::Info, "shunts"), compensator.label());
        let kv = connection.nominal_kv;
        let mvar = compensator.number(Attr::StaticVarQ);
        self.model.shunts.push(Shunt {
            name: compensator.name().map(str::to_owned),
            mrid: Some(compensator.mrid().to_owned()),
            b1_us: mvar.map(|mvar| -mvar / (kv * kv) * 1e6),
            in_service: Self::is_in_service(compensator) && connection.is_closed,
            ..Shunt::new(compensator.id(), &connection.bus)
        });
    }

    pub(super) fn loads(&mut self) {
        for load in self.facts.of_all(LOADS) {
            let Some(connection) = self.connection(load, "loads") else { continue };
            let power = |state, fixed| load.number(state).or_else(|| load.number(fixed));
            self.model.loads.push(Load {
                name: load.name().map(str::to_owned),
                mrid: Some(load.mrid().to_owned()),
                p_mw: power(Attr::LoadP, Attr::LoadFixedP),
                q_mvar: power(Attr::LoadQ, Attr::LoadFixedQ),
                in_service: Self::is_in_service(load) && connection.is_closed,
                ..Load::new(load.id(), &connection.bus)
            });
        }
    }

    /// Coils and impedances between a node and earth; what lies in a neutral counts three times per phase.
    pub(super) fn earthings(&mut self) {
        let coils = self.facts.of(Class::PetersenCoil).map(|coil| (coil, Attr::CoilX));
        let impedances = self.facts.of(Class::GroundingImpedance).map(|z| (z, Attr::EarthImpedanceX));
        let all: Vec<(Object<'f>, Attr)> = coils.chain(impedances).collect();
        for (earthing, x) in all {
            let Some(connection) = self.connection(earthing, "earthings") else { continue };
            let z = impedance(earthing, Attr::EarthCoilR, x);
            let z = self.notes.wanted(z, ["earthings", "x0_ohm"], earthing.label());
            self.model.earthings.push(Earthing {
                name: earthing.name().map(str::to_owned),
                mrid: Some(earthing.mrid().to_owned()),
                r0_ohm: z.map(|[r, _]| 3.0 * r),
                x0_ohm: z.map(|[_, x]| 3.0 * x),
                in_service: Self::is_in_service(earthing) && connection.is_closed,
                ..Earthing::new(earthing.id(), &connection.bus)
            });
        }
    }
}

fn sections(shunt: Object<'_>) -> f64 {
    shunt.number(Attr::ShuntSections).or_else(|| shunt.number(Attr::ShuntNormalSections)).unwrap_or(1.0)
}
