//! Small CIM files written for a test: a line from a machine's bus to a load's, in the words of either version.

use cgmes::{Error, Import, Options, Source, open};
use network::Finding;

/// The namespace of CGMES 2.4.15.
pub(crate) const CIM_16: &str = "http://iec.ch/TC57/2013/CIM-schema-cim16#";
/// The namespace of CGMES 3.0.
pub(crate) const CIM_100: &str = "http://iec.ch/TC57/CIM100#";

/// A file around its objects.
pub(crate) fn file(namespace: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rdf:RDF xmlns:cim=\"{namespace}\" \
         xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n{body}\n</rdf:RDF>\n"
    )
}

/// An object with attributes as `Class.attribute=value`, references as `Class.attribute=#id`.
pub(crate) fn object(class: &str, id: &str, attributes: &[&str]) -> String {
    let attributes: String = attributes
        .iter()
        .map(|attribute| {
            let (name, value) = attribute.split_once('=').unwrap();
            if value.starts_with('#') || value.contains("://") {
                format!("<cim:{name} rdf:resource=\"{value}\"/>")
            } else {
                format!("<cim:{name}>{value}</cim:{name}>")
            }
        })
        .collect();
    format!("<cim:{class} rdf:ID=\"{id}\">{attributes}</cim:{class}>\n")
}

/// More about an object of another file.
pub(crate) fn about(class: &str, id: &str, attributes: &[&str]) -> String {
    object(class, &format!("#{id}"), attributes).replacen("rdf:ID", "rdf:about", 1)
}

/// A terminal of an equipment at a connectivity node.
pub(crate) fn terminal(equipment: &str, number: usize, node: &str) -> String {
    let attributes = [
        format!("Terminal.ConductingEquipment=#{equipment}"),
        format!("Terminal.ConnectivityNode=#{node}"),
        format!("ACDCTerminal.sequenceNumber={number}"),
    ];
    object("Terminal", &format!("{equipment}_t{number}"), &attributes.each_ref().map(String::as_str))
}

/// The objects of a grid of two nodes at 110 kV, a line, a machine and a load.
pub(crate) fn grid() -> String {
    let mut body = object("BaseVoltage", "_bv", &["BaseVoltage.nominalVoltage=110"]);
    body += &object("Substation", "_s", &["IdentifiedObject.name=North"]);
    body += &object("VoltageLevel", "_vl", &["VoltageLevel.Substation=#_s", "VoltageLevel.BaseVoltage=#_bv"]);
    for node in ["_a", "_b"] {
        body += &object("ConnectivityNode", node, &["ConnectivityNode.ConnectivityNodeContainer=#_vl"]);
    }
    body += &object(
        "ACLineSegment",
        "_line",
        &[
            "IdentifiedObject.name=L1",
            "Conductor.length=10",
            "ACLineSegment.r=1.2",
            "ACLineSegment.x=3.9",
            "ACLineSegment.r0=3.2",
            "ACLineSegment.x0=12.6",
        ],
    );
    body += &terminal("_line", 1, "_a");
    body += &terminal("_line", 2, "_b");
    body += &object(
        "SynchronousMachine",
        "_g",
        &[
            "IdentifiedObject.name=G1",
            "Equipment.EquipmentContainer=#_vl",
            "RotatingMachine.ratedS=100",
            "RotatingMachine.ratedU=110",
            "RotatingMachine.ratedPowerFactor=0.85",
            "SynchronousMachine.satDirectSubtransX=0.2",
            "SynchronousMachine.x0=0.1",
            "SynchronousMachine.r=0.3",
        ],
    );
    body += &terminal("_g", 1, "_a");
    body += &object("EnergyConsumer", "_load", &["IdentifiedObject.name=D1"]);
    body + &terminal("_load", 1, "_b")
}

/// Imports files by their texts.
pub(crate) fn read(files: &[&str]) -> Result<Import, Error> {
    let sources: Vec<Source<'_>> = files.iter().map(|text| Source::new("eq.xml", text.as_bytes())).collect();
    open(&sources, &Options::default())
}

/// The finding of a code.
pub(crate) fn finding<'i>(import: &'i Import, code: &str) -> &'i Finding {
    let known = || import.findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>();
    let found = import.findings.iter().find(|finding| finding.code == code);
    found.unwrap_or_else(|| panic!("no {code} among {:?}", known()))
}
