//! Packages: good ones, damaged ones, and those made to harm.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn package(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn read_all(sources: &[Source<'_>], limits: Limits) -> Result<Vec<(String, String)>, Error> {
    let mut files = Vec::new();
    each_file(sources, limits, &mut |name, content| {
        let mut text = String::new();
        content.read_to_string(&mut text).map_err(|error| explain(name, &error))?;
        files.push((name.to_owned(), text));
        Ok(())
    })?;
    Ok(files)
}

#[test]
fn reads_packages_in_packages_and_plain_files_in_order() {
    let inner = package(&[("eq.xml", b"<a/>"), ("ssh.xml", b"<b/>")]);
    let outer = package(&[("inner.zip", &inner), ("readme.txt", b"hello")]);
    let sources = [Source::new("model.zip", &outer), Source::new("tp.xml", b"<c/>")];
    let files = read_all(&sources, Limits::default()).unwrap();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["model.zip/inner.zip/eq.xml", "model.zip/inner.zip/ssh.xml", "model.zip/readme.txt", "tp.xml"]
    );
    assert_eq!(files[1].1, "<b/>");
}

#[test]
fn refuses_a_package_that_is_cut_off_anywhere() {
    let text: Vec<u8> = (0..20_000u32).flat_map(u32::to_le_bytes).collect();
    let whole = package(&[("eq.xml", &text)]);
    for length in [10, whole.len() / 2, whole.len() - 1] {
        let error = read_all(&[Source::new("m.zip", &whole[..length])], Limits::default()).unwrap_err();
        assert!(matches!(error, Error::Package { .. }), "{length}: {error}");
    }
}

#[test]
fn refuses_a_package_with_a_flipped_byte() {
    let text: Vec<u8> = (0..2000u32).flat_map(u32::to_le_bytes).collect();
    let mut bytes = package(&[("eq.xml", &text)]);
    bytes[200] ^= 0x55;
    let error = read_all(&[Source::new("m.zip", &bytes)], Limits::default()).unwrap_err();
    assert!(matches!(&error, Error::Package { file, .. } if file.starts_with("m.zip")), "{error}");
}

#[test]
fn stops_a_bomb_by_its_ratio_before_it_has_unpacked() {
    let bomb = package(&[("eq.xml", &vec![b' '; 64 << 20])]);
    assert!(bomb.len() < 100_000);
    let mut seen = 0;
    let result = each_file(&[Source::new("bomb.zip", &bomb)], Limits::default(), &mut |name, content| {
        loop {
            let piece = content.fill_buf().map_err(|error| explain(name, &error))?.len();
            if piece == 0 {
                return Ok(());
            }
            content.consume(piece);
            seen += piece;
        }
    });
    assert_eq!(result, Err(Error::Inflated { file: "bomb.zip/eq.xml".to_owned(), ratio: 200 }));
    assert!(seen < 20 << 20, "{seen}");
}

#[test]
fn stops_at_the_limit_of_all_files_together() {
    let text: Vec<u8> =
        (0..200_000u32).flat_map(|number| (number.wrapping_mul(2_654_435_761) % 997).to_le_bytes()).collect();
    let two = package(&[("a.xml", &text), ("b.xml", &text)]);
    let limits = Limits { bytes: text.len() as u64 + 10, ..Limits::default() };
    let bytes: Vec<u8> = text;
    let whole = [Source::new("two.zip", &two)];
    let mut read = |_: &str, content: &mut dyn BufRead| {
        let mut all = Vec::new();
        content.read_to_end(&mut all).map_err(|error| explain("b.xml", &error))?;
        assert_eq!(all, bytes);
        Ok(())
    };
    assert!(
        matches!(each_file(&whole, limits, &mut read), Err(Error::TooLarge { file, .. }) if file == "two.zip/b.xml")
    );
}

#[test]
fn refuses_packages_nested_too_deep_and_too_many_files() {
    let mut bytes = package(&[("eq.xml", b"<a/>")]);
    for _ in 0..4 {
        bytes = package(&[("p.zip", &bytes)]);
    }
    let deep = read_all(&[Source::new("deep.zip", &bytes)], Limits::default());
    assert!(matches!(deep, Err(Error::TooDeep { levels: 3, .. })), "{deep:?}");
    let many = package(&[("a", b"1"), ("b", b"2"), ("c", b"3")]);
    let limits = Limits { files: 2, ..Limits::default() };
    assert_eq!(read_all(&[Source::new("many.zip", &many)], limits), Err(Error::TooMany { limit: 2 }));
}

#[test]
fn an_empty_package_holds_nothing() {
    assert_eq!(read_all(&[Source::new("empty.zip", &package(&[]))], Limits::default()), Ok(Vec::new()));
}
