//! Where an axis has its marks: round numbers, and round moments in UTC.

use jiff::civil::date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};

/// Marks on an axis of values, from the first below `least` to the first above `most`.
pub(super) fn values(least: f64, most: f64) -> Vec<f64> {
    const ABOUT: f64 = 5.0;
    let range = most - least;
    let (least, most) = if range > 0.0 && range.is_finite() {
        (least, most)
    } else {
        let around = least.abs().max(1.0);
        (least - around, least + around)
    };
    let rough = (most - least) / ABOUT;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    let first = (least / step).floor();
    let mut marks = Vec::new();
    // Never more than fits, whatever the numbers are.
    for number in 0..20 {
        let mark = (first + f64::from(number)) * step;
        marks.push(mark);
        if mark >= most {
            break;
        }
    }
    marks
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Steps of whole seconds.
const STEPS: [i64; 13] = [
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    21 * DAY,
];
/// Steps of whole months.
const MONTHS: [i32; 12] = [1, 2, 3, 6, 12, 24, 60, 120, 600, 1_200, 12_000, 60_000];
/// Marks that fit beside each other.
const MOST: i64 = 9;

/// Marks on an axis of time, inside of it, with their labels.
pub(super) fn moments(from: Timestamp, to: Timestamp) -> Vec<(Timestamp, String)> {
    let (begin, end) = (from.as_second(), to.as_second());
    let seconds = end - begin;
    if let Some(step) = STEPS.into_iter().find(|step| seconds / step < MOST) {
        return of_seconds(begin, end, step);
    }
    let months = seconds / (30 * DAY);
    let step = MONTHS
        .into_iter()
        .find(|step| months / i64::from(*step) < MOST);
    of_months(from, to, step.unwrap_or(60_000))
}

fn of_seconds(begin: i64, end: i64, step: i64) -> Vec<(Timestamp, String)> {
    // Weeks begin on Mondays, and 1970 began on a Thursday.
    let shift = if step % (7 * DAY) == 0 { 4 * DAY } else { 0 };
    let mut at = (begin - shift).div_euclid(step) * step + shift;
    let mut marks = Vec::new();
    while at <= end {
        if let Some(mark) = Timestamp::from_second(at).ok().filter(|_| at >= begin) {
            let form = if at.rem_euclid(DAY) == 0 {
                "%-d %b"
            } else {
                "%H:%M"
            };
            marks.push((mark, mark.strftime(form).to_string()));
        }
        at += step;
    }
    marks
}

fn of_months(from: Timestamp, to: Timestamp, step: i32) -> Vec<(Timestamp, String)> {
    let first = Offset::UTC.to_datetime(from).date();
    let months = i32::from(first.year()) * 12 + i32::from(first.month()) - 1;
    let months = months.div_euclid(step) * step;
    let year = i16::try_from(months.div_euclid(12)).unwrap_or(i16::MIN);
    let month = i8::try_from(months.rem_euclid(12) + 1).unwrap_or(1);
    let form = if step < 12 { "%b %Y" } else { "%Y" };
    let mut marks = Vec::new();
    // Before the first year that there is.
    let mut day = if year < -9999 {
        date(-9999, 1, 1)
    } else {
        date(year, month, 1)
    };
    while let Ok(at) = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)) {
        if at > to {
            break;
        }
        if at >= from {
            marks.push((at, at.strftime(form).to_string()));
        }
        let Ok(next) = day.checked_add(step.months()) else {
            break;
        };
        day = next;
    }
    marks
}
