//! RDF/XML as it should be, as it is, and as someone would write it to harm.

use super::*;
use crate::cim::facts::Facts;

const OPEN: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:cim="http://iec.ch/TC57/2013/CIM-schema-cim16#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">"#;
const CLOSE: &str = "</rdf:RDF>";

fn parse(text: &[u8]) -> Result<(Head, Facts, Vec<Unreadable>), Error> {
    let mut collector = Collector::default();
    let mut unreadable = Vec::new();
    let head = read("eq.xml", &mut &*text, &mut collector, &mut unreadable)?;
    Ok((head, collector.finish(), unreadable))
}

fn parse_body(body: &str) -> Result<(Head, Facts, Vec<Unreadable>), Error> {
    parse(format!("{OPEN}\n{body}\n{CLOSE}").as_bytes())
}

fn refusal(text: &[u8]) -> String {
    parse(text).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn reads_objects_with_numbers_flags_texts_and_references() {
    let body = r##"<cim:ACLineSegment rdf:ID="_l">
        <cim:IdentifiedObject.name>L &amp; M &#8211; 1</cim:IdentifiedObject.name>
        <cim:ACLineSegment.r> 1.5e-1 </cim:ACLineSegment.r>
        <cim:ConductingEquipment.BaseVoltage rdf:resource="#_v"/>
        <cim:Equipment.inService>false</cim:Equipment.inService>
        <other:Something.else>1</other:Something.else>
    </cim:ACLineSegment>
    <cim:BaseVoltage rdf:about="urn:uuid:v"><cim:BaseVoltage.nominalVoltage>110</cim:BaseVoltage.nominalVoltage></cim:BaseVoltage>
    <cim:BaseVoltage rdf:ID="_v"/>"##;
    let (head, facts, unreadable) = parse_body(body).unwrap();
    assert!(head.namespace.contains("cim16") && unreadable.is_empty());
    let line = facts.of(Class::ACLineSegment).next().unwrap();
    assert_eq!(line.name(), Some("L & M – 1"));
    assert_eq!(line.number(Attr::LineR), Some(0.15));
    assert_eq!(line.flag(Attr::InService), Some(false));
    let base = line.target(Attr::BaseVoltage).unwrap();
    assert_eq!(base.number(Attr::NominalVoltage), Some(110.0));
}

#[test]
fn a_value_of_an_enumeration_is_a_word() {
    let body = r#"<cim:PowerTransformerEnd rdf:ID="_e"><cim:PowerTransformerEnd.connectionKind
        rdf:resource="http://iec.ch/TC57/2013/CIM-schema-cim16#WindingConnection.Yn"/></cim:PowerTransformerEnd>"#;
    let (_, facts, _) = parse_body(body).unwrap();
    assert_eq!(facts.of(Class::PowerTransformerEnd).next().unwrap().choice(Attr::EndConnection), Some("Yn"));
}

#[test]
fn a_text_that_is_no_number_is_told_with_its_line() {
    for text in ["1,5", "NaN", "inf", "-1e300", "", "many"] {
        let body = format!(
            "<cim:ACLineSegment rdf:ID=\"_l\">\n<cim:ACLineSegment.r>{text}</cim:ACLineSegment.r></cim:ACLineSegment>"
        );
        let (_, facts, unreadable) = parse_body(&body).unwrap();
        assert_eq!(facts.of(Class::ACLineSegment).next().unwrap().number(Attr::LineR), None);
        assert_eq!((unreadable.len(), unreadable[0].line), (1, 4), "{text}");
    }
}

#[test]
fn refuses_a_document_type_and_entities_of_its_own() {
    let bomb = format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\n{}<x>&b;</x>{CLOSE}",
        &OPEN[OPEN.find("<rdf").unwrap()..]
    );
    assert!(refusal(bomb.as_bytes()).contains("document type"));
    let undeclared = format!(
        "{OPEN}<cim:ACLineSegment rdf:ID=\"_l\"><cim:IdentifiedObject.name>&lol;</cim:IdentifiedObject.name></cim:ACLineSegment>{CLOSE}"
    );
    assert_eq!(refusal(undeclared.as_bytes()), "eq.xml, line 2: &lol;: entities of one's own are not read");
}

#[test]
fn refuses_a_file_that_is_cut_off() {
    let whole = format!("{OPEN}\n<cim:ACLineSegment rdf:ID=\"_l\"></cim:ACLineSegment>\n{CLOSE}");
    for cut in [whole.len() - CLOSE.len(), whole.len() - CLOSE.len() - 10, whole.len() - 3] {
        assert!(refusal(&whole.as_bytes()[..cut]).contains("cut off"), "{cut}");
    }
}

#[test]
fn refuses_other_encodings() {
    let declared = "<?xml version=\"1.0\" encoding=\"windows-1251\"?><rdf:RDF/>";
    assert_eq!(refusal(declared.as_bytes()), "eq.xml is written in windows-1251: save it as UTF-8");
    let mut undeclared = format!("{OPEN}<cim:Line rdf:ID=\"_l\"><cim:IdentifiedObject.name>").into_bytes();
    undeclared.extend_from_slice(b"\xcb\xfd</cim:IdentifiedObject.name></cim:Line></rdf:RDF>");
    assert!(refusal(&undeclared).contains("no UTF-8"), "{}", refusal(&undeclared));
}

#[test]
fn refuses_another_kind_of_document() {
    assert!(refusal(b"<html><body/></html>").contains("not rdf:RDF"));
}

#[test]
fn refuses_texts_without_end_and_towers_of_elements() {
    let long = format!(
        "{OPEN}<cim:Line rdf:ID=\"_l\"><cim:IdentifiedObject.name>{}</cim:IdentifiedObject.name></cim:Line>{CLOSE}",
        "x".repeat(3 << 20)
    );
    let mut collector = Collector::default();
    let mut stream = io::BufReader::new(long.as_bytes());
    let error = read("eq.xml", &mut stream, &mut collector, &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("longer than"), "{error}");
    let tower = format!("{OPEN}{}", "<a>".repeat(1000));
    assert!(refusal(tower.as_bytes()).contains("deep"));
}

#[test]
fn refuses_closing_tags_that_do_not_match() {
    assert!(parse_body("<cim:Line rdf:ID=\"_l\"></cim:Bay>").is_err());
    assert!(parse_body("</cim:Line>").is_err());
}
