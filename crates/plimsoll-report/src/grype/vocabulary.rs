//! Syft's words for package worlds, which are Grype's too.

/// (purl type, type of package, language).
const TYPES: &[(&str, &str, &str)] = &[
    ("deb", "deb", ""),
    ("apk", "apk", ""),
    ("rpm", "rpm", ""),
    ("npm", "npm", "javascript"),
    ("pypi", "python", "python"),
    ("gem", "gem", "ruby"),
    ("maven", "java-archive", "java"),
    ("golang", "go-module", "go"),
    ("cargo", "rust-crate", "rust"),
    ("composer", "php-composer", "php"),
    ("nuget", "dotnet", "dotnet"),
    ("conda", "conda", "python"),
    ("hex", "hex", "erlang"),
    ("pub", "dart-pub", "dart"),
    ("swift", "swift", "swift"),
    ("cocoapods", "pod", "swift"),
    ("conan", "conan", "c++"),
    ("cran", "R-package", "R"),
    ("hackage", "hackage", "haskell"),
    ("luarocks", "lua-rocks", "lua"),
    ("bitnami", "bitnami", ""),
    ("generic", "binary", ""),
];

/// The type of a package.
pub(super) fn kind(purl_type: &str) -> &str {
    TYPES.iter().find(|it| it.0 == purl_type).map_or(purl_type, |it| it.1)
}

/// The language of a package; empty where it has none.
pub(super) fn language(purl_type: &str) -> &'static str {
    TYPES.iter().find(|it| it.0 == purl_type).map_or("", |it| it.2)
}
