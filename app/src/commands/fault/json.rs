//! The JSON of `quorate fault`: complex values as [magnitude, degrees], impedances of the fault as [r, x]; a value that
//! could not be computed is null, and a finding says why. Results are written as they are, many at a time: a grid of
//! thousands of buses has tens of megabytes of them.

use std::io::Write;

use faults::{Factor, Fault, Kappa, MachineShare, Measurement, SourceShare, phases};
use num_complex::Complex64;
use rayon::prelude::*;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{Computed, Told};

/// How many results are put into text at once.
const BATCH: usize = 256;

/// Writes the whole object.
pub(super) fn write(told: &Told<'_>, out: &mut impl Write) -> anyhow::Result<()> {
    write!(out, r#"{{"options":{},"results":["#, json!(told.options))?;
    for (at, many) in told.results.chunks(64 * BATCH).enumerate() {
        let texts: Result<Vec<Vec<u8>>, serde_json::Error> =
            many.par_chunks(BATCH).map(|few| text(few, told.with_ends)).collect();
        for (place, text) in texts?.iter().enumerate() {
            if at + place > 0 {
                out.write_all(b",")?;
            }
            out.write_all(text)?;
        }
    }
    write!(out, r#"],"findings":{},"assumptions":{}"#, json!(told.findings), json!(told.assumptions))?;
    if !told.ingredients.is_empty() {
        let circuit: Vec<Value> = told.ingredients.iter().map(ingredient).collect();
        write!(out, r#","circuit":{}"#, json!(circuit))?;
    }
    writeln!(out, "}}")?;
    Ok(())
}

/// Results with commas between them.
fn text(results: &[Computed], with_ends: bool) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = Vec::new();
    for (at, result) in results.iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }
        serde_json::to_writer(&mut text, &Row::of(result, with_ends))?;
    }
    Ok(text)
}

/// A result as it is written.
#[derive(Serialize)]
struct Row<'r> {
    location: &'r str,
    #[serde(rename = "type")]
    kind: &'static str,
    nominal_kv: f64,
    ikss_ka: Option<f64>,
    ip_ka: Option<f64>,
    i_breaking_ka: Option<f64>,
    ith_ka: Option<f64>,
    skss_mva: Option<f64>,
    z1_ohm: Rectangular,
    z2_ohm: Rectangular,
    z0_ohm: Rectangular,
    ia_ka: Polar,
    ib_ka: Polar,
    ic_ka: Polar,
    i1_ka: Polar,
    i2_ka: Polar,
    i0_ka: Polar,
    earth_ka: Polar,
    before_kv: Polar,
    voltage_factor: Option<f64>,
    converters_ka: f64,
    kappa: Option<Kappa>,
    thermal_m_n: Option<[f64; 2]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    machines: Vec<Machine<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sources: Option<Vec<Fed<'r>>>,
    #[serde(skip_serializing_if = "<[Factor]>::is_empty")]
    station_factors: &'r [Factor],
    #[serde(skip_serializing_if = "Option::is_none")]
    branches: Option<Vec<Seen<'r>>>,
}

impl<'r> Row<'r> {
    fn of(computed: &'r Computed, with_ends: bool) -> Self {
        let fault: &Fault = &computed.fault;
        let [ia_ka, ib_ka, ic_ka] = polars(fault.currents_ka.map(phases));
        let [i1_ka, i2_ka, i0_ka] = polars(fault.currents_ka);
        let [z1, z2, z0] = fault.impedances_ohm();
        Self {
            location: &computed.location,
            kind: fault.kind.name(),
            nominal_kv: fault.nominal_kv,
            ikss_ka: fault.ikss_ka,
            ip_ka: fault.ip_ka,
            i_breaking_ka: fault.breaking_ka,
            ith_ka: fault.ith_ka,
            skss_mva: fault.skss_mva(),
            z1_ohm: Rectangular(z1),
            z2_ohm: Rectangular(z2),
            z0_ohm: Rectangular(z0),
            ia_ka,
            ib_ka,
            ic_ka,
            i1_ka,
            i2_ka,
            i0_ka,
            earth_ka: Polar(fault.earth_ka()),
            before_kv: Polar(Some(fault.before_kv)),
            voltage_factor: fault.voltage_factor,
            converters_ka: fault.converters_ka,
            kappa: fault.kappa,
            thermal_m_n: fault.thermal,
            machines: fault.machines.iter().map(Machine::of).collect(),
            sources: computed.sources.as_ref().map(|own| own.iter().map(Fed::of).collect()),
            station_factors: &fault.station_factors,
            branches: with_ends.then(|| computed.ends.iter().map(Seen::of).collect()),
        }
    }
}

/// A machine whose current has decayed.
#[derive(Serialize)]
struct Machine<'r> {
    kind: &'static str,
    id: &'r str,
    initial_ka: f64,
    ratio: f64,
    mu: f64,
    q: f64,
    decay_ka: Polar,
}

impl<'r> Machine<'r> {
    fn of(share: &'r MachineShare) -> Self {
        let MachineShare { kind, id, initial_ka, ratio, mu, q, decay_ka } = share;
        let decay_ka = Polar(Some(*decay_ka));
        Self { kind, id, initial_ka: *initial_ka, ratio: *ratio, mu: *mu, q: *q, decay_ka }
    }
}

/// What a source feeds, at its own terminals.
#[derive(Serialize)]
struct Fed<'r> {
    kind: &'static str,
    id: &'r str,
    bus: &'r str,
    initial_ka: f64,
    ratio: Option<f64>,
    ia_ka: Polar,
    ib_ka: Polar,
    ic_ka: Polar,
    i1_ka: Polar,
    i2_ka: Polar,
    i0_ka: Polar,
}

impl<'r> Fed<'r> {
    fn of(share: &'r SourceShare) -> Self {
        let [ia_ka, ib_ka, ic_ka] = polars(Some(share.phase_currents_ka()));
        let [i1_ka, i2_ka, i0_ka] = polars(Some(share.currents_ka));
        let SourceShare { kind, id, bus, ratio, .. } = share;
        let (initial_ka, ratio) = (share.initial_ka(), *ratio);
        Self { kind, id, bus, initial_ka, ratio, ia_ka, ib_ka, ic_ka, i1_ka, i2_ka, i0_ka }
    }
}

/// What is seen at the end of a branch.
#[derive(Serialize)]
struct Seen<'r> {
    id: &'r str,
    kind: &'static str,
    end: &'static str,
    bus: Option<&'r str>,
    ia_ka: Polar,
    ib_ka: Polar,
    ic_ka: Polar,
    i1_ka: Polar,
    i2_ka: Polar,
    i0_ka: Polar,
    residual_ka: Polar,
    ip_ka: Option<f64>,
    ith_ka: Option<f64>,
    va_kv: Polar,
    vb_kv: Polar,
    vc_kv: Polar,
    v1_kv: Polar,
    v2_kv: Polar,
    v0_kv: Polar,
    zab_ohm: Rectangular,
    zbc_ohm: Rectangular,
    zca_ohm: Rectangular,
    za_ohm: Rectangular,
    zb_ohm: Rectangular,
    zc_ohm: Rectangular,
    k0: Polar,
}

impl<'r> Seen<'r> {
    fn of(end: &'r Measurement) -> Self {
        let [ia_ka, ib_ka, ic_ka] = polars(Some(end.phase_currents_ka()));
        let [i1_ka, i2_ka, i0_ka] = polars(Some(end.currents_ka));
        let [va_kv, vb_kv, vc_kv] = polars(end.phase_voltages_kv());
        let [v1_kv, v2_kv, v0_kv] = polars(end.voltages_kv);
        let loops = end.loops();
        let [zab_ohm, zbc_ohm, zca_ohm] = loops.map(|own| own.phase_ohm).unwrap_or_default().map(Rectangular);
        let [za_ohm, zb_ohm, zc_ohm] = loops.map(|own| own.earth_ohm).unwrap_or_default().map(Rectangular);
        Self {
            id: &end.id,
            kind: end.kind,
            end: end.end,
            bus: end.bus.as_deref(),
            ia_ka,
            ib_ka,
            ic_ka,
            i1_ka,
            i2_ka,
            i0_ka,
            residual_ka: Polar(Some(end.residual_ka())),
            ip_ka: end.ip_ka,
            ith_ka: end.ith_ka,
            va_kv,
            vb_kv,
            vc_kv,
            v1_kv,
            v2_kv,
            v0_kv,
            zab_ohm,
            zbc_ohm,
            zca_ohm,
            za_ohm,
            zb_ohm,
            zc_ohm,
            k0: Polar(end.k0),
        }
    }
}

fn ingredient(ingredient: &faults::Ingredient) -> Value {
    let sequence = |at: usize| -> Value {
        let entries = &ingredient.admittances_s[at];
        if entries.is_empty() { Value::Null } else { entries.iter().map(|y| rectangular(Some(*y))).collect() }
    };
    json!({
        "kind": ingredient.kind,
        "id": ingredient.id,
        "name": ingredient.name,
        "buses": ingredient.buses,
        "z1_ohm": rectangular(ingredient.z1_ohm),
        "z2_ohm": rectangular(ingredient.z2_ohm),
        "z0_ohm": rectangular(ingredient.z0_ohm),
        "pairs": ingredient.pairs.iter().map(pair).collect::<Vec<Value>>(),
        "neutrals_ohm": ingredient.neutrals.iter().map(neutral).collect::<Vec<Value>>(),
        "y1_s": sequence(0),
        "y2_s": sequence(1),
        "y0_s": sequence(2),
        "lags_deg": ingredient.lags_deg,
        "factors": ingredient.factors,
    })
}

fn pair(pair: &faults::Pair) -> Value {
    json!({
        "windings": pair.windings,
        "z1_ohm": rectangular(Some(pair.z1_ohm)),
        "z0_ohm": rectangular(pair.z0_ohm),
    })
}

fn neutral((end, z): &(&'static str, Complex64)) -> Value {
    json!({ "end": end, "z_ohm": rectangular(Some(*z)) })
}

fn rectangular(value: Option<Complex64>) -> Value {
    json!(Rectangular(value))
}

/// [magnitude, degrees].
struct Polar(Option<Complex64>);

/// [real, imaginary].
struct Rectangular(Option<Complex64>);

impl Serialize for Polar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.map(|value| [value.norm(), value.arg().to_degrees()]).serialize(serializer)
    }
}

impl Serialize for Rectangular {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.map(|value| [value.re, value.im]).serialize(serializer)
    }
}

fn polars(values: Option<[Complex64; 3]>) -> [Polar; 3] {
    let [one, two, three] = values.map_or([None; 3], |values| values.map(Some));
    [Polar(one), Polar(two), Polar(three)]
}
