//! When cleanups run: a cron expression, in UTC.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use croner::time::{CivilDate, CivilDateTime, CivilTime, CronDateTime, Resolution, Weekday};
use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::{Error, Result};

/// When cleanups run: a cron expression of five fields (minute, hour, day of month, month, day of
/// week; `@daily` and the like too), in UTC.
///
/// ```
/// use jiff::Timestamp;
/// use qestore::CleanupSchedule;
/// let nightly: CleanupSchedule = "0 2 * * *".parse()?;
/// let noon: Timestamp = "2028-02-28T12:00:00Z".parse().unwrap();
/// assert_eq!(nightly.next_after(noon).unwrap().to_string(), "2028-02-29T02:00:00Z");
/// # Ok::<(), qestore::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CleanupSchedule {
    text: String,
    cron: Cron,
}

impl CleanupSchedule {
    /// The first instant of the schedule after `now`; `None` when there is none any more.
    #[must_use]
    pub fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        let now = Utc(Offset::UTC.to_datetime(now));
        let next = self.cron.find_next_occurrence(&now, false).ok()?;
        Offset::UTC.to_timestamp(next.0).ok()
    }
}

impl PartialEq for CleanupSchedule {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for CleanupSchedule {}

impl fmt::Display for CleanupSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for CleanupSchedule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |why: String| {
            Error::invalid(format!("not a cron expression: {why}"))
                .concerning(format!("schedule {text:?}"))
                .help(
                    "minute, hour, day of month, month, day of week, in UTC: \"0 2 * * *\" is every \
                     day at 02:00",
                )
        };
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let cron = parser.parse(text).map_err(|e| wrong(e.to_string()))?;
        let schedule = Self {
            text: text.trim().to_owned(),
            cron,
        };
        // The 30th of February parses, and never comes.
        if schedule.next_after(Timestamp::UNIX_EPOCH).is_none() {
            return Err(wrong("that moment never comes".to_owned()));
        }
        Ok(schedule)
    }
}

/// A date and time in UTC, as croner asks for it.
#[derive(Debug, Clone, Copy)]
struct Utc(DateTime);

impl CronDateTime for Utc {
    fn to_civil(&self) -> CivilDateTime {
        let part = |part: i8| u32::from(part.unsigned_abs());
        CivilDateTime::new(
            CivilDate::from_parts_unchecked(
                i32::from(self.0.year()),
                part(self.0.month()),
                part(self.0.day()),
            ),
            CivilTime::from_parts_unchecked(
                part(self.0.hour()),
                part(self.0.minute()),
                part(self.0.second()),
            ),
        )
    }

    fn civil_weekday(&self) -> Weekday {
        let day = self.0.weekday().to_sunday_zero_offset();
        Weekday::from_days_from_sunday(u32::from(day.unsigned_abs()))
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let part = |part: u32| i8::try_from(part).map_err(|_| CronError::InvalidDate);
        let at = DateTime::new(
            i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?,
            part(civil.month())?,
            part(civil.day())?,
            part(civil.hour())?,
            part(civil.minute())?,
            part(civil.second())?,
            0,
        );
        at.map(|at| Resolution::Single(Self(at)))
            .map_err(|_| CronError::InvalidDate)
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        let later = self.0.checked_add(SignedDuration::from_secs(seconds));
        later.ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, after: &str) -> String {
        let schedule: CleanupSchedule = schedule.parse().unwrap();
        let next = schedule.next_after(after.parse().unwrap());
        next.unwrap().to_string()
    }

    #[test]
    fn the_next_moment_is_after_now_and_in_utc() {
        for (schedule, after, then) in [
            (
                "0 2 * * *",
                "2026-11-25T01:59:59.5Z",
                "2026-11-25T02:00:00Z",
            ),
            ("0 2 * * *", "2026-11-25T02:00:00Z", "2026-11-26T02:00:00Z"),
            (
                "0 2 * * *",
                "2026-11-25T02:00:00+01:00",
                "2026-11-25T02:00:00Z",
            ),
            (
                "*/15 * * * *",
                "2026-12-31T23:50:00Z",
                "2027-01-01T00:00:00Z",
            ),
            ("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("0 3 * * 0", "2026-11-25T12:00:00Z", "2026-11-29T03:00:00Z"),
            (
                "0 3 * * SUN",
                "2026-11-25T12:00:00Z",
                "2026-11-29T03:00:00Z",
            ),
            ("@daily", "2026-11-25T12:00:00Z", "2026-11-26T00:00:00Z"),
        ] {
            assert_eq!(next(schedule, after), then, "{schedule} after {after}");
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_an_example() {
        for text in [
            "",
            "2",
            "* * * *",
            "60 * * * *",
            "0 0 30 2 *",
            "0 2 * * * *",
            "at two",
        ] {
            let error = text.parse::<CleanupSchedule>().unwrap_err();
            assert!(
                error.to_string().contains("not a cron expression"),
                "{error}"
            );
            assert!(error.advice().unwrap().contains("0 2 * * *"));
        }
    }
}
