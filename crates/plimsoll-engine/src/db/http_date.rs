//! Dates as HTTP writes them (RFC 9110, 5.6.7), in each of the three forms that a client must read.
//!
//! Text in, seconds out: it knows no clock.

use plimsoll_core::Timestamp;

/// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or
/// `Sun Nov  6 08:49:37 1994`.
pub(super) fn http_date(text: &str) -> Option<i64> {
    let words: Vec<&str> = text.split([' ', '-']).filter(|it| !it.is_empty()).take(7).collect();
    let (day, month, year, time) = match words.as_slice() {
        [name, day, month, year, time, "GMT"] if name.ends_with(',') => (*day, *month, *year, *time),
        [_, month, day, time, year] => (*day, *month, *year, *time),
        _ => return None,
    };
    let year: u32 = match (year.parse().ok()?, year.len()) {
        // Of a year in two digits nobody knows the century; these dates are of our days.
        (year, 2) if year < 70 => 2000 + year,
        (year, 2) => 1900 + year,
        (year, 4) => year,
        _ => return None,
    };
    let day: u32 = day.parse().ok()?;
    let date = format!("{year:04}-{:02}-{day:02}T{time}Z", month_number(month)?);
    date.parse::<Timestamp>().ok().map(|it| it.0)
}

fn month_number(name: &str) -> Option<usize> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    MONTHS.iter().position(|it| *it == name).map(|at| at + 1)
}

/// How long a `Retry-After` says to wait: seconds, or until a date on the server's own clock,
/// `date`, or ours where it does not say.
pub(super) fn seconds_to_wait(retry_after: &str, date: Option<&str>, now: i64) -> Option<u64> {
    let text = retry_after.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let now = date.and_then(http_date).unwrap_or(now);
    Some(u64::try_from(http_date(text)?.saturating_sub(now)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_of_a_date_are_one_time() {
        let texts =
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"];
        for text in texts {
            assert_eq!(http_date(text), Some(784_111_777), "{text}");
        }
        for text in [
            "",
            "soon",
            "Sun, 06 Nov 1994",
            "Sun, 06 November 1994 08:49:37 GMT",
            "Sun, 40 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }

    #[test]
    fn the_clock_of_the_server_counts() {
        let at = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(seconds_to_wait(" 7 ", None, 0), Some(7));
        assert_eq!(seconds_to_wait(at, Some("Sun, 06 Nov 1994 08:49:30 GMT"), 0), Some(7));
        assert_eq!(seconds_to_wait(at, None, 784_111_770), Some(7));
        assert_eq!(seconds_to_wait(at, None, 800_000_000), Some(0), "what is over is over");
        assert_eq!(seconds_to_wait("-1", None, 0), None);
        assert_eq!(seconds_to_wait("later", None, 0), None);
    }
}
