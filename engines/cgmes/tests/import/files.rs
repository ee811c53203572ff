//! Where the files are: small ones beside the tests, big ones in a folder that may be missing.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::{env, fs};

use cgmes::{Error, Import, Options, Source, open};
use zip::ZipArchive;

/// Files of one model by name.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// The files of a case kept beside the tests.
pub(crate) fn case(name: &str) -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(name);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.file_name().is_some_and(|name| name != "SOURCE.md"));
    paths.sort();
    paths.iter().map(|path| (label(path), fs::read(path).unwrap())).collect()
}

/// Reference files too big to be kept here, by their paths below `data/grid/cgmes`; `None`, said aloud, without them.
pub(crate) fn reference(paths: &[&str]) -> Option<Files> {
    let folder = reference_folder("cgmes")?;
    Some(paths.iter().map(|path| ((*path).to_owned(), fs::read(folder.join(path)).unwrap())).collect())
}

/// A folder of reference files, by its path below `data/grid`; `None`, said aloud, where it is not at hand.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn reference_folder(path: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/grid");
    let folder = env::var_os("QUORATE_GRID_DATA").map_or_else(beside, PathBuf::from).join(path);
    if !folder.is_dir() {
        eprintln!("skipped: no folder {} (set QUORATE_GRID_DATA)", folder.display());
        return None;
    }
    Some(folder)
}

/// The files inside packages, so that what is changed in them reaches the parsers and not only the unpacker.
pub(crate) fn unpacked(files: &Files) -> Files {
    let mut all = Vec::new();
    for (name, bytes) in files {
        let Ok(mut package) = ZipArchive::new(Cursor::new(bytes)) else {
            all.push((name.clone(), bytes.clone()));
            continue;
        };
        for number in 0..package.len() {
            let mut entry = package.by_index(number).unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            // Drawings and state variables are passed over unread.
            if !["_DL_", "_SV_", "_GL_"].iter().any(|part| entry.name().unwrap().contains(part)) {
                all.push((entry.name().unwrap().into_owned(), content));
            }
        }
    }
    all
}

/// Imports files as one model.
pub(crate) fn import(files: &Files) -> Result<Import, Error> {
    let sources: Vec<Source<'_>> = files.iter().map(|(name, bytes)| Source::new(name, bytes)).collect();
    open(&sources, &Options::default())
}

fn label(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The most memory this process has had, where the system tells.
pub(crate) fn peak_memory_mib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib >> 10)
}
