//! Whether a certificate is well formed: sizes fit, places lead somewhere.

use crate::{Certificate, Claim, FORMAT_VERSION, Port, Refusal};

pub(crate) fn form(certificate: &Certificate) -> Result<(), Refusal> {
    let fail = |text: &str| Err(Refusal::Form(text.to_owned()));
    if certificate.quorate_proof != FORMAT_VERSION {
        return fail("its version is unknown");
    }
    let count = certificate.classes.len();
    for class in &certificate.classes {
        if class.values.len() != usize::from(class.high) + 1 {
            return fail("a class has not one value per count");
        }
    }
    for clause in &certificate.clauses {
        let is_known = clause.witnesses.iter().all(|&witness| witness < certificate.witnesses.len());
        if !is_known || clause.witnesses.is_empty() || clause.low.len() != count || clause.high.len() != count
        {
            return fail("a clause leads nowhere");
        }
        if clause.low.iter().zip(&clause.high).any(|(low, high)| low > high) {
            return fail("a clause's region is empty");
        }
    }
    let is_rule = |rule: &Vec<usize>| {
        !rule.is_empty() && rule.iter().all(|&witness| witness < certificate.witnesses.len())
    };
    if !certificate.rules.iter().all(is_rule) {
        return fail("a rule leads nowhere");
    }
    for witness in &certificate.witnesses {
        let ports = [Some(&witness.positive), witness.negative.as_ref(), witness.zero.as_ref()];
        let is_sized = |port: &&Port| {
            port.unit.len() == count
                && port.right.len() == count
                && port.rows.len() == witness.positive.rows.len()
                && port.rows.iter().all(|row| row.left.len() == count)
                && port.control.len() == count
                && port.control.iter().all(|row| row.len() == count)
        };
        if witness.counts.len() != count || !ports.into_iter().flatten().all(|port| is_sized(&port)) {
            return fail("a witness's matrices don't fit the classes");
        }
        if witness.views.len() != witness.positive.rows.len() {
            return fail("a witness's views don't fit its rows");
        }
        if !matches!(witness.kind.as_str(), "lll" | "ll" | "lg" | "llg") {
            return fail("a witness's kind of fault is unknown");
        }
    }
    if let Claim::AllAbove(sets) = &certificate.claim
        && sets.iter().any(|set| set.len() != count)
    {
        return fail("a claimed set doesn't fit the classes");
    }
    Ok(())
}
