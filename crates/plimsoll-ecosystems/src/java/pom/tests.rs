//! What is read of a `pom.xml`, and what of one that is broken.

use super::{Coordinates, read};

fn line(coordinates: &Coordinates) -> String {
    format!("{}:{}:{}", coordinates.group, coordinates.artifact, coordinates.version)
}

#[track_caller]
fn check(content: &str, expected: &[&str]) {
    let pom = read(content.as_bytes()).expect("a project");
    let mut lines = vec![line(&pom.coordinates())];
    lines.extend(pom.dependencies().map(|it| line(&it)));
    lines.extend(pom.damage.as_ref().map(|_| "damaged".to_owned()));
    assert_eq!(lines, expected);
}

#[test]
fn what_is_missing_comes_from_the_parent() {
    check(
        "<project><parent><groupId>g</groupId><artifactId>p</artifactId><version>1</version></parent>
         <artifactId> a </artifactId></project>",
        &["g:a:1"],
    );
}

#[test]
fn properties_are_resolved_within_the_file() {
    check(
        "<project><groupId>g</groupId><artifactId>a-${kind}</artifactId><version>${revision}${x.y}</version>
         <properties><revision>1.${minor}</revision><minor>2</minor><x.y>&amp;<![CDATA[!]]></x.y><kind>k</kind></properties>
         <dependencies>
         <dependency><groupId>${project.groupId}</groupId><artifactId>b</artifactId><version>${project.version}</version></dependency>
         <dependency><groupId>g</groupId><artifactId>c</artifactId><version>${unknown}</version></dependency>
         </dependencies></project>",
        &["g:a-k:1.2&!", "g:b:1.2&!", "g:c:"],
    );
}

#[test]
fn a_property_of_itself_has_no_value() {
    check(
        "<project><groupId>g</groupId><artifactId>a</artifactId><version>${v}</version>
         <properties><v>${v}${v}</v></properties></project>",
        &["g:a:"],
    );
}

#[test]
fn versions_come_from_management_and_tests_are_left_out() {
    check(
        "<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version>
         <dependencyManagement><dependencies>
         <dependency><groupId>g</groupId><artifactId>b</artifactId><version>2</version></dependency>
         <dependency><groupId>g</groupId><artifactId>t</artifactId><version>3</version><scope>test</scope></dependency>
         </dependencies></dependencyManagement>
         <dependencies>
         <dependency><groupId>g</groupId><artifactId>b</artifactId>
           <exclusions><exclusion><groupId>x</groupId><artifactId>y</artifactId></exclusion></exclusions></dependency>
         <dependency><groupId>g</groupId><artifactId>t</artifactId></dependency>
         <dependency><groupId>g</groupId><artifactId>r</artifactId><version>[1,2)</version></dependency>
         <dependency><groupId>g</groupId><artifactId>e</artifactId><version>[1.5]</version></dependency>
         </dependencies>
         <build><plugins><plugin><dependencies><dependency><groupId>g</groupId><artifactId>plugin</artifactId></dependency>
         </dependencies></plugin></plugins></build></project>",
        &["g:a:1", "g:b:2", "g:r:", "g:e:1.5"],
    );
}

#[test]
fn a_broken_file_gives_what_stands_before() {
    check("<project><groupId>g</groupId><artifactId>a</artifactId>", &["g:a:", "damaged"]);
    check("<project><groupId>g</groupId></nonsense>", &["g::", "damaged"]);
    check(&"<project>".repeat(100_000), &["::", "damaged"]);
    assert!(read(b"<html></html>").is_none());
    assert!(read(b"").is_none());
}

#[test]
fn latin_1_is_read() {
    let pom = read(b"<project><groupId>g\xe9</groupId></project>").expect("a project");
    assert_eq!(pom.coordinates().group, "g\u{e9}");
}
