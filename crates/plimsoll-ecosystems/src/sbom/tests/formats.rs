//! Each format in small, as the command line reads it.

use std::fmt::Write;

use super::super::read;

/// A document as an inventory.
#[track_caller]
fn check(document: &str, expected: &str) {
    let document = read(document.as_bytes()).expect("it can be read");
    let mut text = document.format.clone();
    document.name.iter().for_each(|it| write!(text, " `{it}`").expect("memory"));
    document.digest.iter().for_each(|it| write!(text, " {}", it.short()).expect("memory"));
    let inventory = document.into_inventory();
    if let Some(distro) = &inventory.distro {
        write!(text, " on {} {}", distro.id, distro.version_id).expect("memory");
        distro.codename.iter().for_each(|it| write!(text, " {it}").expect("memory"));
    }
    text.push('\n');
    for it in &inventory.packages {
        let package = &it.package;
        assert_eq!(package.purl.as_ref(), Some(&it.purl));
        write!(text, "{} {} {}", package.kind, package.name, package.version).expect("memory");
        if let Some(source) = &package.source {
            write!(text, " from {}", source.name).expect("memory");
            source.version.iter().for_each(|it| write!(text, " {it}").expect("memory"));
        }
        if !it.origin.path.is_root() {
            write!(text, " in {}", it.origin.path).expect("memory");
        }
        package.license.iter().for_each(|it| write!(text, " ({it})").expect("memory"));
        text.push('\n');
    }
    for problem in &inventory.problems {
        writeln!(text, "{} {}", if problem.hides_findings { "!" } else { "~" }, problem.what)
            .expect("memory");
    }
    assert_eq!(text, expected);
}

#[test]
fn cyclonedx_json_with_nested_components() {
    check(
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6",
          "metadata":{"component":{"type":"container","name":"app:1","version":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}},
          "components":[
           {"type":"operating-system","name":"debian","version":"12.4"},
           {"type":"library","name":"libssl3","version":"3.0.9-1","purl":"pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12.4",
            "licenses":[{"license":{"id":"Apache-2.0"}}],
            "properties":[{"name":"aquasecurity:trivy:SrcName","value":"openssl"},{"name":"aquasecurity:trivy:SrcVersion","value":"3.0.9"},{"name":"aquasecurity:trivy:SrcRelease","value":"1"}]},
           {"type":"application","name":"package-lock.json","components":[
             {"type":"library","group":"@a","name":"b","version":"1","purl":"pkg:npm/%40a/b@1"},
             {"type":"library","name":"bare","version":"2"}]},
           {"type":"library","purl":"npm/x"},
           7]}"#,
        "CycloneDX 1.6 JSON `app:1` sha256:aaaaaaaaaaaa on debian 12.4\n\
         deb libssl3 3.0.9-1 from openssl 3.0.9-1 (Apache-2.0)\n\
         npm @a/b 1\n\
         ! 1 entries (number 5) are broken, and are not compared\n\
         ! 1 entries (npm/x) have a package URL that cannot be read, and are not compared\n\
         ! 1 entries (bare) have no package URL, and are not compared\n",
    );
}

#[test]
fn cyclonedx_xml() {
    check(
        r#"<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.4"><metadata>
          <tools><components><component type="application"><name>tool</name><purl>pkg:npm/tool@1</purl></component></components></tools>
          <component type="application"><name>shop</name></component></metadata>
          <components><component type="library"><group>org.x</group><name>y</name><version>1</version>
            <licenses><license><id>MIT</id></license></licenses><purl>pkg:maven/org.x/y@1?a=b&amp;c=d</purl>
            <components><component type="library"><name>z</name><purl>pkg:npm/z@2</purl></component></components>
          </component></components></bom>"#,
        "CycloneDX 1.4 XML `shop`\nmaven org.x:y 1 (MIT)\nnpm z 2\n",
    );
}

#[test]
fn spdx_json() {
    check(
        r#"{"spdxVersion":"SPDX-2.3","name":"doc","packages":[
          {"SPDXID":"SPDXRef-root","name":"app","primaryPackagePurpose":"CONTAINER"},
          {"SPDXID":"SPDXRef-1","name":"bash","versionInfo":"5.1-8","licenseDeclared":"GPL-3.0","sourceInfo":"acquired package info from RPM DB: /var/lib/rpm/Packages",
           "externalRefs":[{"referenceCategory":"SECURITY","referenceType":"cpe23Type","referenceLocator":"cpe"},
             {"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:rpm/redhat/bash@5.1-8?arch=x86_64&distro=rhel-9.4&epoch=1&upstream=bash-5.1-8.src.rpm"}]},
          {"SPDXID":"SPDXRef-2","name":"bare","versionInfo":"1"}],
          "relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-root"}]}"#,
        "SPDX 2.3 JSON `app` on rhel 9.4\nrpm bash 1:5.1-8 from bash 5.1-8 in var/lib/rpm/Packages (GPL-3.0)\n\
         ! 1 entries (bare) have no package URL, and are not compared\n",
    );
}

#[test]
fn spdx_tag_value() {
    check(
        "# comment\nSPDXVersion: SPDX-2.2\nDocumentName: doc\nCreatorComment: <text>a\nPackageName: no\nb</text>\n\nPackageName: curl\nSPDXID: SPDXRef-1\nPackageVersion: 8\nPackageLicenseDeclared: curl\nExternalRef: PACKAGE-MANAGER purl pkg:apk/alpine/curl@8?distro=alpine-3.18.4\nFileName: x\nSPDXID: SPDXRef-file\n",
        "SPDX 2.2 tag-value `doc` on alpine 3.18.4\napk curl 8 (curl)\n",
    );
}

#[test]
fn syft_json() {
    check(
        r#"{"artifacts":[{"name":"busybox","version":"1.35","type":"apk","locations":[{"path":"/lib/apk/db/installed"}],
           "licenses":[{"value":"GPL-2.0"}],"purl":"pkg:apk/alpine/busybox@1.35?distro=alpine-3.16.3"}],
           "distro":{"id":"alpine","versionID":"3.16.3","prettyName":"Alpine Linux v3.16"},
           "source":{"type":"image","metadata":{"userInput":"alpine:3.16"}},"schema":{"version":"16.0.0"}}"#,
        "Syft 16.0.0 JSON `alpine:3.16` on alpine 3.16.3\napk busybox 1.35 in lib/apk/db/installed (GPL-2.0)\n",
    );
}

#[test]
fn trivy_json_with_and_without_packages() {
    check(
        r#"{"SchemaVersion":2,"ArtifactName":"a","Metadata":{"OS":{"Family":"redhat","Name":"8.6"}},"Results":[{"Class":"os-pkgs",
           "Packages":[{"Name":"bash","Version":"4.4","Release":"1","SrcName":"bash","SrcVersion":"4.4","SrcRelease":"1","Identifier":{"PURL":"pkg:rpm/redhat/bash@4.4-1?distro=redhat-8.6"}}]}]}"#,
        "Trivy JSON `a` on rhel 8.6\nrpm bash 4.4-1 from bash 4.4-1\n",
    );
    check(
        r#"{"SchemaVersion":2,"ArtifactName":"a","Results":[{"Class":"lang-pkgs","Vulnerabilities":[
           {"PkgName":"x","InstalledVersion":"1","PkgPath":"app/x","PkgIdentifier":{"PURL":"pkg:npm/x@1"}},
           {"PkgName":"x","InstalledVersion":"1","PkgPath":"app/x","PkgIdentifier":{"PURL":"pkg:npm/x@1"}}]}]}"#,
        "Trivy JSON `a`\nnpm x 1 in app/x\n! the report was written without its packages (`--list-all-pkgs`): only those with a finding are known\n",
    );
}

#[test]
fn a_list_of_package_urls() {
    check(
        "pkg:deb/debian/openssl@3.0.9-1?distro=bookworm\n# x\n\npkg:golang/github.com/a/b@v1\npkg:nothing\n",
        "package URLs on debian  bookworm\ndeb openssl 3.0.9-1\ngolang github.com/a/b v1\n\
         ! 1 entries (pkg:nothing) have a package URL that cannot be read, and are not compared\n",
    );
}

#[test]
fn what_is_no_sbom_is_an_error() {
    let deep_xml = "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\">".to_owned() + &"<a>".repeat(100_000);
    let deep_json = format!("{{\"bomFormat\":\"CycloneDX\",\"components\":{}", "[".repeat(100_000));
    for text in [
        "",
        "{}",
        "[]",
        "<x/>",
        "<bom",
        "{\"bomFormat\":\"CycloneDX\"",
        "SPDXVersion: 3",
        "hello",
        &deep_xml,
        &deep_json,
    ] {
        assert!(read(text.as_bytes()).is_err(), "{}", text.chars().take(40).collect::<String>());
    }
}

#[test]
fn spdx_3_with_roots_and_a_system() {
    check(
        r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[
          {"type":"CreationInfo","specVersion":"3.0.1"},
          {"type":"SpdxDocument","name":"doc","rootElement":["urn:root"]},
          {"type":"software_Package","spdxId":"urn:root","name":"app","software_packageVersion":"1"},
          {"type":"software_Package","name":"Alpine Linux","software_packageVersion":"3.19.1","software_primaryPurpose":"operatingSystem"},
          {"type":"software_Package","name":"curl","software_packageUrl":"pkg:apk/alpine/curl@8-r0"},
          {"type":"software_Package","name":"curl.tar.gz","software_primaryPurpose":"source","software_packageUrl":"pkg:generic/curl@8"},
          {"type":"software_Package","name":"bare","software_packageVersion":"2"}]}"#,
        "SPDX 3.0.1 JSON `app` on alpine 3.19.1\napk curl 8-r0\n\
         ! 1 entries (bare) have no package URL, and are not compared\n\
         ~ 1 entries are excluded from the product by the document\n",
    );
}

#[test]
fn a_document_in_a_statement_is_read_and_one_in_an_envelope_is_named() {
    check(
        r#"{"predicate":{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"purl":"pkg:npm/a@1"}]}}"#,
        "CycloneDX 1.5 JSON\nnpm a 1\n",
    );
    let error = read(br#"{"payloadType":"application/vnd.in-toto+json","payload":""}"#).unwrap_err();
    assert_eq!(error.to_string(), "it is a signed envelope; decode its payload and give that");
}

#[test]
fn a_type_that_is_no_ecosystem_here_is_kept_with_the_names_of_its_package_url() {
    check("pkg:strange/a/b@1", "package URLs\nstrange a/b 1\n");
}
