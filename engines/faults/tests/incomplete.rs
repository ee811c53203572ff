//! Elements without usable data: what hangs on them is blank and names them, all else is computed as if they were not
//! there, and a branch without impedance is a piece of busbar.
#![expect(clippy::unwrap_used, reason = "a broken network must fail its test")]

use faults::{
    Case, EmfLevel, Error, Fault, FaultImpedance, FaultKind, LinePoint, Method, Options, Place, Selection,
    Study, Wanted,
};
use network::{
    Argument, Coupling, Feeder, FeederLevel, Line, Model, Motor, Neutral, SeriesElement, State, Switch,
    Transformer, Unit, Winding, WindingImpedance,
};
use num_complex::Complex64;

fn level() -> FeederLevel {
    FeederLevel { sk_mva: Some(3000.0), rx: Some(0.1), x0x1: Some(1.5), r0x0: Some(0.2), ikss_ka: None }
}

fn feeder(id: &str, bus: &str) -> Feeder {
    Feeder { max: Some(level()), min: Some(level()), ..Feeder::new(id, bus) }
}

fn line(id: &str, from: &str, to: &str) -> Line {
    Line::new(id, from, to).z1(1.2, 3.9).z0(3.6, 12.0)
}

/// Buses A, B, C at 110 kV fed at A, a line from A to B and one from B to C.
fn chain() -> Model {
    ["A", "B", "C"]
        .into_iter()
        .fold(Model::new().frequency(50.0), |model, bus| model.bus(bus, 110.0))
        .feeder(feeder("Q", "A"))
        .line(line("AB", "A", "B"))
        .line(line("BC", "B", "C"))
}

fn everywhere(model: &Model, options: &Options, kind: FaultKind) -> Vec<Fault> {
    let study = Study::of(model, &[], options).unwrap();
    study.all_buses(&[kind], FaultImpedance::default(), Wanted::ALL, &|_| true).unwrap()
}

fn currents(model: &Model, kind: FaultKind) -> Vec<Option<f64>> {
    everywhere(model, &Options::iec_max(), kind).iter().map(|fault| fault.ikss_ka).collect()
}

fn known(model: &Model, kind: FaultKind) -> Vec<bool> {
    currents(model, kind).iter().map(Option::is_some).collect()
}

#[test]
fn a_line_without_data_blanks_what_lies_behind_it_and_nothing_before() {
    let mut model = chain();
    model.lines[1] = Line::new("BC", "B", "C");
    assert_eq!(known(&model, FaultKind::Lll), [true, true, false]);
    assert_eq!(known(&model, FaultKind::Lg), [true, true, false]);
    let behind = &everywhere(&model, &Options::iec_max(), FaultKind::Lll)[2];
    let finding = &behind.findings[0];
    assert_eq!((finding.code.as_str(), finding.subject.id.as_deref()), ("element_incomplete", Some("BC")));
    assert_eq!(behind.impedances_ohm()[..2], [None; 2]);
    // What is known is what it is without the line.
    let mut without = model.clone();
    without.lines[1].in_service = false;
    assert_eq!(currents(&model, FaultKind::Lll)[..2], currents(&without, FaultKind::Lll)[..2]);
}

#[test]
fn a_line_without_data_between_two_sources_blanks_both_sides() {
    let mut model = chain().feeder(feeder("R", "C"));
    model.lines[1] = Line::new("BC", "B", "C");
    assert_eq!(known(&model, FaultKind::Lll), [false; 3]);
    let left_out = Options { leave_out_incomplete: true, ..Options::iec_max() };
    let faults = everywhere(&model, &left_out, FaultKind::Lg);
    assert!(faults.iter().all(|fault| fault.ikss_ka.is_some()));
    let study = Study::of(&model, &[], &left_out).unwrap();
    assert_eq!(study.findings()[0].code, "value_missing");
}

#[test]
fn a_unit_without_its_reactance_blanks_its_island_and_no_other() {
    let model = chain().bus("far", 110.0).feeder(feeder("F", "far")).unit(Unit {
        rated_kv: Some(110.0),
        rated_mva: Some(100.0),
        ..Unit::new("G", "C")
    });
    assert_eq!(known(&model, FaultKind::Lll), [false, false, false, true]);
    // A motor counts in the maximum case alone.
    let mut model = chain();
    model.motors.push(Motor::new("M", "C"));
    assert_eq!(known(&model, FaultKind::Lll), [false; 3]);
    let min = Options::iec_max().case(Case::Min);
    assert!(everywhere(&model, &min, FaultKind::Lll).iter().all(|fault| fault.ikss_ka.is_some()));
}

#[test]
fn many_gaps_are_one_finding_that_counts_them() {
    let mut model = chain();
    for at in 0..200 {
        model.units.push(Unit::new(&format!("G{at}"), "A"));
    }
    let faults = everywhere(&model, &Options::iec_max(), FaultKind::Lll);
    assert!(faults.iter().all(|fault| fault.findings.len() == 1));
    assert_eq!(faults[2].findings[0].args["count"], Argument::Number(200.0));
}

/// A transformer from C down to D, earthed on its upper side.
fn with_transformer(model: Model, group: Option<&str>) -> Model {
    let z = Some(WindingImpedance::Percent { uk: 12.0, ur: 0.5 });
    let transformer = Transformer {
        rated_mva: Some(40.0),
        z1: z,
        z0: z,
        vector_group: group.map(|text| text.parse().unwrap()),
        ..Transformer::new("T", Winding::new("C", 115.0).earthed(Neutral::SOLID), Winding::new("D", 11.0))
    };
    model.bus("D", 10.0).transformer(transformer)
}

#[test]
fn a_transformer_whose_voltages_contradict_blanks_the_earth_faults_it_may_earth() {
    let mut model = with_transformer(chain(), Some("YNd11"));
    assert_eq!(known(&model, FaultKind::Lg), [true; 4]);
    model.transformers[0].z1 = Some(WindingImpedance::Percent { uk: 1.0, ur: 6.0 });
    assert_eq!(known(&model, FaultKind::Lll), [true, true, true, false]);
    assert_eq!(known(&model, FaultKind::Lg), [false; 4]);
    let findings = Study::of(&model, &[], &Options::iec_max()).unwrap().findings().to_vec();
    assert_eq!(findings[0].code, "value_unusable");
    assert_eq!(findings[0].subject.field.as_deref(), Some("z1.percent.ur"));
}

#[test]
fn an_unknown_vector_group_blanks_earth_faults_even_where_no_neutral_is_named() {
    let mut model = with_transformer(chain(), None);
    model.transformers[0].hv.neutral = None;
    assert_eq!(known(&model, FaultKind::Lll), [true; 4]);
    assert_eq!(known(&model, FaultKind::Lg), [false; 4]);
}

#[test]
fn a_zero_sequence_that_leads_nowhere_is_not_needed() {
    let mut model = chain();
    (model.lines[1].r0_ohm, model.lines[1].x0_ohm) = (None, None);
    assert_eq!(known(&model, FaultKind::Lg), [true, true, false]);
    // Its charging would lead to earth.
    model.lines[1].b0_us = Some(10.0);
    assert_eq!(known(&model, FaultKind::Lg), [false; 3]);
}

#[test]
fn impossible_values_blank_instead_of_making_no_numbers() {
    let change: [fn(&mut Model); 6] = [
        |model| model.feeders[0].max.as_mut().unwrap().sk_mva = Some(-3000.0),
        |model| model.transformers[0].rated_mva = Some(0.0),
        |model| model.lines[0].end_temperature_c = Some(-400.0),
        |model| model.couplings.push(Coupling::new("K", "AB", "AB", [1.0, 3.0])),
        |model| model.couplings.push(Coupling::new("K", "AB", "BC", [1.0, 3.0]).over([0.0, 1.5], [0.0, 1.0])),
        |model| model.couplings.push(Coupling::new("K", "AB", "BC", [1.0, 12.5])),
    ];
    for change in change {
        let mut model = with_transformer(chain(), Some("YNd11"));
        change(&mut model);
        let faults = everywhere(&model, &Options::iec_max(), FaultKind::Lg);
        assert!(faults.iter().take(3).all(|fault| fault.ikss_ka.is_none()), "{:?}", faults[0].findings);
        for fault in &faults {
            assert!(fault.impedances_ohm().into_iter().flatten().all(Complex64::is_finite));
            assert!(fault.ikss_ka.is_some() || !fault.findings.is_empty());
        }
    }
}

#[test]
fn a_feeders_other_case_makes_this_one_no_worse() {
    let mut model = chain();
    model.feeders[0].min = Some(FeederLevel { sk_mva: Some(0.0), ..level() });
    assert_eq!(known(&model, FaultKind::Lll), [true; 3]);
    let min = Options::iec_max().case(Case::Min);
    assert!(everywhere(&model, &min, FaultKind::Lll).iter().all(|fault| fault.ikss_ka.is_none()));
}

#[test]
fn choices_without_sense_are_refused() {
    let model = chain();
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    let place = Place::Bus("A".to_owned());
    let wrong = [
        (Complex64::new(-0.1, 0.0), 0.0),
        (Complex64::new(f64::NAN, 0.0), 0.0),
        (Complex64::new(0.0, f64::INFINITY), 0.0),
        (Complex64::ZERO, -1.0),
        (Complex64::ZERO, f64::NAN),
    ];
    for (fault_ohm, arc_ohm) in wrong {
        let impedance = FaultImpedance { fault_ohm, arc_ohm };
        let one = study.fault(&place, FaultKind::Lg, impedance, Wanted::INITIAL).map(|_| ());
        let all = study.all_buses(&[FaultKind::Lg], impedance, Wanted::INITIAL, &|_| true).map(|_| ());
        for result in [one, all] {
            assert!(matches!(result, Err(Error::Option { .. })), "{fault_ohm} {arc_ohm}");
        }
    }
    for factor in [0.0, -1.0, 0.4, 2.1, f64::NAN, f64::INFINITY] {
        let options = Options { voltage_factor: Some(factor), ..Options::iec_max() };
        assert!(matches!(Study::of(&model, &[], &options), Err(Error::Option { .. })), "{factor}");
    }
    for hz in [0.0, -50.0, f64::NAN] {
        let model = chain().frequency(hz);
        assert!(matches!(Study::of(&model, &[], &Options::iec_max()), Err(Error::Frequency { .. })), "{hz}");
    }
}

/// The chain with a bus more between A and B, joined to A by a line or a switch.
fn with_joint(joint: impl FnOnce(Model) -> Model) -> Model {
    let mut model = joint(chain().bus("A2", 110.0));
    "A2".clone_into(&mut model.lines[0].from);
    model
}

#[test]
fn a_branch_without_impedance_joins_its_buses_as_a_closed_switch_does() {
    let switched = with_joint(|model| model.switch(Switch::new("tie", "A", "A2")));
    let lined = with_joint(|model| model.line(Line::new("tie", "A", "A2").z1(0.0, 0.0)));
    let element =
        SeriesElement { r1_ohm: Some(0.0), x1_ohm: Some(0.0), ..SeriesElement::new("tie", "A2", "A") };
    let reactor = with_joint(|model| model.series_element(element));
    for kind in FaultKind::ALL {
        let expected = currents(&switched, kind);
        assert!(expected.iter().all(Option::is_some));
        assert_eq!(currents(&lined, kind), expected);
        assert_eq!(currents(&reactor, kind), expected);
    }
    let study = Study::of(&lined, &[], &Options::iec_max()).unwrap();
    assert_eq!(study.findings()[0].code, "joins_its_buses");
    let at = |place: &Place| {
        let fault = study.fault(place, FaultKind::Lg, FaultImpedance::default(), Wanted::ALL).unwrap();
        let seen = study.measure(&fault, &Selection::Branches).unwrap();
        (fault.ikss_ka, seen.iter().map(|end| end.id.clone()).collect::<Vec<_>>())
    };
    // A place on it is its node; what flows in it nobody can tell.
    let on_it = at(&Place::Line(LinePoint::new("tie", 0.3)));
    assert_eq!(on_it, at(&Place::Bus("A".to_owned())));
    assert!(!on_it.1.contains(&"tie".to_owned()));
}

#[test]
fn a_joint_whose_zero_sequence_is_not_nothing_leaves_earth_faults_open() {
    let model = with_joint(|model| model.line(Line::new("tie", "A", "A2").z1(0.0, 0.0).z0(1.4, 6.0)));
    assert_eq!(known(&model, FaultKind::Lll), [true; 3]);
    assert_eq!(known(&model, FaultKind::Lg), [false; 3]);
}

#[test]
fn a_joint_with_an_open_end_is_its_closed_end() {
    let model = with_joint(|model| {
        model
            .line(Line { to_closed: false, ..Line::new("tie", "A", "A2").z1(0.0, 0.0) })
            .feeder(feeder("R", "A2"))
    });
    let study = Study::of(&model, &[], &Options::iec_max()).unwrap();
    let point = LinePoint::new("tie", 0.5).with_open_end(1);
    let at = |place: &Place| {
        study.fault(place, FaultKind::Lll, FaultImpedance::default(), Wanted::INITIAL).unwrap().ikss_ka
    };
    assert_eq!(at(&Place::Line(point)), at(&Place::Bus("A".to_owned())));
    let closed = Place::Line(LinePoint::new("tie", 0.5).with_open_end(0));
    let refused = study.fault(&closed, FaultKind::Lll, FaultImpedance::default(), Wanted::INITIAL);
    assert!(matches!(refused, Err(Error::EndNotOpen { end: 0, .. })));
}

#[test]
fn no_impedance_between_unlike_voltages_is_no_busbar() {
    let mut model = chain().bus("D", 10.0).line(Line::new("CD", "C", "D").z1(0.0, 0.0));
    assert_eq!(known(&model, FaultKind::Lll), [true, true, true, false]);
    model.feeders.push(feeder("R", "D"));
    assert_eq!(known(&model, FaultKind::Lll), [false; 4]);
}

#[test]
fn with_equal_emfs_a_charged_line_without_data_is_felt_before_it() {
    let options = Options::iec_max().method(Method::EqualEmf(EmfLevel::Multiple(1.0)));
    let mut model = chain();
    model.lines[1] = Line::new("BC", "B", "C");
    let known = |model: &Model| -> Vec<bool> {
        everywhere(model, &options, FaultKind::Lll).iter().map(|fault| fault.ikss_ka.is_some()).collect()
    };
    assert_eq!(known(&model), [true, true, false]);
    model.lines[1].b1_us = Some(100.0);
    assert_eq!(known(&model), [false; 3]);
}

#[test]
fn a_state_can_take_the_gap_out() {
    let mut model = chain().feeder(feeder("R", "C"));
    model.lines[1] = Line::new("BC", "B", "C");
    let out = State::new("out", vec![network::Change::Out("BC".to_owned())]);
    let study = Study::of(&model, &[&out], &Options::iec_max()).unwrap();
    let none = FaultImpedance::default();
    let faults = study.all_buses(&[FaultKind::Lll], none, Wanted::INITIAL, &|_| true).unwrap();
    assert!(faults.iter().all(|fault| fault.ikss_ka.is_some()));
}
