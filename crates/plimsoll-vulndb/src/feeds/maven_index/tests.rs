use std::io::Write;

use super::*;

const SHA1: &str = "0123456789abcdef0123456789ABCDEF01234567";
const BYTES: [u8; 20] = [
    0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01,
    0x23, 0x45, 0x67,
];

fn read(bytes: &[u8], jars_max: usize) -> (Result<(), String>, FeedOutput) {
    let mut out = FeedOutput::default();
    let result = parse(&Part { name: "p", file_name: "p", bytes }, jars_max, &mut out);
    (result, out)
}

fn names(out: &FeedOutput) -> Vec<&str> {
    assert!(out.maven.iter().all(|(sha1, _)| *sha1 == BYTES));
    assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
    out.maven.iter().map(|(_, name)| name.as_str()).collect()
}

/// A chunk of records, each a list of (name, value).
fn chunk(records: &[&[(&str, &str)]]) -> Vec<u8> {
    let mut bytes = vec![1];
    bytes.extend(1_700_000_000_123_i64.to_be_bytes());
    for fields in records {
        bytes.extend((fields.len() as u32).to_be_bytes());
        for (name, value) in *fields {
            bytes.push(5);
            bytes.extend((name.len() as u16).to_be_bytes());
            bytes.extend(name.as_bytes());
            bytes.extend((value.len() as u32).to_be_bytes());
            bytes.extend(value.as_bytes());
        }
    }
    bytes
}

#[test]
fn lines_of_sha1_and_coordinates_are_read_whatever_their_compression() {
    let text = format!("# a remark\n{SHA1}\torg.example:a:1.0\r\n\n{SHA1}\torg.example:b:2.0-rc1");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    for bytes in [text.clone().into_bytes(), gzip.finish().unwrap(), zstd] {
        let (result, out) = read(&bytes, 10);
        assert_eq!(result, Ok(()));
        assert_eq!(names(&out), ["org.example:a:1.0", "org.example:b:2.0-rc1"]);
    }
}

#[test]
fn bad_lines_are_set_aside_and_a_list_without_a_good_one_is_refused() {
    let good = format!("{SHA1}\ta:b:1\n");
    let long = format!("{SHA1}\ta:b:{}\n", "1".repeat(5000));
    for bad in ["x\n", "0123\ta:b:1\n", &good.replace("a:b:1", "a:b"), &good.replace("b:1", "b:1:2"), &long] {
        let (result, out) = read(format!("{bad}{good}").as_bytes(), 10);
        assert_eq!(result, Ok(()));
        assert_eq!((names(&out).len(), out.quarantined.len()), (1, 1), "{bad}");
        assert!(read(bad.as_bytes(), 10).0.unwrap_err().contains("none of its lines"), "{bad}");
    }
    let many = format!("{good}{}", "x\n".repeat(3000));
    let (_, out) = read(many.as_bytes(), 10);
    assert_eq!((out.records_quarantined, out.quarantined.len()), (3000, 1000));
}

#[test]
fn a_chunk_of_mavens_index_gives_the_files_with_classes() {
    let info = "jar|1700000000000|1234|1|1|0|jar";
    let bytes = chunk(&[
        &[("DESCRIPTOR", "NexusIndex"), ("IDXINFO", "1.0|central")],
        &[("u", "org.example|a|1.0|NA|jar"), ("m", "1"), ("i", info), ("1", SHA1), ("n", "Ä")],
        &[("1", SHA1), ("u", "org.example|old|1.0|NA"), ("i", info)],
        &[("u", "org.example|native|1.0|linux-x86_64|jar"), ("1", SHA1)],
        &[("u", "org.example|a|1.0|sources|jar"), ("1", SHA1)],
        &[("u", "org.example|a|1.0|NA|pom"), ("1", SHA1)],
        &[("u", "org.example|parent|1.0|NA"), ("i", "pom|1|2|0|0|0|pom"), ("1", SHA1)],
        &[("u", "org.example|without|1.0|NA|jar"), ("d", &"x".repeat(100_000))],
        &[("del", "org.example|gone|1.0|NA|jar")],
        &[("u", "org.example|a b|1.0|NA|jar"), ("1", SHA1)],
        &[("u", "org.example|a|1.0|NA|jar"), ("1", "12")],
    ]);
    let (result, out) = read(&bytes, 10);
    assert_eq!(result, Ok(()));
    assert_eq!(names(&out), ["org.example:a:1.0", "org.example:old:1.0", "org.example:native:1.0"]);
    assert_eq!((out.out_of_scope, out.records_quarantined), (6, 2));
    assert_eq!(out.data_date.map(|it| it.0), Some(1_700_000_000));
}

#[test]
fn a_chunk_that_is_cut_anywhere_is_refused_unless_between_records() {
    let bytes = chunk(&[&[("u", "a|b|1|NA|jar"), ("1", SHA1)], &[("del", "x")]]);
    let between = [9, bytes.len() - 4 - 8 - 3, bytes.len()];
    for length in 1..=bytes.len() {
        let is_whole = between.contains(&length);
        assert_eq!(read(&bytes[..length], 10).0.is_ok(), is_whole, "cut at {length}");
    }
}

#[test]
fn lengths_that_lie_cost_nothing() {
    for end in [[0xff; 8], [0, 0, 0, 9, 0, 0xff, 0xff, 0]] {
        let bytes = [&chunk(&[])[..], &end].concat();
        assert!(read(&bytes, 10).0.is_err());
    }
    let long = [&chunk(&[])[..], &[0, 0, 0, 1, 0, 0, 1, b'u', 0x7f, 0xff, 0xff, 0xff]].concat();
    assert!(read(&long, 10).0.unwrap_err().contains("cut short"));
}

#[test]
fn more_jars_than_a_database_holds_are_refused_and_not_cut() {
    let text = format!("{SHA1}\ta:b:1\n").repeat(3);
    assert!(read(text.as_bytes(), 3).0.is_ok());
    assert!(read(text.as_bytes(), 2).0.unwrap_err().contains("more than 2 jars"));
}
