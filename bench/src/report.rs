//! Lines of the benchmark table, as text and as JSON.

use serde_json::json;

use crate::Result;
use crate::machine::Machine;

/// What a ratio should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    AtMost(f64),
    AtLeast(f64),
}

impl Target {
    fn met(self, ratio: f64) -> bool {
        match self {
            Self::AtMost(most) => ratio <= most,
            Self::AtLeast(least) => ratio >= least,
        }
    }

    fn shown(self) -> String {
        match self {
            Self::AtMost(most) => format!("≤ {most}"),
            Self::AtLeast(least) => format!("≥ {least}"),
        }
    }
}

/// One line: our figure over the other one.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) ours: f64,
    /// What ours is compared with, in words.
    pub(crate) against: String,
    pub(crate) other: f64,
    pub(crate) target: Target,
    /// What helps to understand the figures.
    pub(crate) notes: Vec<String>,
}

impl Line {
    fn ratio(&self) -> f64 {
        self.ours / self.other
    }

    pub(crate) fn notes_shown(&self) -> String {
        let mut shown = format!(
            "  {}: {} against {} {}",
            self.name,
            figure(self.ours),
            figure(self.other),
            self.unit
        );
        for note in &self.notes {
            shown.push_str("\n    ");
            shown.push_str(note);
        }
        shown
    }
}

/// The table, in Markdown.
pub(crate) fn table(lines: &[Line]) -> String {
    let header = [
        "benchmark",
        "qestore",
        "other",
        "unit",
        "ratio",
        "target",
        "met",
        "the other is",
    ];
    let mut rows = vec![header.map(str::to_owned)];
    rows.extend(lines.iter().map(|line| {
        let met = line.target.met(line.ratio());
        [
            line.name.to_owned(),
            figure(line.ours),
            figure(line.other),
            line.unit.to_owned(),
            format!("{:.2}", line.ratio()),
            line.target.shown(),
            if met { "yes" } else { "NO" }.to_owned(),
            line.against.clone(),
        ]
    }));
    let widths: Vec<usize> = (0..header.len())
        .map(|column| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or(0)
        })
        .collect();
    let rule = widths.iter().map(|width| "-".repeat(*width));
    let rule = format!("| {} |", rule.collect::<Vec<_>>().join(" | "));
    let shown = rows.iter().map(|row| {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"));
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    });
    let mut shown: Vec<String> = shown.collect();
    shown.insert(1, rule);
    shown.join("\n")
}

/// Everything, for programs.
pub(crate) fn json(machine: &Machine, lines: &[Line]) -> Result<String> {
    let lines: Vec<_> = lines
        .iter()
        .map(|line| {
            json!({
                "name": line.name,
                "unit": line.unit,
                "ours": line.ours,
                "against": line.against,
                "other": line.other,
                "ratio": line.ratio(),
                "target": line.target.shown(),
                "met": line.target.met(line.ratio()),
                "notes": line.notes,
            })
        })
        .collect();
    let all = json!({ "machine": machine.to_string(), "lines": lines });
    Ok(serde_json::to_string_pretty(&all)? + "\n")
}

/// Three or more digits that mean something.
fn figure(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
