//! Listings: pages with links to files of a feed, or to folders that hold them.
//!
//! Follows links one level deep and below the listing's own address alone.

use plimsoll_vulndb::Source;

use super::fetch::Fetched;
use super::mirror::{Asking, Progress, Raw, from_url, matched};
use super::state::PartState;

/// The most links of a listing that are followed.
const LINKS_MAX: usize = 500;

/// Gets every file that a listing links to.
pub(super) fn get(
    source: &Source,
    (index, link, files): (&str, &str, &[String]),
    asking: Asking<'_>,
    progress: Progress<'_>,
) -> Result<Vec<Raw>, String> {
    let page = match asking
        .fetcher
        .fetch(index, None, 4 << 20, &mut |_, _| ())
        .map_err(|why| format!("{index}: {why}"))?
    {
        Fetched::New { bytes, .. } => bytes,
        Fetched::NotFound if source.optional => {
            return Ok(asking.stays(|part| is_of(part, (index, link, files))));
        }
        Fetched::Unchanged | Fetched::NotFound => return Err(format!("{index} is not there any more")),
    };
    let pattern = link;
    let mut links = links(&String::from_utf8_lossy(&page), pattern);
    if links.is_empty() && source.optional {
        return Ok(asking.stays(|part| is_of(part, (index, link, files))));
    }
    if links.is_empty() {
        return Err(format!("{index} lists nothing that looks like `{pattern}`"));
    }
    if links.len() > LINKS_MAX {
        return Err(format!("{index} lists more than {LINKS_MAX} links that look like `{pattern}`"));
    }
    links.retain(|link| !source.except.contains(link));
    let mut parts = Vec::new();
    for link in &links {
        if files.is_empty() {
            let name = source.name.replacen('*', &matched(pattern, link).unwrap_or_default(), 1);
            let url = format!("{}/{link}", index.trim_end_matches('/'));
            parts.extend(from_url(&name, &url, source, asking, progress)?);
        }
        for file in files {
            let url = format!("{}/{}/{file}", index.trim_end_matches('/'), link.trim_matches('/'));
            let stem = file.split('.').next().unwrap_or(file);
            let name = format!("{}/{stem}", link.trim_matches('/'));
            parts.extend(from_url(&name, &url, source, asking, progress)?);
        }
    }
    // What is not listed any more is no longer there either.
    let is_left = |part: &PartState| {
        is_of(part, (index, pattern, files)) && !parts.iter().any(|raw: &Raw| raw.name == part.name)
    };
    let left = asking.stays(is_left);
    parts.extend(left);
    Ok(parts)
}

/// Whether a part is one that a listing links to: several sources may share its address.
fn is_of(part: &PartState, (index, pattern, files): (&str, &str, &[String])) -> bool {
    let Some(path) = part.from.strip_prefix(index.trim_end_matches('/')) else { return false };
    let path = path.trim_start_matches('/');
    if files.is_empty() {
        return matched(pattern, path).is_some();
    }
    let folder = |file: &String| path.strip_suffix(file.as_str()).map(|it| it.trim_end_matches('/'));
    let pattern = pattern.trim_matches('/');
    files.iter().filter_map(folder).any(|folder| matched(pattern, folder).is_some())
}

/// The files of a mirror that a place with one `*` stands for, by the listing of the folder.
pub(super) fn of_mirror(
    source: &Source,
    base: &str,
    path: &str,
    asking: Asking<'_>,
    progress: Progress<'_>,
) -> Result<Vec<Raw>, String> {
    let (before, after) = path.split_once('*').unwrap_or((path, ""));
    let (folder, start) = before.rsplit_once('/').unwrap_or(("", before));
    let (end, rest) = match after.split_once('/') {
        Some((end, rest)) => (end, Some(rest)),
        None => (after, None),
    };
    if rest.unwrap_or(end).contains('*') {
        // Two stars are a tree; nobody has offered one by address yet.
        return Ok(Vec::new());
    }
    let index = format!("{base}/{folder}/");
    let page = match asking.fetcher.fetch(&index, None, 4 << 20, &mut |_, _| ()) {
        Ok(Fetched::New { bytes, .. }) => bytes,
        Ok(Fetched::NotFound | Fetched::Unchanged) => return Ok(Vec::new()),
        Err(why) => return Err(format!("{index}: {why}")),
    };
    let pattern = format!("{start}*{end}{}", if rest.is_some() { "/" } else { "" });
    let mut links = links(&String::from_utf8_lossy(&page), &pattern);
    links.retain(|link| !link.trim_end_matches('/').contains('/') && !source.except.contains(link));
    if links.len() > LINKS_MAX {
        return Err(format!("{index} lists more than {LINKS_MAX} links that look like `{pattern}`"));
    }
    links.sort();
    if source.newest_only {
        links.drain(..links.len().saturating_sub(1));
    }
    let mut parts = Vec::new();
    for link in &links {
        let star = matched(&pattern, link).unwrap_or_default();
        let name = source.name.replacen('*', &star, 1);
        let url = format!("{index}{}", rest.map_or_else(|| link.clone(), |rest| format!("{link}{rest}")));
        parts.extend(from_url(&name, &url, source, asking, progress)?);
    }
    Ok(parts)
}

/// The links of an HTML page that match a pattern with at most one `*`, each once; of too many one
/// more than is followed.
fn links(page: &str, pattern: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for piece in page.split("href=").skip(1) {
        let quote = piece.chars().next().filter(|c| matches!(c, '"' | '\''));
        let Some(target) = quote.and_then(|quote| piece[1..].split(quote).next()) else {
            continue;
        };
        if found.len() > LINKS_MAX {
            break;
        }
        let legal = target
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/'));
        if legal
            && !target.contains("..")
            && matched(pattern, target).is_some()
            && !found.iter().any(|it| it == target)
        {
            found.push(target.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_taken_from_a_listing() {
        let page = r#"<a href="../">up</a><a href="v3.18/">x</a><a href='edge/'>e</a><a href="v3.18/">again</a><a href="v3.19/x">no</a>"#;
        assert_eq!(links(page, "v*/"), ["v3.18/"]);
        assert_eq!(links(page, "edge/"), ["edge/"]);
    }
}
