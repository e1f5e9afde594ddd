//! The words that ignore files have for ecosystems.

/// Syft's package types and languages as purl types.
pub(super) fn purl_type(text: &str) -> Option<&'static str> {
    Some(match text.to_ascii_lowercase().as_str() {
        "apk" => "apk",
        "deb" => "deb",
        "rpm" => "rpm",
        "alpm" => "alpm",
        "npm" | "javascript" => "npm",
        "python" => "pypi",
        "conda" => "conda",
        "java-archive" | "jenkins-plugin" | "java" => "maven",
        "go-module" | "go" => "golang",
        "rust-crate" | "rust" => "cargo",
        "gem" | "ruby" => "gem",
        "php-composer" | "php" => "composer",
        "dotnet" => "nuget",
        "hex" | "elixir" | "erlang" => "hex",
        "dart-pub" | "dart" => "pub",
        "swift" => "swift",
        "pod" => "cocoapods",
        "conan" | "c++" => "conan",
        "hackage" | "haskell" => "hackage",
        "r-package" | "r" => "cran",
        "lua-rocks" | "lua" => "luarocks",
        "bitnami" => "bitnami",
        "nix" => "nix",
        "wordpress-plugin" => "wordpress",
        "binary" => "generic",
        _ => return None,
    })
}
