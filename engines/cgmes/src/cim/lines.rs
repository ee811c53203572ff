//! Lines and their coupling, series compensators, equivalent branches.

use std::collections::HashMap;

use network::{Coupling, Finding, Line, SeriesElement, Severity};

use super::conversion::Conversion;
use super::facts::Object;
use super::notes::Trouble;
use super::schema::{Attr, Class};
use super::terminals::Connection;

/// Reactances per km that a line in Ω and km has; outside, a unit is probably wrong.
const LIKELY_OHM_PER_KM: std::ops::RangeInclusive<f64> = 0.005..=2.0;

/// An impedance of which a reactance of 0 means that it is missing.
pub(super) fn impedance(object: Object<'_>, r: Attr, x: Attr) -> Option<[f64; 2]> {
    let x = object.given(x)?;
    Some([object.number(r).unwrap_or(0.0), x])
}

fn micro(siemens: f64) -> f64 {
    siemens * 1e6
}

impl<'f> Conversion<'f> {
    pub(super) fn lines(&mut self) {
        let lengths: Vec<Option<f64>> =
            self.facts.of(Class::ACLineSegment).map(|line| line.given(Attr::LineLength)).collect();
        // Nobody builds ten lines of one length: the exporter knew none and wrote a constant.
        self.has_lengths = lengths.len() < 10 || lengths.windows(2).any(|pair| pair[0] != pair[1]);
        if let (false, Some(Some(km))) = (self.has_lengths, lengths.first()) {
            let finding =
                Finding::new("one_length", Severity::Info).with("km", *km).with("count", lengths.len());
            self.notes.say(finding);
        }
        for line in self.facts.of(Class::ACLineSegment) {
            if let Some([from, to]) = self.connections(line, "lines") {
                let line = self.line(line, &from, &to);
                self.model.lines.push(line);
            }
        }
    }

    fn line(&mut self, line: Object<'f>, from: &Connection, to: &Connection) -> Line {
        let label = line.label();
        let (r, x) = (line.number(Attr::LineR), line.number(Attr::LineX));
        let has_data = r.is_some() || x.is_some();
        if has_data && r.unwrap_or(0.0) == 0.0 && x.unwrap_or(0.0) == 0.0 {
            self.notes.count(Trouble::new("zero_impedance", Severity::Warning, "lines"), label);
        }
        let z1 = self.notes.wanted(
            has_data.then_some([r, x].map(|value| value.unwrap_or(0.0))),
            ["lines", "x1_ohm"],
            label,
        );
        let z0 = self.notes.wanted(impedance(line, Attr::LineR0, Attr::LineX0), ["lines", "x0_ohm"], label);
        let length_km = line.given(Attr::LineLength).filter(|_| self.has_lengths);
        if z1.is_some_and(|[r, x]| r < 0.0 || x < 0.0) || z0.is_some_and(|[r, x]| r < 0.0 || x < 0.0) {
            self.notes.count(Trouble::new("negative_impedance", Severity::Warning, "lines"), label);
        }
        if let (Some([_, x]), Some(km)) = (z1, length_km)
            && x > 0.0
            && !LIKELY_OHM_PER_KM.contains(&(x / km))
        {
            let seen = ("ohm_per_km", format!("{:.3}", x / km));
            self.notes.count_with(Trouble::new("unlikely_reactance", Severity::Info, "lines"), label, seen);
        }
        Line {
            name: line.name().map(str::to_owned),
            mrid: Some(line.mrid().to_owned()),
            length_km,
            r1_ohm: z1.map(|[r, _]| r),
            x1_ohm: z1.map(|[_, x]| x),
            b1_us: line.number(Attr::LineB).map(micro),
            g1_us: line.given(Attr::LineG).map(micro),
            r0_ohm: z0.map(|[r, _]| r),
            x0_ohm: z0.map(|[_, x]| x),
            // Without zero-sequence impedance a zero stands for a missing value here too.
            b0_us: line.number(Attr::LineB0).filter(|b| z0.is_some() || *b != 0.0).map(micro),
            g0_us: line.given(Attr::LineG0).map(micro),
            end_temperature_c: line.given(Attr::LineTemperature),
            from_closed: from.is_closed,
            to_closed: to.is_closed,
            in_service: Self::is_in_service(line),
            ..Line::new(line.id(), &from.bus, &to.bus)
        }
    }

    /// Coupling of two lines; distances are counted from the terminals it names (IEC 61970-301, `MutualCoupling`).
    pub(super) fn couplings(&mut self) {
        let lengths: HashMap<String, Option<f64>> =
            self.model.lines.iter().map(|line| (line.id.clone(), line.length_km)).collect();
        for coupling in self.facts.of(Class::MutualCoupling) {
            let [first, second] =
                [Attr::CouplingFirst, Attr::CouplingSecond].map(|attr| coupling.target(attr));
            let line_of = |terminal: Option<Object<'f>>| {
                let line = terminal?.target(Attr::TerminalEquipment)?;
                lengths.get(line.id()).map(|km| (line, *km))
            };
            let (Some((line_a, km_a)), Some((line_b, km_b))) = (line_of(first), line_of(second)) else {
                self.notes
                    .count(Trouble::new("not_connected", Severity::Warning, "couplings"), coupling.label());
                continue;
            };
            let Some(z) = impedance(coupling, Attr::CouplingR0, Attr::CouplingX0) else {
                self.notes.count(Trouble::missing("couplings", "x0m_ohm"), coupling.label());
                continue;
            };
            let distances = [
                (km_a, [Attr::CouplingDistance11, Attr::CouplingDistance12]),
                (km_b, [Attr::CouplingDistance21, Attr::CouplingDistance22]),
            ]
            .map(|(km, attrs)| (km, attrs.map(|attr| coupling.number(attr).unwrap_or(0.0))));
            let (code, [a, b]) = stretches(distances);
            if let Some(code) = code {
                self.notes.count(Trouble::new(code, Severity::Warning, "couplings"), coupling.label());
            }
            let a = self.counted_from_begin(line_a, first, a);
            let b = self.counted_from_begin(line_b, second, b);
            let new = Coupling::new(coupling.id(), line_a.id(), line_b.id(), z).over(a, b);
            self.model.couplings.push(Coupling {
                name: coupling.name().map(str::to_owned),
                mrid: Some(coupling.mrid().to_owned()),
                ..new
            });
        }
    }

    /// The same stretch counted from the line's first terminal.
    fn counted_from_begin(
        &self,
        line: Object<'f>,
        terminal: Option<Object<'f>>,
        [begin, end]: [f64; 2],
    ) -> [f64; 2] {
        let first = self.terminals.at(line).first().map(|ending| ending.terminal);
        if first == terminal { [begin, end] } else { [1.0 - begin, 1.0 - end] }
    }

    pub(super) fn series_elements(&mut self) {
        for compensator in self.facts.of(Class::SeriesCompensator) {
            let z1 = impedance(compensator, Attr::SeriesR, Attr::SeriesX);
            let z0 = impedance(compensator, Attr::SeriesR0, Attr::SeriesX0);
            self.series_element(compensator, z1, z0);
        }
        for branch in self.facts.of(Class::EquivalentBranch) {
            let short_circuit = impedance(branch, Attr::BranchPositiveR, Attr::BranchPositiveX);
            let z1 = short_circuit.or_else(|| impedance(branch, Attr::BranchR, Attr::BranchX));
            let z0 = impedance(branch, Attr::BranchZeroR, Attr::BranchZeroX);
            let differs = |here: Attr, back: Attr| {
                branch.given(back).is_some_and(|back| branch.number(here) != Some(back))
            };
            if differs(Attr::BranchR, Attr::BranchR21) || differs(Attr::BranchX, Attr::BranchX21) {
                let trouble = Trouble::new("not_reciprocal", Severity::Warning, "series_elements");
                self.notes.count(trouble, branch.label());
            }
            self.series_element(branch, z1, z0);
        }
    }

    fn series_element(&mut self, element: Object<'f>, z1: Option<[f64; 2]>, z0: Option<[f64; 2]>) {
        const KIND: &str = "series_elements";
        let Some([from, to]) = self.connections(element, KIND) else { return };
        let z1 = self.notes.wanted(z1, [KIND, "x1_ohm"], element.label());
        let z0 = self.notes.wanted(z0, [KIND, "x0_ohm"], element.label());
        self.model.series_elements.push(SeriesElement {
            name: element.name().map(str::to_owned),
            mrid: Some(element.mrid().to_owned()),
            r1_ohm: z1.map(|[r, _]| r),
            x1_ohm: z1.map(|[_, x]| x),
            r0_ohm: z0.map(|[r, _]| r),
            x0_ohm: z0.map(|[_, x]| x),
            from_closed: from.is_closed,
            to_closed: to.is_closed,
            in_service: Self::is_in_service(element),
            ..SeriesElement::new(element.id(), &from.bus, &to.bus)
        });
    }
}

/// Fractions of two lines between two distances on each, and what is to be said about these.
///
/// Distances are lengths and so in km; where only metres fit, some tools write those. Without distances, and where
/// neither fits, the whole lines are coupled.
fn stretches(lines: [(Option<f64>, [f64; 2]); 2]) -> (Option<&'static str>, [[f64; 2]; 2]) {
    const WHOLE: [[f64; 2]; 2] = [[0.0, 1.0]; 2];
    if lines.iter().all(|(_, distances)| *distances == [0.0; 2]) {
        return (None, WHOLE);
    }
    let fits = |unit: f64| {
        let is_inside = |km: f64, distance: f64| (0.0..=km * 1.000_001).contains(&(distance * unit));
        lines.iter().all(|(km, distances)| km.is_some_and(|km| distances.iter().all(|at| is_inside(km, *at))))
    };
    let Some(unit) = [1.0, 1e-3].into_iter().find(|unit| fits(*unit)) else {
        return (Some("coupling_beyond_line"), WHOLE);
    };
    let stretches = lines.map(|(km, distances)| match (km, distances) {
        (Some(km), [begin, end]) if begin != end => {
            [begin, end].map(|distance| (distance * unit / km).min(1.0))
        }
        _ => [0.0, 1.0],
    });
    ((unit != 1.0).then_some("distance_in_metres"), stretches)
}
