//! Which licence texts are SPDX expressions.
//!
//! Packages say their licences in all sorts of words. What is made of identifiers in everyday
//! use is passed on as an expression; everything else is passed on as the text it is, which
//! loses nothing. It does not guess what `BSD` or `GPL` may mean.

/// Identifiers of the SPDX licence list that make up nearly all expressions seen in packages.
const IDENTIFIERS: &[&str] = &[
    "0BSD",
    "AFL-2.1",
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "Apache-1.1",
    "Apache-2.0",
    "Artistic-1.0",
    "Artistic-1.0-Perl",
    "Artistic-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-2-Clause-Patent",
    "BSD-3-Clause",
    "BSD-4-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "bzip2-1.0.6",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "CDDL-1.0",
    "CDDL-1.1",
    "curl",
    "EPL-1.0",
    "EPL-2.0",
    "EUPL-1.2",
    "FSFAP",
    "FSFUL",
    "FSFULLR",
    "FTL",
    "GFDL-1.3-only",
    "GFDL-1.3-or-later",
    "GPL-1.0-or-later",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "HPND",
    "ICU",
    "IJG",
    "ISC",
    "LGPL-2.0-only",
    "LGPL-2.0-or-later",
    "LGPL-2.1-only",
    "LGPL-2.1-or-later",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "Libpng",
    "libtiff",
    "MIT",
    "MIT-0",
    "MPL-1.1",
    "MPL-2.0",
    "MS-PL",
    "NCSA",
    "OFL-1.1",
    "OLDAP-2.8",
    "OpenSSL",
    "PHP-3.01",
    "PostgreSQL",
    "PSF-2.0",
    "Python-2.0",
    "Ruby",
    "Sleepycat",
    "TCL",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "UPL-1.0",
    "Vim",
    "W3C",
    "WTFPL",
    "X11",
    "Zlib",
    "ZPL-2.1",
];

/// Exceptions that follow `WITH`.
const EXCEPTIONS: &[&str] = &[
    "Autoconf-exception-3.0",
    "Bison-exception-2.2",
    "Classpath-exception-2.0",
    "GCC-exception-2.0",
    "GCC-exception-3.1",
    "LLVM-exception",
    "Linux-syscall-note",
    "OpenJDK-assembly-exception-1.0",
];

/// Longer texts are no expressions.
const TEXT_BYTES_MAX: usize = 1000;

/// The text, trimmed, if it is an expression of identifiers known here (SPDX 2.3, annex D).
pub(crate) fn as_spdx(text: &str) -> Option<&str> {
    let text = text.trim();
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let mut open = 0_usize;
    let mut wants_licence = true;
    let mut words = spaced.split_whitespace();
    while let Some(word) = words.next() {
        match (word, wants_licence) {
            ("(", true) => open += 1,
            (")", false) => open = open.checked_sub(1)?,
            ("AND" | "OR", false) => wants_licence = true,
            ("WITH", false) => {
                words.next().filter(|it| EXCEPTIONS.contains(it))?;
            }
            (identifier, true) if IDENTIFIERS.contains(&identifier) => wants_licence = false,
            _ => return None,
        }
    }
    (open == 0 && !wants_licence).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_of_known_identifiers_are_told_from_other_texts() {
        for good in
            ["MIT", " MIT OR Apache-2.0 ", "(MIT AND Zlib) OR GPL-2.0-only WITH Classpath-exception-2.0"]
        {
            assert_eq!(as_spdx(good), Some(good.trim()));
        }
        for bad in ["", "GPL", "MIT AND", "MIT Zlib", "(MIT", "MIT)", "BSD and MIT", "MIT WITH MIT", ")("] {
            assert_eq!(as_spdx(bad), None, "{bad}");
        }
    }
}
