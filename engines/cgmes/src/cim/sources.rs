//! Networks beyond the model, and sources behind power electronics.

use network::{Converter, ConverterKind, Equivalent, Feeder, FeederLevel, Severity};

use super::conversion::Conversion;
use super::facts::Object;
use super::lines::impedance;
use super::notes::Trouble;
use super::schema::{Attr, Class};

/// The attributes of a feeder's level: current, R1/X1, Z0/Z1, R0/X0.
const LEVELS: [[Attr; 4]; 2] = [
    [Attr::FeederMaxCurrent, Attr::FeederMaxRx, Attr::FeederMaxZ0, Attr::FeederMaxRx0],
    [Attr::FeederMinCurrent, Attr::FeederMinRx, Attr::FeederMinZ0, Attr::FeederMinRx0],
];

impl<'f> Conversion<'f> {
    pub(super) fn sources(&mut self) {
        for feeder in self.facts.of(Class::ExternalNetworkInjection) {
            let Some(connection) = self.connection(feeder, "feeders") else { continue };
            let [max, min] = LEVELS.map(|attrs| level(feeder, attrs));
            let max = self.notes.wanted(max, ["feeders", "max"], feeder.label());
            let min = self.notes.wanted(min, ["feeders", "min"], feeder.label());
            self.model.feeders.push(Feeder {
                name: feeder.name().map(str::to_owned),
                mrid: Some(feeder.mrid().to_owned()),
                max,
                min,
                in_service: Self::is_in_service(feeder) && connection.is_closed,
                ..Feeder::new(feeder.id(), &connection.bus)
            });
        }
        for injection in self.facts.of(Class::EquivalentInjection) {
            let z1 = impedance(injection, Attr::InjectionR, Attr::InjectionX);
            let z2 = impedance(injection, Attr::InjectionR2, Attr::InjectionX2);
            let z0 = impedance(injection, Attr::InjectionR0, Attr::InjectionX0);
            self.equivalent(injection, [z1, z2, z0], [Attr::InjectionP, Attr::InjectionQ]);
        }
        for source in self.facts.of(Class::EnergySource) {
            let z1 = impedance(source, Attr::SourceR, Attr::SourceX);
            let z0 = impedance(source, Attr::SourceR0, Attr::SourceX0);
            self.equivalent(source, [z1, None, z0], [Attr::SourceP, Attr::SourceQ]);
        }
    }

    fn equivalent(&mut self, source: Object<'f>, impedances: [Option<[f64; 2]>; 3], [p, q]: [Attr; 2]) {
        const KIND: &str = "equivalents";
        let Some(connection) = self.connection(source, KIND) else { return };
        let [z1, z2, z0] = impedances;
        let z1 = self.notes.wanted(z1, [KIND, "x1_ohm"], source.label());
        let z0 = self.notes.wanted(z0, [KIND, "x0_ohm"], source.label());
        self.model.equivalents.push(Equivalent {
            name: source.name().map(str::to_owned),
            mrid: Some(source.mrid().to_owned()),
            r1_ohm: z1.map(|[r, _]| r),
            x1_ohm: z1.map(|[_, x]| x),
            r2_ohm: z2.map(|[r, _]| r),
            x2_ohm: z2.map(|[_, x]| x),
            r0_ohm: z0.map(|[r, _]| r),
            x0_ohm: z0.map(|[_, x]| x),
            emf_kv: source.given(Attr::SourceVoltage),
            emf_deg: source.number(Attr::SourceAngle).map(f64::to_degrees),
            p_mw: source.number(p).map(|p| -p),
            q_mvar: source.number(q).map(|q| -q),
            in_service: Self::is_in_service(source) && connection.is_closed,
            ..Equivalent::new(source.id(), &connection.bus)
        });
    }

    pub(super) fn converters(&mut self) {
        for connection in self.facts.of(Class::PowerElectronicsConnection) {
            let rating =
                connection.given(Attr::ElectronicsRatedS).zip(connection.given(Attr::ElectronicsRatedU));
            let rated_ka = rating.map(|(mva, kv)| mva / (3f64.sqrt() * kv));
            let i_sk_ka =
                connection.given(Attr::ElectronicsFault).zip(rated_ka).map(|(times, rated)| times * rated);
            self.converter(connection, i_sk_ka, rating, [Attr::ElectronicsP, Attr::ElectronicsQ]);
        }
        for converter in self.facts.of(Class::VsConverter) {
            let base = converter.given(Attr::ConverterRatedS).zip(Some(f64::NAN));
            self.converter(converter, None, base, [Attr::ConverterP, Attr::ConverterQ]);
        }
        // Line-commutated valves block in a fault of their network: they feed nothing (IEC 60909-0, clause 1).
        for converter in self.facts.of(Class::CsConverter) {
            self.notes
                .count(Trouble::new("line_commutated", Severity::Info, "converters"), converter.label());
        }
    }

    fn converter(
        &mut self,
        object: Object<'f>,
        i_sk_ka: Option<f64>,
        rating: Option<(f64, f64)>,
        [p, q]: [Attr; 2],
    ) {
        const KIND: &str = "converters";
        let Some(connection) = self.connection(object, KIND) else { return };
        let i_sk_ka = self.notes.wanted(i_sk_ka, [KIND, "i_sk_ka"], object.label());
        self.model.converters.push(Converter {
            name: object.name().map(str::to_owned),
            mrid: Some(object.mrid().to_owned()),
            rated_mva: rating.map(|(mva, _)| mva),
            rated_kv: rating.map(|(_, kv)| kv).filter(|kv| kv.is_finite()),
            p_mw: object.number(p).map(|p| -p),
            q_mvar: object.number(q).map(|q| -q),
            in_service: Self::is_in_service(object) && connection.is_closed,
            ..Converter::new(object.id(), &connection.bus, ConverterKind::Full { i_sk_ka, i_sk_deg: None })
        });
    }
}

/// What a feeder's network gives; CIM has |Z0|/|Z1| where the model has X0/X1.
fn level(feeder: Object<'_>, [current, rx, z0z1, r0x0]: [Attr; 4]) -> Option<FeederLevel> {
    let ikss_ka = feeder.given(current)? / 1000.0;
    let rx = feeder.number(rx);
    let r0x0 = feeder.number(r0x0);
    let x0x1 =
        feeder.given(z0z1).map(|ratio| ratio * rx.unwrap_or(0.0).hypot(1.0) / r0x0.unwrap_or(0.0).hypot(1.0));
    Some(FeederLevel { ikss_ka: Some(ikss_ka), sk_mva: None, rx, x0x1, r0x0: x0x1.and(r0x0) })
}
