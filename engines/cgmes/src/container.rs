//! Opens what a model comes in: files, zip packages, packages in packages, within limits.
//!
//! Content is handed on as a stream, so that a package never unpacks into memory: a file that grows beyond the limits stops
//! where it crosses them.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::Error;

/// A file by its name and its content; the name is for messages and for telling files apart.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// How the file is called.
    pub name: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
}

impl<'a> Source<'a> {
    /// A file by its name and its content.
    pub fn new(name: &'a str, bytes: &'a [u8]) -> Self {
        Self { name, bytes }
    }
}

/// What may be unpacked and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all files together, unpacked.
    pub bytes: u64,
    /// How many times larger than packed a file may be, once it is past [`Limits::GRACE`] bytes.
    pub ratio: u64,
    /// Levels of packages in packages.
    pub levels: usize,
    /// Files of all packages together.
    pub files: usize,
    /// Bytes of one name, value or tag, and of one file that cannot be read as a stream.
    pub piece: u64,
}

impl Limits {
    /// Bytes below which the ratio is not looked at: short texts pack very well.
    pub const GRACE: u64 = 4 << 20;
}

impl Default for Limits {
    /// 4 GiB in 1000 files; XML of grids packs to a tenth or a thirtieth, never to a two hundredth.
    fn default() -> Self {
        Self { bytes: 4 << 30, ratio: 200, levels: 3, files: 1000, piece: 256 << 20 }
    }
}

/// What is done with a file: its name, its content as a stream.
pub(crate) type Reading<'r> = dyn FnMut(&str, &mut dyn BufRead) -> Result<(), Error> + 'r;

/// Hands every file to `read`, in the order of the sources and of their packages.
pub(crate) fn each_file(sources: &[Source<'_>], limits: Limits, read: &mut Reading<'_>) -> Result<(), Error> {
    let budget = Budget { limits, left: Cell::new(limits.bytes), files: Cell::new(0) };
    sources.iter().try_for_each(|source| budget.open(source.name, source.bytes, 0, read))
}

/// Whether bytes open like a zip package, an empty one included.
pub(crate) fn is_package(start: &[u8]) -> bool {
    start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06")
}

/// Why a stream was stopped, carried through `io::Error` to whoever reads.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub(crate) struct Stopped(pub(crate) Error);

/// What went wrong while a file was read: a limit that was crossed, or a damaged package.
pub(crate) fn explain(file: &str, error: &io::Error) -> Error {
    let own = error.get_ref().and_then(|inner| inner.downcast_ref::<Stopped>());
    own.map_or_else(
        || Error::Package { file: file.to_owned(), reason: error.to_string() },
        |Stopped(error)| error.clone(),
    )
}

/// What is left of the limits.
struct Budget {
    limits: Limits,
    left: Cell<u64>,
    files: Cell<usize>,
}

impl Budget {
    fn open(&self, name: &str, bytes: &[u8], level: usize, read: &mut Reading<'_>) -> Result<(), Error> {
        if is_package(bytes) {
            return self.unpack(name, bytes, level, read);
        }
        self.count_file()?;
        self.spend(name, bytes.len() as u64)?;
        read(name, &mut &*bytes)
    }

    fn unpack(&self, name: &str, bytes: &[u8], level: usize, read: &mut Reading<'_>) -> Result<(), Error> {
        if level == self.limits.levels {
            return Err(Error::TooDeep { file: name.to_owned(), levels: level });
        }
        let damaged = |error: ZipError| Error::Package { file: name.to_owned(), reason: error.to_string() };
        let mut package = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        for index in 0..package.len() {
            let entry = package.by_index(index).map_err(damaged)?;
            if entry.is_dir() {
                continue;
            }
            let inner = format!("{name}/{}", String::from_utf8_lossy(entry.name_raw()));
            let packed = entry.compressed_size();
            self.unpack_file(
                &inner,
                Meter { inner: entry, name: &inner, packed, read: 0, budget: self },
                level,
                read,
            )?;
        }
        Ok(())
    }

    fn unpack_file(
        &self,
        name: &str,
        file: impl Read,
        level: usize,
        read: &mut Reading<'_>,
    ) -> Result<(), Error> {
        let mut stream = BufReader::with_capacity(1 << 17, file);
        let is_inner_package = is_package(stream.fill_buf().map_err(|error| explain(name, &error))?);
        if is_inner_package {
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).map_err(|error| explain(name, &error))?;
            return self.unpack(name, &bytes, level + 1, read);
        }
        self.count_file()?;
        read(name, &mut stream)
    }

    fn count_file(&self) -> Result<(), Error> {
        self.files.set(self.files.get() + 1);
        if self.files.get() > self.limits.files {
            return Err(Error::TooMany { limit: self.limits.files });
        }
        Ok(())
    }

    fn spend(&self, name: &str, bytes: u64) -> Result<(), Error> {
        let left = self.left.get().checked_sub(bytes);
        self.left.set(left.unwrap_or(0));
        left.map(|_| ())
            .ok_or_else(|| Error::TooLarge { file: name.to_owned(), limit_mib: self.limits.bytes >> 20 })
    }
}

/// A packed file being read, counted against the limits.
struct Meter<'m, R> {
    inner: R,
    name: &'m str,
    packed: u64,
    read: u64,
    budget: &'m Budget,
}

impl<R: Read> Read for Meter<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read += count as u64;
        self.budget.spend(self.name, count as u64).map_err(|error| io::Error::other(Stopped(error)))?;
        let ratio = self.budget.limits.ratio;
        if self.read > Limits::GRACE && self.read / ratio > self.packed {
            let file = self.name.to_owned();
            return Err(io::Error::other(Stopped(Error::Inflated { file, ratio })));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
