//! Sizes in bytes (`100KB`, `2GiB`, `4096`) and shares (`5%`, `0.05`).

/// Reads a size: a number, with a decimal (KB, MB, GB, TB) or binary (KiB, MiB, GiB, TiB) unit.
pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    let wrong = || "a size is a number of bytes, or such as 100KB, 1.5MiB or 2GB".to_owned();
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return Err(wrong()),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || part.len() > 9 || (part.is_empty() && number.contains('.')) {
        return Err(wrong());
    }
    let too_large = || "the size is larger than any content can be".to_owned();
    let whole: u64 = match whole.parse() {
        Ok(whole) => whole,
        Err(_) if whole.bytes().all(|b| b.is_ascii_digit()) => return Err(too_large()),
        Err(_) => return Err(wrong()),
    };
    // In whole numbers, so that 1.1 GB is 1,100,000,000 bytes and not one less.
    let part = match part {
        "" => 0,
        part => {
            let value: u128 = part.parse().map_err(|_| wrong())?;
            let ten = 10_u128.pow(u32::try_from(part.len()).unwrap_or(9));
            u64::try_from(value * u128::from(unit) / ten).unwrap_or(0)
        }
    };
    whole
        .checked_mul(unit)
        .and_then(|bytes| bytes.checked_add(part))
        .ok_or_else(too_large)
}

/// Reads a share over 0 and up to 1: `5%` or `0.05`.
pub(crate) fn parse_share(text: &str) -> Result<f64, String> {
    let wrong = || "a share is such as 5% or 0.05: over 0 and at most 100%".to_owned();
    let (number, whole) = match text.trim().strip_suffix('%') {
        Some(percent) => (percent.trim(), 100.0),
        None => (text.trim(), 1.0),
    };
    let share = number.parse::<f64>().map_err(|_| wrong())? / whole;
    if share > 0.0 && share <= 1.0 {
        Ok(share)
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_decimal_and_binary_units() {
        for (text, bytes) in [
            ("0", 0),
            ("4096", 4096),
            ("100KB", 100_000),
            ("100 kb", 100_000),
            ("2GiB", 2 << 30),
            ("1.1GB", 1_100_000_000),
            ("1.5KiB", 1536),
            ("7B", 7),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
        for text in [
            "", "GB", "1.", ".5KB", "1..2", "1.2.3", "-1", "1K", "1XB", "2 GB B",
        ] {
            assert!(parse_size(text).is_err(), "{text}");
        }
        assert!(parse_size("99999999TB").unwrap_err().contains("larger"));
        assert!(
            parse_size("99999999999999999999999")
                .unwrap_err()
                .contains("larger")
        );
    }

    #[test]
    fn shares_are_over_nothing_and_at_most_everything() {
        assert_eq!(parse_share("5%"), Ok(0.05));
        assert_eq!(parse_share("0.05"), Ok(0.05));
        assert_eq!(parse_share("100 %"), Ok(1.0));
        for text in ["0", "0%", "-1%", "101%", "5", "NaN", "inf", "", "%", "x"] {
            assert!(parse_share(text).is_err(), "{text}");
        }
    }
}
