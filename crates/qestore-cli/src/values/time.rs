//! Durations (`90d`, `12h`), times to keep (`90d`, `forever`) and instants (`7d` ago, a date, an
//! instant). UTC where no offset is given.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// How long an artifact is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ttl {
    /// So long.
    For(SignedDuration),
    /// Without limit.
    Forever,
}

/// An instant, or so long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// That instant.
    At(Timestamp),
    /// So long before now.
    Ago(SignedDuration),
}

impl When {
    pub(crate) fn instant(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(ago) => now.checked_sub(ago).unwrap_or(Timestamp::MIN),
        }
    }

    /// The same for something to come, where a duration is from now on.
    pub(crate) fn instant_to_come(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(span) => now.checked_add(span).unwrap_or(Timestamp::MAX),
        }
    }
}

/// Reads `90d`, `12h`, `2w`, `30m`, `1d12h` or `forever`.
pub(crate) fn parse_ttl(text: &str) -> Result<Ttl, String> {
    if text == "forever" {
        return Ok(Ttl::Forever);
    }
    let duration = parse_duration(text)
        .ok_or("a time to keep is such as 90d, 12h, 2w, 30m, or the word forever")?;
    if duration.is_zero() {
        return Err("the time to keep is over before it begins".to_owned());
    }
    Ok(Ttl::For(duration))
}

/// Reads a duration such as `90d`, `12h`, `0s`.
pub(crate) fn parse_span(text: &str) -> Result<SignedDuration, String> {
    parse_duration(text.trim())
        .ok_or_else(|| "a duration is such as 90d, 12h, 2w, 30m or 0s".to_owned())
}

/// Reads a duration (that long ago), a date, a date and time, or those with an offset.
pub(crate) fn parse_when(text: &str) -> Result<When, String> {
    let text = text.trim();
    if let Some(ago) = parse_duration(text) {
        return Ok(When::Ago(ago));
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(When::At(at));
    }
    let in_utc = text
        .parse::<DateTime>()
        .ok()
        .and_then(|civil| Offset::UTC.to_timestamp(civil).ok());
    in_utc.map(When::At).ok_or_else(|| {
        "an instant is such as 7d (seven days ago), 2026-11-01, 2026-11-01T12:30 (UTC) or \
         2026-11-01T12:30+01:00"
            .to_owned()
    })
}

/// Whole numbers with units, largest first or in any order: `90d`, `1d12h`.
fn parse_duration(text: &str) -> Option<SignedDuration> {
    let mut rest = text;
    let mut seconds: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let unit = match after.as_bytes().first()? {
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            b'w' => 604_800,
            _ => return None,
        };
        seconds = number
            .parse::<i64>()
            .ok()?
            .checked_mul(unit)?
            .checked_add(seconds)?;
        rest = &after[1..];
    }
    (!text.is_empty()).then_some(SignedDuration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        let days = |n: i64| SignedDuration::from_hours(24 * n);
        assert_eq!(parse_ttl("90d"), Ok(Ttl::For(days(90))));
        assert_eq!(parse_ttl("2w"), Ok(Ttl::For(days(14))));
        assert_eq!(
            parse_ttl("1d12h"),
            Ok(Ttl::For(SignedDuration::from_hours(36)))
        );
        assert_eq!(
            parse_ttl("30m"),
            Ok(Ttl::For(SignedDuration::from_mins(30)))
        );
        assert_eq!(parse_ttl("forever"), Ok(Ttl::Forever));
        for text in [
            "",
            "90",
            "d",
            "-1d",
            "1.5d",
            "1y",
            "0d",
            "1d ",
            "9999999999999999999d",
        ] {
            assert!(parse_ttl(text).is_err(), "{text}");
        }
    }

    #[test]
    fn instants_are_utc_unless_they_say_otherwise() {
        let at = |text: &str| When::At(text.parse().unwrap());
        let midnight = at("2026-11-01T00:00:00Z");
        assert_eq!(parse_when("2026-11-01"), Ok(midnight));
        assert_eq!(parse_when("2026-11-01T00:00"), Ok(midnight));
        assert_eq!(parse_when("2026-11-01 00:00:00"), Ok(midnight));
        assert_eq!(parse_when("2026-11-01T01:00+01:00"), Ok(midnight));
        assert_eq!(parse_when("2026-11-01T00:00:00Z"), Ok(midnight));
        assert!(parse_when("2026-13-01").is_err() && parse_when("yesterday").is_err());
    }

    #[test]
    fn ago_counts_back_from_now_and_stops_at_the_beginning_of_time() {
        let now: Timestamp = "2026-11-08T00:00:00Z".parse().unwrap();
        assert_eq!(
            parse_when("7d").unwrap().instant(now),
            "2026-11-01T00:00:00Z".parse().unwrap()
        );
        assert_eq!(
            parse_when("99999999999d").unwrap().instant(now),
            Timestamp::MIN
        );
    }
}
