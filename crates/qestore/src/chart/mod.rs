//! Pictures of values over time: a line of block characters, and a chart as SVG. Pure: values in,
//! text out.
//!
//! ```
//! use qestore::chart::{LineChart, Unit, sparkline};
//! assert_eq!(sparkline(&[1.0, 2.0, 3.0, 8.0], 20), "▁▂▃█");
//!
//! let at = |day: &str| format!("2026-11-{day}T12:00:00Z").parse().unwrap();
//! let svg = LineChart::new("Size of test-results")
//!     .unit(Unit::Bytes)
//!     .series("content", vec![(at("24"), 68_100.0), (at("25"), 73_200.0)])
//!     .to_svg();
//! assert!(svg.starts_with("<svg") && svg.contains("73.2 kB"));
//! ```

mod reduce;
mod sparkline;
mod svg;
mod ticks;
mod xml;

use jiff::Timestamp;

pub use sparkline::sparkline;

/// What values are, for their labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Unit {
    /// Bytes: `1.2 kB`, with steps of 1,000.
    Bytes,
    /// Plain numbers.
    #[default]
    Number,
    /// Percent.
    Percent,
}

impl Unit {
    /// A value as its label says it.
    fn label(self, value: f64) -> String {
        match self {
            Self::Number => short(value),
            Self::Percent => format!("{} %", short(value)),
            Self::Bytes => {
                let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
                let (mut value, mut unit) = (value, 0);
                while value.abs() >= 999.95 && unit + 1 < units.len() {
                    value /= 1000.0;
                    unit += 1;
                }
                format!("{} {}", short(value), units[unit])
            }
        }
    }
}

/// A number with one place at most, and none that says nothing.
fn short(value: f64) -> String {
    // Halves go up, as they do elsewhere: 8.85 is a little less in binary.
    let value = value * (1.0 + 1e-12);
    let text = if value.abs() < 1.0 {
        format!("{value:.2}")
    } else if value.abs() >= 1e15 {
        return format!("{value:.2e}");
    } else {
        format!("{value:.1}")
    };
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text {
        "" | "-0" | "-" => "0".to_owned(),
        text => text.to_owned(),
    }
}

/// One line of a chart.
#[derive(Debug, Clone, PartialEq)]
struct Series {
    name: String,
    /// Finite values, oldest first.
    points: Vec<(Timestamp, f64)>,
}

/// A chart of one or more values over time.
///
/// The picture needs nothing besides itself, and is readable on light and on dark ground. Values
/// that are no finite numbers are left out; instants may come in any order.
#[derive(Debug, Clone, PartialEq)]
pub struct LineChart {
    title: String,
    subtitle: String,
    unit: Unit,
    series: Vec<Series>,
}

impl LineChart {
    /// An empty chart of that title.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            subtitle: String::new(),
            unit: Unit::default(),
            series: Vec::new(),
        }
    }

    /// A line below the title.
    #[must_use]
    pub fn subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = subtitle.into();
        self
    }

    /// What the values are.
    #[must_use]
    pub fn unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// Adds a line of this name.
    #[must_use]
    pub fn series(mut self, name: impl Into<String>, mut points: Vec<(Timestamp, f64)>) -> Self {
        // Beyond this, differences of values are no numbers any more.
        points.retain(|(_, value)| value.is_finite() && value.abs() < 1e300);
        points.sort_by_key(|(at, _)| *at);
        self.series.push(Series {
            name: name.into(),
            points,
        });
        self
    }

    /// The chart as an SVG picture of 960 by 420.
    #[must_use]
    pub fn to_svg(&self) -> String {
        svg::render(self)
    }
}

#[cfg(test)]
mod tests;
