//! What is computed: the source model with its edition, the case, and the choices a norm leaves open.

use serde::{Deserialize, Serialize};

/// The edition of IEC 60909-0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edition {
    /// IEC 60909-0:2001: transformers are corrected in the minimum case too.
    #[serde(rename = "2001")]
    E2001,
    /// IEC 60909-0:2016: `K_T` only for maximum currents, `c_min` 0.90 in low-voltage networks of ±10 %.
    #[serde(rename = "2016")]
    E2016,
}

/// How large the equal EMFs are, as a multiple of the nominal voltage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmfLevel {
    /// The same multiple everywhere, 1 by convention.
    Multiple(f64),
    /// The voltage factor c of the source's own voltage level and the case.
    VoltageFactor,
}

/// The source model: which sources feed a fault and behind which impedances.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The equivalent voltage source `c·U_n/√3` at the fault, corrected impedances (IEC 60909-0).
    Iec60909(Edition),
    /// Equal EMFs behind uncorrected impedances; capacitances and shunts count, loads don't.
    EqualEmf(EmfLevel),
}

impl Method {
    /// Whether the equivalent voltage source of IEC 60909 is used.
    pub fn is_iec(self) -> bool {
        matches!(self, Self::Iec60909(_))
    }
}

/// Greatest or least currents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// For ratings.
    Max,
    /// For protection: hot lines, weakest feeders, no motors.
    Min,
}

/// The voltage tolerance of low-voltage networks (IEC 60909-0, table 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LowVoltageTolerance {
    /// ±6 %.
    #[serde(rename = "6")]
    Six,
    /// ±10 %.
    #[serde(rename = "10")]
    Ten,
}

/// How the factor κ of the peak current is found in meshed networks (IEC 60909-0:2016, 8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeakMethod {
    /// Method (b): 1.15 κ from the impedance at the fault, where the network is meshed.
    RatioAtFault,
    /// Method (c): R/X from the equivalent frequency of 20 Hz (24 Hz at 60 Hz).
    EquivalentFrequency,
    /// Method (c) for all fault types with the κ of the three-phase fault (permitted by 8.1.3 and after).
    ThreePhaseKappa,
}

/// Everything that is chosen for a computation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// The source model.
    pub method: Method,
    /// Greatest or least currents.
    pub case: Case,
    /// The tolerance of low-voltage networks.
    pub low_voltage: LowVoltageTolerance,
    /// How the peak is found.
    pub peak: PeakMethod,
    /// Minimum time delay `t_min` of the breaking current in s.
    pub breaking_s: f64,
    /// Duration `T_k` of the thermal equivalent current in s.
    pub thermal_s: f64,
    /// The voltage factor or EMF multiple that replaces the norm's, where given.
    pub voltage_factor: Option<f64>,
    /// Whether elements without usable data are left out and the rest is computed; else what hangs on one is not.
    #[serde(default)]
    pub leave_out_incomplete: bool,
}

impl Options {
    /// Greatest currents of IEC 60909-0:2016.
    pub fn iec_max() -> Self {
        Self {
            method: Method::Iec60909(Edition::E2016),
            case: Case::Max,
            low_voltage: LowVoltageTolerance::Ten,
            peak: PeakMethod::EquivalentFrequency,
            breaking_s: 0.1,
            thermal_s: 1.0,
            voltage_factor: None,
            leave_out_incomplete: false,
        }
    }

    /// The same choices for another case.
    #[must_use]
    pub fn case(mut self, case: Case) -> Self {
        self.case = case;
        self
    }

    /// The same choices with another source model.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// The voltage factor of the case at a nominal voltage in kV (IEC 60909-0, table 1).
    pub fn c(&self, nominal_kv: f64) -> f64 {
        if let Some(factor) = self.voltage_factor {
            return factor;
        }
        if self.case == Case::Max {
            return self.c_max(nominal_kv);
        }
        let is_2016 = self.method != Method::Iec60909(Edition::E2001);
        match self.low_voltage {
            _ if nominal_kv > 1.0 => 1.0,
            LowVoltageTolerance::Ten if is_2016 => 0.90,
            _ => 0.95,
        }
    }

    /// The greatest voltage factor at a nominal voltage in kV, which correction factors use in both cases.
    pub fn c_max(&self, nominal_kv: f64) -> f64 {
        match self.low_voltage {
            LowVoltageTolerance::Six if nominal_kv <= 1.0 => 1.05,
            _ => 1.10,
        }
    }

    /// Whether network transformers are corrected (IEC 60909-0:2016, 6.3.3; 2001, 3.3.3).
    pub(crate) fn corrects_transformers(&self) -> bool {
        match self.method {
            Method::Iec60909(Edition::E2001) => true,
            Method::Iec60909(Edition::E2016) => self.case == Case::Max,
            Method::EqualEmf(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voltage_factors_are_those_of_the_edition() {
        let max = Options::iec_max();
        assert_eq!([max.c(0.4), max.c(10.0), max.c(380.0)], [1.1, 1.1, 1.1]);
        let min = max.case(Case::Min);
        assert_eq!([min.c(0.4), min.c(10.0)], [0.90, 1.0]);
        assert_eq!(min.method(Method::Iec60909(Edition::E2001)).c(0.4), 0.95);
        let six = Options { low_voltage: LowVoltageTolerance::Six, ..max };
        assert_eq!([six.c(0.4), six.case(Case::Min).c(0.4)], [1.05, 0.95]);
    }
}
