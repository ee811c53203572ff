//! Waivers: which checks they take out, and which are none.

use network::{Finding, Severity};

use super::Builder;
use crate::case::requirement::Waiver;
use crate::error::Error;

impl Builder<'_> {
    /// Which checks waivers take out.
    pub(super) fn waived(&mut self, today: &str) -> Result<Vec<bool>, Error> {
        for waiver in &self.case.requirements.waiver {
            check_waiver(waiver)?;
            if waiver.expires.as_str() < today {
                let finding = Finding::new("waiver_expired", Severity::Warning)
                    .about("stages", &waiver.stage)
                    .with("expires", waiver.expires.as_str());
                self.setup.findings.push(finding);
                continue;
            }
            let mut count = 0;
            for label in &mut self.setup.labels {
                let is_line = waiver.line.as_ref().is_none_or(|line| line == label.spot.element());
                if is_line && format!("{}/{}", label.relay, label.stage) == waiver.stage {
                    label.is_waived = true;
                    count += 1;
                }
            }
            self.setup.waived.push((waiver.clone(), count));
            if count == 0 {
                let finding = Finding::new("waiver_without_breach", Severity::Warning);
                self.setup.findings.push(finding.about("waivers", &waiver.stage));
            }
        }
        Ok(self.setup.labels.iter().map(|label| label.is_waived).collect())
    }
}

fn check_waiver(waiver: &Waiver) -> Result<(), Error> {
    let owner = || format!("waiver of {:?}", waiver.stage);
    if !is_day(&waiver.expires) {
        let what = format!("expires = {:?} must be a day as 2026-12-31", waiver.expires);
        return Err(Error::Value { file: "requirements.toml", owner: owner(), what });
    }
    if waiver.author.trim().is_empty() || waiver.reason.trim().is_empty() {
        let what = "author and reason must not be empty".to_owned();
        return Err(Error::Value { file: "requirements.toml", owner: owner(), what });
    }
    Ok(())
}

/// Whether a text is a day of the Gregorian calendar, as 2026-12-31.
pub fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |text: &str, length: usize| {
        let is_number = text.len() == length && text.bytes().all(|letter| letter.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| is_number)
    };
    let [year, month, day] = parts[..] else { return false };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}
