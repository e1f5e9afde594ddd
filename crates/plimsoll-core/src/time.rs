//! Points in time as whole seconds since 1970, read and written in RFC 3339 (UTC).
//!
//! Nothing here asks a clock: the time is always an argument.

use std::fmt;
use std::str::FromStr;

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

/// The text is no RFC 3339 date or date and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampError;

impl fmt::Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time is written 2024-05-31 or 2024-05-31T12:00:00Z")
    }
}

impl std::error::Error for TimestampError {}

impl Timestamp {
    /// Midnight of a day of the proleptic Gregorian calendar.
    pub fn from_date(year: i64, month: u32, day: u32) -> Option<Timestamp> {
        if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
            return None;
        }
        Some(Timestamp(days_from_civil(year, month, day) * 86_400))
    }

    /// Year, month and day.
    pub fn date(self) -> (i64, u32, u32) {
        civil_from_days(self.0.div_euclid(86_400))
    }

    /// `2024-05-31`.
    pub fn date_text(self) -> String {
        let (year, month, day) = self.date();
        format!("{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.0.rem_euclid(86_400);
        write!(f, "{}T{:02}:{:02}:{:02}Z", self.date_text(), second / 3600, second / 60 % 60, second % 60)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Timestamp, TimestampError> {
        let text = text.trim();
        let date = text.get(..10).ok_or(TimestampError)?;
        let mut parts = date.split('-');
        let mut number = |digits: usize| -> Result<u32, TimestampError> {
            let part = parts.next().ok_or(TimestampError)?;
            if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(TimestampError);
            }
            part.parse().map_err(|_| TimestampError)
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        let midnight = Timestamp::from_date(i64::from(year), month, day).ok_or(TimestampError)?;
        match text[10..].strip_prefix(['T', 't', ' ']) {
            None if text.len() == 10 => Ok(midnight),
            None => Err(TimestampError),
            Some(rest) => Ok(Timestamp(midnight.0 + seconds_of_day(rest)?)),
        }
    }
}

/// `12:00:00[.123][Z|+02:00]`, as seconds after midnight UTC.
fn seconds_of_day(text: &str) -> Result<i64, TimestampError> {
    let two = |range: std::ops::Range<usize>| -> Result<i64, TimestampError> {
        let part = text.get(range).ok_or(TimestampError)?;
        if !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(TimestampError);
        }
        part.parse().map_err(|_| TimestampError)
    };
    if text.as_bytes().get(2) != Some(&b':') || text.as_bytes().get(5) != Some(&b':') {
        return Err(TimestampError);
    }
    let (hours, minutes, seconds) = (two(0..2)?, two(3..5)?, two(6..8)?);
    // The sixtieth second is a leap second's.
    if hours > 23 || minutes > 59 || seconds > 60 {
        return Err(TimestampError);
    }
    let seconds = hours * 3600 + minutes * 60 + seconds;
    let mut rest = text.get(8..).ok_or(TimestampError)?;
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    let offset = match rest.as_bytes() {
        [] | b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2]
            if [h1, h2, m1, m2].iter().all(|it| it.is_ascii_digit()) =>
        {
            let digit = |byte: &u8| i64::from(byte - b'0');
            let (hours, minutes) = (digit(h1) * 10 + digit(h2), digit(m1) * 10 + digit(m2));
            if hours > 23 || minutes > 59 {
                return Err(TimestampError);
            }
            let minutes = hours * 60 + minutes;
            if *sign == b'+' { minutes * 60 } else { -minutes * 60 }
        }
        _ => return Err(TimestampError),
    };
    Ok(seconds - offset)
}

fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01; years begin in March so that the leap day comes last.
fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = i64::from((153 * ((month + 9) % 12) + 2) / 5 + day - 1);
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = u32::try_from(if shifted < 10 { shifted + 3 } else { shifted - 9 }).unwrap_or(1);
    let day = u32::try_from(day_of_year - (153 * shifted + 2) / 5 + 1).unwrap_or(1);
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("2000-02-29T00:00:00Z", 951_782_400),
            ("2024-05-31T12:34:56.789Z", 1_717_158_896),
            ("2024-05-31T12:34:56+02:00", 1_717_151_696),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
        ] {
            assert_eq!(text.parse(), Ok(Timestamp(seconds)), "{text}");
        }
        assert_eq!(Timestamp(1_717_158_896).to_string(), "2024-05-31T12:34:56Z");
        for bad in [
            "",
            "2024",
            "2024-13-01",
            "2023-02-29",
            "2024-05-31X",
            "2024-05-31T1:2:3",
            "2024-é5-31",
            "2024-05-31T24:00:00Z",
            "2024-05-31T12:99:00Z",
            "2024-05-31T12:00:61Z",
            "2024-05-31T12:00:00+24:00",
        ] {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
        }
    }
}
