//! `bitnami/components`: what a Bitnami image says was unpacked into it.
//!
//! The images' SPDX documents (`.spdx-*.spdx`) say more, and are read by `sbom/document`; older
//! images have only this list.

use std::collections::BTreeMap;

use plimsoll_core::{Evidence, Extractor, Input, Observations, Package, Pattern};
use serde::Deserialize;

use crate::lenient::{Maybe, Text};
use crate::listing::Listing;

/// Reads `opt/bitnami/.bitnami_components.json`.
pub struct BitnamiComponents;

#[derive(Deserialize)]
struct Component {
    #[serde(default)]
    version: Text,
    #[serde(default)]
    arch: Text,
}

impl Extractor for BitnamiComponents {
    fn id(&self) -> &'static str {
        "bitnami/components"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name(".bitnami_components.json")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut listing = Listing::new("bitnami", Evidence::Installed, &input, out);
        match serde_json::from_slice::<BTreeMap<String, Maybe<Component>>>(input.content) {
            Ok(components) => {
                for (name, component) in components {
                    match component.get() {
                        Some(Component { version, arch }) => listing.add_package(Package {
                            name,
                            version: version.0,
                            architecture: (!arch.0.is_empty()).then_some(arch.0),
                            ..Package::default()
                        }),
                        None => listing.unreadable(&name),
                    }
                }
            }
            Err(error) => listing.broken("Bitnami's list of components", &error),
        }
        listing.finish();
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::lang_agreement::extract_data;
    use crate::listing::tests::{check_survives, seen};

    #[test]
    fn components_are_listed() {
        let list =
            br#"{"gosu": {"arch": "amd64", "digest": "16", "type": "NAMI", "version": "1.14.0-1"}, "x": 1}"#;
        expect![[r#"
            bitnami gosu 1.14.0-1 (installed)
            ! this entry cannot be read: `x`
        "#]]
        .assert_eq(&seen("opt/bitnami/.bitnami_components.json", list));
        check_survives("opt/bitnami/.bitnami_components.json", list);
    }

    #[test]
    fn a_real_list_is_read() {
        let file = "os-other/bitnami/components-json-mongodb/opt/bitnami/.bitnami_components.json";
        let Some(out) = extract_data(file, "opt/bitnami/.bitnami_components.json") else { return };
        assert_eq!((out.packages.len(), out.problems), (5, Vec::new()));
    }
}
