//! The JSON of `quorate fault`: complex values as [magnitude, degrees], impedances of the fault as [r, x]; a value that
//! could not be computed is null, and a finding says why.

use faults::{Measurement, Options, phases};
use num_complex::Complex64;
use serde_json::{Map, Value, json};

use super::{Computed, Told};

/// The whole object.
pub(super) fn of(told: &Told<'_>) -> String {
    let mut object = json!({
        "options": options(told.options),
        "results": told.results.iter().map(|result| self::result(result, told.with_ends)).collect::<Vec<_>>(),
        "findings": told.findings,
        "assumptions": told.assumptions,
    });
    if !told.ingredients.is_empty() {
        object["circuit"] = told.ingredients.iter().map(ingredient).collect();
    }
    object.to_string()
}

fn options(options: &Options) -> Value {
    json!(options)
}

fn result(computed: &Computed, with_ends: bool) -> Value {
    let fault = &computed.fault;
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("location", json!(computed.location));
    put("type", json!(fault.kind.name()));
    put("nominal_kv", json!(fault.nominal_kv));
    put("ikss_ka", json!(fault.ikss_ka));
    put("ip_ka", json!(fault.ip_ka));
    put("i_breaking_ka", json!(fault.breaking_ka));
    put("ith_ka", json!(fault.ith_ka));
    put("skss_mva", json!(fault.skss_mva()));
    put("z1_ohm", rectangular(Some(fault.thevenin.z1)));
    put("z2_ohm", rectangular(Some(fault.thevenin.z2)));
    put("z0_ohm", rectangular(fault.thevenin.z0));
    let currents = fault.currents_ka;
    let by_phase = currents.map(phases);
    for (at, name) in ["ia_ka", "ib_ka", "ic_ka"].iter().enumerate() {
        put(name, polar(by_phase.map(|own| own[at])));
    }
    for (at, name) in ["i1_ka", "i2_ka", "i0_ka"].iter().enumerate() {
        put(name, polar(currents.map(|own| own[at])));
    }
    put("earth_ka", polar(fault.earth_ka()));
    put("before_kv", polar(Some(fault.before_kv)));
    put("voltage_factor", json!(fault.voltage_factor));
    put("converters_ka", json!(fault.converters_ka));
    put("kappa", json!(fault.kappa));
    put("thermal_m_n", json!(fault.thermal));
    if !fault.machines.is_empty() {
        let machine = |share: &faults::MachineShare| {
            let mut value = json!(share);
            value["decay_ka"] = polar(Some(share.decay_ka));
            value
        };
        put("machines", fault.machines.iter().map(machine).collect());
    }
    if !fault.station_factors.is_empty() {
        put("station_factors", json!(fault.station_factors));
    }
    if with_ends {
        put("branches", computed.ends.iter().map(end).collect());
    }
    Value::Object(object)
}

fn end(end: &Measurement) -> Value {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("id", json!(end.id));
    put("kind", json!(end.kind));
    put("end", json!(end.end));
    put("bus", json!(end.bus));
    let currents = end.phase_currents_ka();
    for (at, name) in ["ia_ka", "ib_ka", "ic_ka"].iter().enumerate() {
        put(name, polar(Some(currents[at])));
    }
    for (at, name) in ["i1_ka", "i2_ka", "i0_ka"].iter().enumerate() {
        put(name, polar(Some(end.currents_ka[at])));
    }
    put("residual_ka", polar(Some(end.residual_ka())));
    let voltages = end.phase_voltages_kv();
    for (at, name) in ["va_kv", "vb_kv", "vc_kv"].iter().enumerate() {
        put(name, polar(voltages.map(|own| own[at])));
    }
    for (at, name) in ["v1_kv", "v2_kv", "v0_kv"].iter().enumerate() {
        put(name, polar(end.voltages_kv.map(|own| own[at])));
    }
    let loops = end.loops();
    for (at, name) in ["zab_ohm", "zbc_ohm", "zca_ohm"].iter().enumerate() {
        put(name, rectangular(loops.and_then(|own| own.phase_ohm[at])));
    }
    for (at, name) in ["za_ohm", "zb_ohm", "zc_ohm"].iter().enumerate() {
        put(name, rectangular(loops.and_then(|own| own.earth_ohm[at])));
    }
    put("k0", polar(end.k0));
    Value::Object(object)
}

fn ingredient(ingredient: &faults::Ingredient) -> Value {
    let sequence = |at: usize| -> Value {
        let entries = &ingredient.admittances_s[at];
        if entries.is_empty() { Value::Null } else { entries.iter().map(|y| rectangular(Some(*y))).collect() }
    };
    json!({
        "kind": ingredient.kind,
        "id": ingredient.id,
        "buses": ingredient.buses,
        "z1_ohm": rectangular(ingredient.z1_ohm),
        "y1_s": sequence(0),
        "y2_s": sequence(1),
        "y0_s": sequence(2),
        "lags_deg": ingredient.lags_deg,
        "factors": ingredient.factors,
    })
}

/// [magnitude, degrees].
fn polar(value: Option<Complex64>) -> Value {
    value.map_or(Value::Null, |value| json!([value.norm(), value.arg().to_degrees()]))
}

/// [real, imaginary].
fn rectangular(value: Option<Complex64>) -> Value {
    value.map_or(Value::Null, |value| json!([value.re, value.im]))
}
