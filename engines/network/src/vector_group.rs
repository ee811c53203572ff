//! Vector groups: how the windings of a transformer are connected, and by what clock number they are shifted.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// How a winding is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Star.
    Star,
    /// Delta.
    Delta,
    /// Zigzag (interconnected star).
    Zigzag,
    /// Part of the first winding: an autotransformer, with the first winding's neutral.
    Auto,
}

/// A winding in a vector group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupWinding {
    /// How it is connected.
    pub connection: Connection,
    /// Whether the neutral is brought out (N); whether it is earthed says the winding's
    /// [`Neutral`](crate::Neutral).
    pub neutral: bool,
    /// By how many times 30° it lags the first winding, 0 to 11; `None` where it isn't known. 0 for the first.
    pub clock: Option<u8>,
}

/// The vector group of a transformer, such as `YNd11` (IEC 60076-1, clause 7): the first winding first.
///
/// ```
/// use network::{Connection, VectorGroup};
///
/// let group: VectorGroup = "YNd11".parse()?;
/// assert_eq!(group.windings()[1].connection, Connection::Delta);
/// assert_eq!(group.windings()[1].clock, Some(11));
/// assert_eq!(group.to_string(), "YNd11");
/// # Ok::<(), network::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct VectorGroup(Vec<GroupWinding>);

impl VectorGroup {
    /// A group of two or three windings.
    pub fn new(windings: Vec<GroupWinding>) -> Self {
        Self(windings)
    }

    /// The windings, the first first.
    pub fn windings(&self) -> &[GroupWinding] {
        &self.0
    }
}

impl FromStr for VectorGroup {
    type Err = Error;

    /// Reads upper and lower case alike; clock numbers may be missing.
    fn from_str(text: &str) -> Result<Self, Error> {
        let no_group = || Error::VectorGroup { text: text.chars().take(40).collect() };
        let mut letters = text.trim().chars().peekable();
        let mut windings = Vec::new();
        while let Some(letter) = letters.next() {
            let connection = match letter.to_ascii_uppercase() {
                'Y' => Connection::Star,
                'D' => Connection::Delta,
                'Z' => Connection::Zigzag,
                'A' if !windings.is_empty() => Connection::Auto,
                _ => return Err(no_group()),
            };
            let neutral = letters.next_if(|next| next.eq_ignore_ascii_case(&'n')).is_some();
            let mut digits = String::new();
            while let Some(digit) = letters.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            let clock = match digits.as_str() {
                "" => windings.is_empty().then_some(0),
                digits => Some(digits.parse().map_err(|_| no_group())?),
            };
            let is_impossible =
                clock.is_some_and(|clock: u8| clock > 11) || (neutral && connection == Connection::Delta);
            if is_impossible || windings.len() == 3 {
                return Err(no_group());
            }
            windings.push(GroupWinding { connection, neutral, clock });
        }
        if windings.len() < 2 || windings[0].clock != Some(0) {
            return Err(no_group());
        }
        Ok(Self(windings))
    }
}

impl TryFrom<String> for VectorGroup {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<VectorGroup> for String {
    fn from(group: VectorGroup) -> Self {
        group.to_string()
    }
}

impl fmt::Display for VectorGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, winding) in self.0.iter().enumerate() {
            let letter = match winding.connection {
                Connection::Star => "y",
                Connection::Delta => "d",
                Connection::Zigzag => "z",
                Connection::Auto => "a",
            };
            let letters = format!("{letter}{}", if winding.neutral { "n" } else { "" });
            match (index, winding.clock) {
                (0, _) => f.write_str(&letters.to_ascii_uppercase())?,
                (_, Some(clock)) => write!(f, "{letters}{clock}")?,
                (_, None) => f.write_str(&letters)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for text in ["YNd11", "Dyn5", "YNa0d11", "YNyn0", "Yynd", "Yzn5", "Dd0", "YNyn0d1"] {
            assert_eq!(text.parse::<VectorGroup>().unwrap().to_string(), text);
        }
        assert_eq!("ynynd".parse::<VectorGroup>().unwrap().to_string(), "YNynd");
        assert_eq!("YYNd".parse::<VectorGroup>().unwrap().to_string(), "Yynd");
    }

    #[test]
    fn refuses_what_is_no_vector_group() {
        for text in ["", "Y", "YNd12", "Dn5y", "Ayn", "YNq5", "Y1d5", "Yd1d1d1", "d-5", "YNd999999"] {
            assert!(text.parse::<VectorGroup>().is_err(), "{text}");
        }
    }
}
