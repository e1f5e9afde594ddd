//! Package URLs, written and read as the purl specification asks (ECMA-427).
//!
//! Reading is lenient only where leniency names the same package; what a purl means for an
//! ecosystem, and whether its type is known, is decided elsewhere.

use std::fmt;

/// The parts of a package URL; displayed in canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Purl {
    /// `deb`, `npm` … lower case.
    pub kind: String,
    /// `debian`, `@scope` …, slashes kept.
    pub namespace: Option<String>,
    /// The package's name.
    pub name: String,
    /// The version, if known.
    pub version: Option<String>,
    /// Qualifiers; empty values are left out, keys are sorted.
    pub qualifiers: Vec<(String, String)>,
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}", self.kind)?;
        if let Some(namespace) = self.namespace.as_deref().filter(|it| !it.is_empty()) {
            for segment in namespace.split('/').filter(|it| !it.is_empty()) {
                f.write_str("/")?;
                encode(segment, f)?;
            }
        }
        f.write_str("/")?;
        encode(&self.name, f)?;
        if let Some(version) = &self.version {
            f.write_str("@")?;
            encode(version, f)?;
        }
        let mut qualifiers: Vec<_> = self.qualifiers.iter().filter(|(_, value)| !value.is_empty()).collect();
        qualifiers.sort();
        for (index, (key, value)) in qualifiers.into_iter().enumerate() {
            write!(f, "{}{}=", if index == 0 { '?' } else { '&' }, key.to_ascii_lowercase())?;
            encode(value, f)?;
        }
        Ok(())
    }
}

impl Purl {
    /// A package URL without its architecture and what else qualifies it; a question mark in a name is
    /// percent-encoded.
    pub fn without_qualifiers(text: &str) -> &str {
        text.split_once('?').map_or(text, |(before, _)| before)
    }

    /// Reads a package URL; `None` where the text is none, so that the caller can say so.
    ///
    /// After "How to parse a purl string". The subpath is dropped: a package is meant, not a
    /// folder of it. Two things written by many programs are read besides: a scope without
    /// percent-encoding (`pkg:npm/@babel/core`), and a `%` that begins no escape, which stands
    /// for itself. What single types demand (a version for cran, a channel for conan) is not
    /// demanded here.
    pub fn parse(text: &str) -> Option<Purl> {
        let text = text.trim();
        let text = text.rsplit_once('#').map_or(text, |(before, _)| before);
        let (text, qualifiers) = match text.split_once('?') {
            Some((before, qualifiers)) => (before, parse_qualifiers(qualifiers)?),
            None => (text, Vec::new()),
        };
        let (scheme, rest) = text.split_once(':')?;
        if !scheme.eq_ignore_ascii_case("pkg") {
            return None;
        }
        let (kind, path) = rest.trim_matches('/').split_once('/')?;
        if !is_type(kind) {
            return None;
        }
        let (path, version) = split_version(path);
        let path = path.trim_start_matches('/');
        let (namespace, name) = match path.rsplit_once('/') {
            Some((namespace, name)) => (parse_namespace(namespace)?, name),
            None => (None, path),
        };
        let purl = Purl {
            kind: kind.to_ascii_lowercase(),
            namespace,
            name: decode(name)?,
            version: decode(version)?.filled(),
            qualifiers,
        };
        (!purl.name.is_empty()).then(|| purl.canonical())
    }

    /// The value of a qualifier.
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers.iter().find(|(known, _)| known == key).map(|(_, value)| &**value)
    }

    /// Case and spelling where the type's definition says that they do not matter.
    fn canonical(mut self) -> Purl {
        let (of_namespace, of_name) = match &*self.kind {
            "apk" | "alpm" | "bitbucket" | "composer" | "deb" | "github" | "hex" | "qpkg" => (true, true),
            "bitnami" | "oci" | "pub" | "pypi" => (false, true),
            "rpm" => (true, false),
            _ => (false, false),
        };
        if let Some(namespace) = self.namespace.as_mut().filter(|_| of_namespace) {
            *namespace = namespace.to_lowercase();
        }
        if of_name {
            self.name = self.name.to_lowercase();
        }
        if self.kind == "pypi" {
            self.name = self.name.replace('_', "-");
        }
        self
    }
}

/// A text, unless there is nothing in it.
trait Filled {
    fn filled(self) -> Option<String>;
}

impl Filled for String {
    fn filled(self) -> Option<String> {
        (!self.is_empty()).then_some(self)
    }
}

/// Letters, digits, dots, hyphens and (of old) plus signs, beginning with a letter.
fn is_type(kind: &str) -> bool {
    kind.starts_with(|first: char| first.is_ascii_alphabetic())
        && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+'))
}

/// The path before and the version after the last `@`, unless that begins a scope.
fn split_version(path: &str) -> (&str, &str) {
    match path.rsplit_once('@') {
        Some((before, after)) if !((before.is_empty() || before.ends_with('/')) && after.contains('/')) => {
            (before, after)
        }
        _ => (path, ""),
    }
}

fn parse_namespace(text: &str) -> Option<Option<String>> {
    let mut namespace = String::new();
    for segment in text.split('/').filter(|segment| !segment.is_empty()) {
        if !namespace.is_empty() {
            namespace.push('/');
        }
        namespace.push_str(&decode(segment)?);
    }
    Some(namespace.filled())
}

/// Keys are lower-cased and checked, empty values left out, and the first of two equal keys counts.
fn parse_qualifiers(text: &str) -> Option<Vec<(String, String)>> {
    let mut qualifiers: Vec<(String, String)> = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_sound = key.starts_with(|first: char| first.is_ascii_alphabetic())
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
        if !is_sound || qualifiers.len() >= QUALIFIERS_MAX {
            return None;
        }
        let (key, value) = (key.to_ascii_lowercase(), decode(value)?);
        if !value.is_empty() && !qualifiers.iter().any(|(known, _)| *known == key) {
            qualifiers.push((key, value));
        }
    }
    qualifiers.sort();
    Some(qualifiers)
}

/// Qualifiers of one purl; a dozen are known to the type definitions.
const QUALIFIERS_MAX: usize = 64;

/// Undoes percent-encoding; `None` where no UTF-8 comes of it. A plus sign is a plus sign.
fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let hex = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, hex(after.first()), hex(after.get(1))) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).ok()?);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).ok()
}

/// Percent-encodes all but the unreserved characters and the colon (purl-spec, "Character encoding").
fn encode(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b':' => {
                write!(f, "{}", char::from(byte))?
            }
            other => write!(f, "%{other:02X}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purls_are_canonical() {
        let purl = Purl {
            kind: "deb".into(),
            namespace: Some("debian".into()),
            name: "libstdc++6".into(),
            version: Some("1:12.2.0-14+deb12u1".into()),
            qualifiers: vec![
                ("distro".into(), "debian-12".into()),
                ("arch".into(), "amd64".into()),
                ("epoch".into(), String::new()),
            ],
        };
        assert_eq!(
            purl.to_string(),
            "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12"
        );
        let purl = Purl {
            kind: "npm".into(),
            namespace: Some("@babel".into()),
            name: "core".into(),
            ..Purl::default()
        };
        assert_eq!(purl.to_string(), "pkg:npm/%40babel/core");
    }

    /// Reads a purl and writes it again; `None` where it is none.
    #[track_caller]
    fn check_parse(text: &str, canonical: Option<&str>) {
        let written = Purl::parse(text).map(|purl| purl.to_string());
        assert_eq!(written.as_deref(), canonical, "{text}");
        if let Some(written) = written {
            assert_eq!(Purl::parse(&written).map(|purl| purl.to_string()), Some(written));
        }
    }

    #[track_caller]
    fn check_same(text: &str) {
        check_parse(text, Some(text));
    }

    #[test]
    fn canonical_purls_are_read_and_written_alike() {
        check_same("pkg:maven/org.apache.commons/io@1.3.4");
        check_same("pkg:maven/org.apache.commons/io");
        check_same("pkg:deb/debian/curl@7.50.3-1?arch=i386&distro=jessie");
        check_same("pkg:npm/%40angular/animation@12.3.1");
        check_same("pkg:maven/HTTPClient/HTTPClient@0.3-3");
        check_same("pkg:maven/mygroup/myartifact@1.0.0%20Final?mykey=my%20value");
        check_same("pkg:conda/absl-py@0.4.1?build=py36h06a4308_0&channel=main&subdir=linux-64&type=tar.bz2");
        check_same("pkg:swift/github.com/Alamofire/Alamofire@5.4.3");
        check_same("pkg:generic/openssl@1.1.10g?checksum=sha1:ad9503c3%2Csha256:41bf9088");
        check_same("pkg:npm/a@1?vcs_url=git%2Bhttps:%2F%2Fexample.org%2Fa.git");
        check_same("pkg:golang/github.com/Masterminds/sprig@v2.22.0%2Bincompatible");
    }

    #[test]
    fn case_and_slashes_that_mean_nothing_are_mended() {
        check_parse("pkg:/maven/org.apache.commons/io", Some("pkg:maven/org.apache.commons/io"));
        check_parse("PKG:///maven/org.apache.commons//io", Some("pkg:maven/org.apache.commons/io"));
        check_parse("pkg:github/Package-url/purl-Spec@24F", Some("pkg:github/package-url/purl-spec@24F"));
        check_parse("pkg:bitbucket/birKenfeld/pyGments", Some("pkg:bitbucket/birkenfeld/pygments"));
        check_parse("pkg:PYPI/Django_package@1.11.1.dev1", Some("pkg:pypi/django-package@1.11.1.dev1"));
        check_parse("pkg:Composer/Laravel/Laravel@5.5.0", Some("pkg:composer/laravel/laravel@5.5.0"));
        check_parse("pkg:Nuget/EnterpriseLibrary.Common@6", Some("pkg:nuget/EnterpriseLibrary.Common@6"));
        check_parse("pkg:cran/A3@0.9.1", Some("pkg:cran/A3@0.9.1"));
        check_parse(
            "pkg:gem/jruby-launcher@1.1.2?Platform=java",
            Some("pkg:gem/jruby-launcher@1.1.2?platform=java"),
        );
        check_parse(
            "pkg:Rpm/Fedora/Curl@7?Distro=f&Arch=i386&epoch=",
            Some("pkg:rpm/fedora/Curl@7?arch=i386&distro=f"),
        );
        check_parse("  pkg:hex/jason@1.1.2\n", Some("pkg:hex/jason@1.1.2"));
    }

    #[test]
    fn the_subpath_is_dropped() {
        check_parse(
            "pkg:GOLANG/google.golang.org/genproto@abcdedf#/googleapis/api/annotations/",
            Some("pkg:golang/google.golang.org/genproto@abcdedf"),
        );
        check_parse("pkg:golang/x/y?a=b#c@d", Some("pkg:golang/x/y?a=b"));
    }

    #[test]
    fn what_other_programs_write_is_read() {
        check_parse("pkg:npm/@babel/core@7.1.0", Some("pkg:npm/%40babel/core@7.1.0"));
        check_parse("pkg:npm/@babel/core", Some("pkg:npm/%40babel/core"));
        check_parse("pkg:deb/debian/libstdc++6@1:12+b1", Some("pkg:deb/debian/libstdc%2B%2B6@1:12%2Bb1"));
        check_parse(
            "pkg:docker/a@sha256%3A24?repository_url=gcr.io/x",
            Some("pkg:docker/a@sha256:24?repository_url=gcr.io%2Fx"),
        );
        check_parse("pkg:generic/100%@1%2", Some("pkg:generic/100%25@1%252"));
        check_parse("pkg:golang/golang.org%2Fx%2Fnet@v1", Some("pkg:golang/golang.org%2Fx%2Fnet@v1"));
        check_parse("pkg:golang/example.org/x@feature/y", Some("pkg:golang/example.org/x@feature%2Fy"));
        check_parse("pkg:npm/x@?a", Some("pkg:npm/x"));
        check_parse("pkg:npm/x@1?a=1&A=2&&b", Some("pkg:npm/x@1?a=1"));
        check_parse("pkg:npm/%C3%A9", Some("pkg:npm/%C3%A9"));
        // Demands of single types are not made.
        check_parse("pkg:swift/Alamofire", Some("pkg:swift/Alamofire"));
        check_parse("pkg:conan/bincrafters/cctz@2.3", Some("pkg:conan/bincrafters/cctz@2.3"));
    }

    #[test]
    fn what_is_no_purl_is_none() {
        for text in [
            "",
            "pkg:",
            "pkg:hackage",
            "EnterpriseLibrary.Common@6.0.1304",
            "pkg:EnterpriseLibrary.Common@6.0.1304",
            "pkg:n&g?inx/nginx@0.8.9",
            "pkg:3nginx/nginx@0.8.9",
            "pkg:nginx:a/nginx@0.8.9",
            "pkg:npm/myartifact@1.0.0?in%20production=true",
            "pkg:maven/@1.3.4",
            "pkg:cran/@0.9.1",
            "pkg:swift/github.com/Alamofire/@5.4.3",
            "pkg%3Amaven/org.apache.commons/io",
            "https://example.org/a",
            "pkg:npm/%ff",
            "pkg:npm/a?%=1",
            "pkg:npm//",
        ] {
            check_parse(text, None);
        }
        check_parse(&format!("pkg:npm/a?{}", (0..65).map(|n| format!("a{n}=1&")).collect::<String>()), None);
    }

    #[test]
    fn qualifiers_are_had_by_key() {
        let purl =
            Purl::parse("pkg:rpm/redhat/openssl@1.1.1k-9?epoch=1&upstream=openssl-1.1.1k-9.src.rpm").unwrap();
        assert_eq!(purl.qualifier("epoch"), Some("1"));
        assert_eq!(purl.qualifier("arch"), None);
    }
}
