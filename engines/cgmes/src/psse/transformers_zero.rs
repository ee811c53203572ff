//! Zero sequence of transformers: impedances, connection codes, earthing.

use network::{Connection, GroupWinding, Neutral, Severity, VectorGroup, Winding, WindingImpedance};

use super::Grid;
use super::branches::key;
use super::records::Record;
use super::transformers::Place;
use crate::cim::notes::Trouble;

/// How a winding is seen by the zero sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Path {
    Earthed,
    Delta,
    Open,
}

/// Which way codes are written: one digit per winding (1 star, 2 delta, 3 star with earthed neutral), or PSS/E's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Digits,
    Own,
}

impl Grid {
    /// Fields: from, to, third, circuit, units of impedance and of earthing, code, then per winding the earthing and the
    /// impedance, last the impedance of a common neutral.
    pub(super) fn set_transformers(&mut self, records: &[&Record]) {
        let codes = || records.iter().filter_map(|record| record.number(6)).map(|code| code as i64);
        let has_three =
            codes().any(|code| [23, 31, 32, 33].contains(&code) || (code > 99 && has_digit(code, 3)));
        let coding = if has_three { Coding::Digits } else { Coding::Own };
        for record in records {
            let Some(place) = self.place(record) else {
                self.leave_out("transformers", record);
                continue;
            };
            match place {
                Place::Two { at } => self.set_two(record, at, coding),
                Place::Three { at, order } => self.set_three(record, at, order, coding),
            }
        }
    }

    fn place(&self, record: &Record) -> Option<Place> {
        let (first, second) = (record.bus(0)?, record.bus(1)?);
        let name = match record.bus(2) {
            Some(third) => format!("{first}-{second}-{third}:{}", record.circuit(3)),
            None => key(&first, &second, record.circuit(3)),
        };
        self.transformers.get(&name).copied()
    }

    fn set_two(&mut self, record: &Record, at: usize, coding: Coding) {
        let code = record.or_zero(6) as i64;
        let transformer = &mut self.model.transformers[at];
        let (mva, base) = (transformer.rated_mva.unwrap_or(self.base_mva), self.base_mva);
        transformer.z0 = ohm(record, 9, [mva, base], transformer.hv.rated_kv).or(transformer.z1);
        let Some(mut paths) = two_paths(code, coding) else {
            let trouble = Trouble::new("bad_connection_code", Severity::Warning, "transformers");
            self.notes.count_with(trouble, &transformer.id, ("found", code.to_string()));
            return;
        };
        // Windings are told apart by their buses, whichever way either file names them.
        let first_is_hv = record.bus(0).as_deref() == Some(transformer.hv.bus.as_str());
        let fields = if first_is_hv { [7, 11] } else { [11, 7] };
        if !first_is_hv {
            paths.swap(0, 1);
        }
        let windings = [&mut transformer.hv, &mut transformer.lv];
        for ((winding, path), field) in windings.into_iter().zip(paths).zip(fields) {
            earth(winding, path, record, field, [mva, base]);
        }
        transformer.vector_group = transformer.vector_group.take().or_else(|| Some(group(&paths)));
    }

    fn set_three(&mut self, record: &Record, at: usize, order: [usize; 3], coding: Coding) {
        let code = record.or_zero(6) as i64;
        let transformer = &mut self.model.transformers3[at];
        let (mva, base, kv) =
            (transformer.hv_mv.rated_mva.unwrap_or(self.base_mva), self.base_mva, transformer.hv.rated_kv);
        // Impedances are those of the star's legs.
        let legs = order.map(|winding| leg(record, 9 + 4 * winding, [mva, base], kv));
        let sum = |a: [f64; 2], b: [f64; 2]| Some(WindingImpedance::Ohm { r: a[0] + b[0], x: a[1] + b[1] });
        if legs.iter().any(|leg| *leg != [0.0, 0.0]) {
            transformer.hv_mv.z0 = sum(legs[0], legs[1]);
            transformer.hv_lv.z0 = sum(legs[0], legs[2]);
            transformer.mv_lv.z0 = sum(legs[1], legs[2]);
        }
        let Some(paths) = three_paths(code, coding) else {
            let trouble = Trouble::new("bad_connection_code", Severity::Warning, "transformers3");
            self.notes.count_with(trouble, &transformer.id, ("found", code.to_string()));
            return;
        };
        let paths = order.map(|winding| paths[winding]);
        let windings = [&mut transformer.hv, &mut transformer.mv, &mut transformer.lv];
        for ((winding, path), number) in windings.into_iter().zip(paths).zip(order) {
            earth(winding, path, record, 7 + 4 * number, [mva, base]);
        }
        transformer.vector_group = transformer.vector_group.take().or_else(|| Some(group(&paths)));
    }
}

fn has_digit(code: i64, digit: i64) -> bool {
    let mut rest = code;
    while rest > 0 {
        if rest % 10 == digit {
            return true;
        }
        rest /= 10;
    }
    false
}

fn digit_path(digit: i64) -> Option<Path> {
    match digit {
        1 => Some(Path::Open),
        2 => Some(Path::Delta),
        3 => Some(Path::Earthed),
        _ => None,
    }
}

/// PSS/E's own codes with two windings: 1 and 11 through, 2 and 12 earthed at the first beside a delta, 3 and 13 at the
/// second, 4 and 14 nowhere; 21 an autotransformer through. The others have earthing branches of their own.
fn two_paths(code: i64, coding: Coding) -> Option<[Path; 2]> {
    match (coding, code) {
        (Coding::Digits, 11..=33) => Some([digit_path(code / 10)?, digit_path(code % 10)?]),
        (Coding::Own, 1 | 11 | 21) => Some([Path::Earthed, Path::Earthed]),
        (Coding::Own, 2 | 12) => Some([Path::Earthed, Path::Delta]),
        (Coding::Own, 3 | 13) => Some([Path::Delta, Path::Earthed]),
        (Coding::Own, 4 | 14) => Some([Path::Open, Path::Open]),
        _ => None,
    }
}

/// Three digits: with PSS/E's own 1 is a path through the winding, 2 a delta, 4 none.
fn three_paths(code: i64, coding: Coding) -> Option<[Path; 3]> {
    let digits = [code / 100, code / 10 % 10, code % 10];
    let path = |digit| match coding {
        Coding::Digits => digit_path(digit),
        Coding::Own => match digit {
            1 => Some(Path::Earthed),
            2 => Some(Path::Delta),
            4 => Some(Path::Open),
            _ => None,
        },
    };
    Some([path(digits[0])?, path(digits[1])?, path(digits[2])?])
}

/// Impedance in Ω at the first winding: per unit of the system base (units 1) or of the winding's (2); 0 says nothing.
fn ohm(record: &Record, at: usize, bases: [f64; 2], kv: f64) -> Option<WindingImpedance> {
    let [r, x] = leg(record, at, bases, kv);
    (x != 0.0).then_some(WindingImpedance::Ohm { r, x })
}

fn leg(record: &Record, at: usize, [mva, base]: [f64; 2], kv: f64) -> [f64; 2] {
    let base_ohm = kv * kv / if record.number(4) == Some(2.0) { mva } else { base };
    [record.or_zero(at) * base_ohm, record.or_zero(at + 1) * base_ohm]
}

/// Earthing per unit of the system base (1), of the winding's (2), or in Ω (3).
fn earth(winding: &mut Winding, path: Path, record: &Record, at: usize, [mva, base]: [f64; 2]) {
    if path == Path::Earthed {
        let square = winding.rated_kv * winding.rated_kv;
        let scale = match record.number(5) {
            Some(2.0) => square / mva,
            Some(3.0) => 1.0,
            _ => square / base,
        };
        winding.neutral = Some(Neutral::through(record.or_zero(at) * scale, record.or_zero(at + 1) * scale));
    }
}

/// The vector group the paths show; clock numbers aren't known.
fn group(paths: &[Path]) -> VectorGroup {
    let winding = |(at, path): (usize, &Path)| GroupWinding {
        connection: if *path == Path::Delta { Connection::Delta } else { Connection::Star },
        neutral: *path == Path::Earthed,
        clock: (at == 0).then_some(0),
    };
    VectorGroup::new(paths.iter().enumerate().map(winding).collect())
}
