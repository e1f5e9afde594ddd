//! Writes what is known of vulnerabilities: the form that `snapshot/facts.rs` reads.

use plimsoll_core::Vulnerability;

use super::over::Over;
use super::strings::{Counted, Put, Shared};
use super::{BuildError, Fact, Items, number, signed, varint};
use crate::parallel;
use crate::snapshot::earlier::Earlier;
use crate::snapshot::facts::{bits, kev_bits};
use crate::snapshot::format::Section;
use crate::snapshot::rows::severity_number;
use crate::texts::TextMap;

/// Writes the facts of all vulnerabilities.
pub(super) fn write<'a>(
    all: &'a [Fact],
    strings: &Shared<'a>,
    over: Option<&Over<'_, '_>>,
) -> Result<Items, BuildError> {
    let mut facts = Items::new(Section::Facts);
    let shares = parallel::shares(all, |share| {
        let (mut bytes, mut ends) = (Vec::new(), Vec::with_capacity(share.len()));
        for fact in share {
            let mut sink = strings;
            match (fact, over) {
                (Fact::New(vulnerability), _) => write_fact(&mut bytes, vulnerability, &mut sink),
                (Fact::Kept(number), Some(over)) => over.fact(&mut bytes, *number)?,
                (Fact::Kept(_), None) => return Err(BuildError::Damaged),
            }
            ends.push(bytes.len());
        }
        Ok((bytes, ends))
    });
    for share in shares {
        let (bytes, ends) = share?;
        facts.append(&bytes, &ends)?;
    }
    Ok(facts)
}

/// Adds to counts how often each string would be written.
pub(super) fn count_strings<'a>(
    all: &'a [Fact],
    earlier: Option<&Earlier<'a>>,
    counts: &mut TextMap<&'a str, u32>,
) -> Result<(), BuildError> {
    let shares = parallel::shares(all, |share| {
        let (mut counts, mut ignored) = (Counted::default(), Vec::new());
        let mut seen = earlier.map(Earlier::unseen);
        for fact in share {
            match (fact, earlier, &mut seen) {
                (Fact::New(vulnerability), ..) => {
                    ignored.clear();
                    write_fact(&mut ignored, vulnerability, &mut counts);
                }
                (Fact::Kept(number), Some(earlier), Some(seen)) => earlier.fact(*number, seen)?,
                (Fact::Kept(_), ..) => return Err(BuildError::Damaged),
            }
        }
        Ok((counts.0, seen))
    });
    let mut all_seen = earlier.map(Earlier::unseen);
    for share in shares {
        let (share, seen) = share?;
        share.into_iter().for_each(|(string, count)| *counts.entry(string).or_default() += count);
        if let (Some(all), Some(seen)) = (&mut all_seen, seen) {
            all.join(seen);
        }
    }
    if let (Some(seen), Some(earlier)) = (all_seen, earlier) {
        seen.add_to(counts, earlier)?;
    }
    Ok(())
}

fn write_fact<'a>(out: &mut Vec<u8>, facts: &'a Vulnerability, strings: &mut impl Put<'a>) {
    strings.put_list(out, facts.aliases.iter().map(String::as_str));
    let epss = facts.epss.as_ref();
    let flag = |set: bool, bit: u8| if set { bit } else { 0 };
    out.push(
        flag(facts.published.is_some(), bits::PUBLISHED)
            | flag(facts.modified.is_some(), bits::MODIFIED)
            | flag(epss.is_some(), bits::EPSS)
            | flag(epss.is_some_and(|it| it.percentile_millionths.is_some()), bits::EPSS_PERCENTILE)
            | flag(epss.is_some_and(|it| it.model.is_some()), bits::EPSS_MODEL)
            | flag(epss.is_some_and(|it| it.date.is_some()), bits::EPSS_DATE)
            | flag(facts.kev.is_some(), bits::KEV)
            | flag(facts.informational.is_some() || !facts.code.is_empty(), bits::RARE),
    );
    number(out, facts.ratings.len());
    for rating in &facts.ratings {
        strings.put(out, &rating.source);
        out.push(severity_number(Some(rating.severity)));
    }
    number(out, facts.cvss.len());
    for cvss in &facts.cvss {
        strings.put(out, &cvss.source);
        strings.put(out, &cvss.vector);
        strings.put(out, &cvss.version);
        out.push(cvss.score_tenths);
    }
    strings.put_list(out, facts.cwes.iter().map(String::as_str));
    for time in facts.published.iter().chain(&facts.modified) {
        signed(out, time.0);
    }
    if let Some(epss) = epss {
        varint(out, u64::from(epss.score_millionths));
        if let Some(percentile) = epss.percentile_millionths {
            varint(out, u64::from(percentile));
        }
        if let Some(model) = &epss.model {
            strings.put(out, model);
        }
        if let Some(date) = epss.date {
            signed(out, date.0);
        }
    }
    if let Some(kev) = &facts.kev {
        out.push(
            flag(kev.added.is_some(), kev_bits::ADDED)
                | flag(kev.due.is_some(), kev_bits::DUE)
                | flag(kev.ransomware, kev_bits::RANSOMWARE),
        );
        for time in kev.added.iter().chain(&kev.due) {
            signed(out, time.0);
        }
    }
    if facts.informational.is_some() || !facts.code.is_empty() {
        strings.put_list(out, facts.informational.iter().map(String::as_str));
        number(out, facts.code.len());
        for code in &facts.code {
            strings.put(out, &code.package);
            strings.put(out, &code.path);
            strings.put_list(out, code.symbols.iter().map(String::as_str));
        }
    }
}
