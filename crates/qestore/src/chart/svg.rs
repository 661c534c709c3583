//! A chart as SVG.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::reduce::reduced;
use super::ticks::{moments, values};
use super::xml::escaped;
use super::{LineChart, Series};

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 84.0;
const TOP: f64 = 76.0;
const BOTTOM: f64 = HEIGHT - 44.0;
/// A character of a label, about.
const CHARACTER: f64 = 7.2;
/// A character of a bold label.
const BOLD_CHARACTER: f64 = 8.3;
/// Labels closer than this would overlap.
const LINE_HEIGHT: f64 = 17.0;
/// More points than this have no dots of their own.
const DOTS: usize = 60;

/// Told apart also by people who do not see all colours (Okabe and Ito).
const COLORS: [&str; 6] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9",
];

const STYLE: &str = "<style>\
.b{fill:#fff}.t{fill:#1f2328}.m{fill:#59636e}.g{stroke:#d1d9e0;stroke-width:1}\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:13px}\
.h{font-size:18px;font-weight:600}.l{font-weight:600}\
@media(prefers-color-scheme:dark){.b{fill:#0d1117}.t{fill:#f0f6fc}.m{fill:#9198a1}.g{stroke:#3d444d}}\
</style>";

/// What of time and values is where in the picture.
struct Frame {
    right: f64,
    begin: Timestamp,
    end: Timestamp,
    least: f64,
    most: f64,
}

#[expect(clippy::cast_precision_loss, reason = "pixels")]
impl Frame {
    fn x(&self, at: Timestamp) -> f64 {
        let of = |at: Timestamp| at.as_millisecond() as f64;
        let share = (of(at) - of(self.begin)) / (of(self.end) - of(self.begin));
        LEFT + share * (self.right - LEFT)
    }

    fn y(&self, value: f64) -> f64 {
        // Halves: the whole range may be no number.
        let share = (value / 2.0 - self.least / 2.0) / (self.most / 2.0 - self.least / 2.0);
        BOTTOM - share * (BOTTOM - TOP)
    }
}

pub(super) fn render(chart: &LineChart) -> String {
    let mut svg = String::new();
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-labelledby=\"title desc\"><title id=\"title\">{}</title><desc id=\"desc\">{}</desc>\
         {STYLE}<rect class=\"b\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\
         <text class=\"t h\" x=\"24\" y=\"34\">{}</text><text class=\"m\" x=\"24\" y=\"55\">{}</text>",
        escaped(&chart.title),
        escaped(&in_words(chart)),
        escaped(&chart.title),
        escaped(&chart.subtitle),
    );
    let drawn: Vec<(&Series, &str)> = chart
        .series
        .iter()
        .zip(COLORS.iter().cycle())
        .filter(|(series, _)| !series.points.is_empty())
        .map(|(series, color)| (series, *color))
        .collect();
    if drawn.is_empty() {
        let (x, y) = (WIDTH / 2.0, f64::midpoint(TOP, BOTTOM));
        let _ = write!(
            svg,
            "<text class=\"m\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">no data in this time</text>"
        );
    } else {
        let marks = value_marks(&drawn);
        let frame = frame(chart, &drawn, &marks);
        axes(&mut svg, chart, &frame, &marks);
        for (series, color) in &drawn {
            line(&mut svg, chart, &frame, series, color);
        }
        end_labels(&mut svg, chart, &frame, &drawn);
    }
    svg.push_str("</svg>\n");
    svg
}

/// What the picture shows, for who does not see it.
fn in_words(chart: &LineChart) -> String {
    let mut words = chart.subtitle.clone();
    for series in &chart.series {
        let (Some(first), Some(last)) = (series.points.first(), series.points.last()) else {
            continue;
        };
        let say = |(at, value): &(Timestamp, f64)| {
            format!(
                "{} at {}",
                chart.unit.label(*value),
                at.strftime("%Y-%m-%d %H:%MZ")
            )
        };
        let _ = write!(
            words,
            "; {}: from {} to {}",
            series.name,
            say(first),
            say(last)
        );
    }
    words.trim_start_matches("; ").to_owned()
}

/// Marks from zero on, or from the least value where there are values below zero.
fn value_marks(drawn: &[(&Series, &str)]) -> Vec<f64> {
    let all = || {
        drawn
            .iter()
            .flat_map(|(series, _)| series.points.iter().map(|(_, v)| *v))
    };
    let least = all().fold(0.0, f64::min);
    let most = all().fold(0.0, f64::max);
    if least == most {
        return values(0.0, 1.0);
    }
    values(least, most)
}

fn frame(chart: &LineChart, drawn: &[(&Series, &str)], marks: &[f64]) -> Frame {
    let instants = || {
        drawn
            .iter()
            .flat_map(|(series, _)| series.points.iter().map(|(at, _)| *at))
    };
    let begin = instants().min().unwrap_or(Timestamp::UNIX_EPOCH);
    let end = instants().max().unwrap_or(Timestamp::UNIX_EPOCH);
    // One moment is in the middle of a day.
    let around = if end.duration_since(begin) < SignedDuration::from_secs(60) {
        SignedDuration::from_hours(12)
    } else {
        SignedDuration::ZERO
    };
    let widest = drawn
        .iter()
        .map(|(series, _)| label(chart, series).chars().count());
    let widest = u32::try_from(widest.max().unwrap_or(0)).unwrap_or(0);
    let margin = (f64::from(widest) * BOLD_CHARACTER + 20.0).clamp(40.0, 300.0);
    Frame {
        right: WIDTH - margin,
        begin: begin.checked_sub(around).unwrap_or(Timestamp::MIN),
        end: end.checked_add(around).unwrap_or(Timestamp::MAX),
        least: marks.first().copied().unwrap_or(0.0),
        most: marks.last().copied().unwrap_or(1.0),
    }
}

fn axes(svg: &mut String, chart: &LineChart, frame: &Frame, marks: &[f64]) {
    for mark in marks {
        let y = frame.y(*mark);
        let _ = write!(
            svg,
            "<line class=\"g\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"m\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            frame.right,
            LEFT - 10.0,
            y + 4.5,
            escaped(&chart.unit.label(*mark)),
        );
    }
    let mut free_from = f64::NEG_INFINITY;
    for (at, label) in moments(frame.begin, frame.end) {
        let x = frame.x(at);
        let half = f64::from(u32::try_from(label.chars().count()).unwrap_or(0)) * CHARACTER / 2.0;
        if x - half < free_from {
            continue;
        }
        free_from = x + half + 12.0;
        let _ = write!(
            svg,
            "<line class=\"g\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{BOTTOM}\" y2=\"{}\"/>\
             <text class=\"m\" x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            BOTTOM + 5.0,
            BOTTOM + 22.0,
            escaped(&label),
        );
    }
}

fn line(svg: &mut String, chart: &LineChart, frame: &Frame, series: &Series, color: &str) {
    let pixels = series
        .points
        .iter()
        .map(|(at, value)| (frame.x(*at), frame.y(*value)));
    let points = reduced(pixels.collect());
    if points.len() > 1 {
        let _ = write!(
            svg,
            "<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"2\" stroke-linejoin=\"round\" points=\""
        );
        for (x, y) in points {
            let _ = write!(svg, "{x:.1},{y:.1} ");
        }
        svg.push_str("\"/>");
    }
    if series.points.len() <= DOTS {
        for (at, value) in &series.points {
            let _ = write!(
                svg,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\" fill=\"{color}\"><title>{} {}: {}</title></circle>",
                frame.x(*at),
                frame.y(*value),
                at.strftime("%Y-%m-%d %H:%M:%SZ"),
                escaped(&series.name),
                escaped(&chart.unit.label(*value)),
            );
        }
    }
}

/// The name of a line and its last value.
fn label(chart: &LineChart, series: &Series) -> String {
    let value = series.points.last().map_or(0.0, |(_, value)| *value);
    let mut name: String = series.name.chars().take(20).collect();
    if name.len() < series.name.len() {
        name.push('…');
    }
    format!("{name} {}", chart.unit.label(value))
        .trim()
        .to_owned()
}

/// Each line is named at its end, and moved where two names would overlap.
fn end_labels(svg: &mut String, chart: &LineChart, frame: &Frame, drawn: &[(&Series, &str)]) {
    let mut labels: Vec<(f64, &Series, &str)> = drawn
        .iter()
        .filter_map(|(series, color)| {
            let (_, value) = series.points.last()?;
            Some((frame.y(*value), *series, *color))
        })
        .collect();
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut free_from = f64::NEG_INFINITY;
    for (y, ..) in &mut labels {
        *y = y.max(free_from);
        free_from = *y + LINE_HEIGHT;
    }
    // What was pushed out below goes up again.
    let mut free_to = BOTTOM;
    for (y, ..) in labels.iter_mut().rev() {
        *y = y.min(free_to);
        free_to = *y - LINE_HEIGHT;
    }
    for (y, series, color) in labels {
        let _ = write!(
            svg,
            "<text class=\"l\" x=\"{:.1}\" y=\"{:.1}\" fill=\"{color}\">{}</text>",
            frame.right + 10.0,
            y + 4.5,
            escaped(&label(chart, series)),
        );
    }
}
