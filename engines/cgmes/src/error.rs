//! Why files cannot be read: what, where and what to do.

use thiserror::Error;

/// Why files give no model at all. Poor data are no error: they are findings of the import.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing was given, or only empty files and packages.
    #[error("nothing to read, the files are empty: give a package, or the files of one model")]
    Nothing,
    /// Files that are a model each.
    #[error("{first} and {second} are a model each: give the files of one model")]
    SeveralModels {
        /// One of them.
        first: String,
        /// Another.
        second: String,
    },
    /// A package that is no zip file, or a damaged one.
    #[error("cannot unpack {file}: {reason}; the package is damaged or cut off, get it again")]
    Package {
        /// The package.
        file: String,
        /// What the unpacker says.
        reason: String,
    },
    /// Content that grows beyond what was allowed, as a zip bomb does.
    #[error("{file} unpacks to more than {limit_mib} MiB: raise the limit if that is meant")]
    TooLarge {
        /// The file that crossed the limit.
        file: String,
        /// The limit that was crossed.
        limit_mib: u64,
    },
    /// A small file that unpacks to a giant.
    #[error(
        "{file} unpacks to more than {ratio} times its packed size: this looks like a zip bomb and was not read"
    )]
    Inflated {
        /// The packed file.
        file: String,
        /// The highest ratio that is read.
        ratio: u64,
    },
    /// Packages in packages in packages.
    #[error("{file} lies in more than {levels} packages: unpack it first")]
    TooDeep {
        /// The innermost package.
        file: String,
        /// Levels that are opened.
        levels: usize,
    },
    /// More files than any model has.
    #[error("more than {limit} files: give the files of one model")]
    TooMany {
        /// Files that are read.
        limit: usize,
    },
    /// Text in another encoding than UTF-8.
    #[error("{file} is written in {found}: save it as UTF-8")]
    Encoding {
        /// The file.
        file: String,
        /// The encoding it has or says to have.
        found: String,
    },
    /// Something that is not what the format asks for.
    #[error("{file}, line {line}: {reason}")]
    Syntax {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// No format was recognised.
    #[error("cannot tell what {file} is: it opens neither as CIM/XML nor as a file of another known tool")]
    Unknown {
        /// The first of the files.
        file: String,
    },
    /// A file of the native format that cannot be read.
    #[error("{file}, {reason}")]
    Native {
        /// The file.
        file: String,
        /// What is wrong and where.
        reason: String,
    },
    /// CIM files without the equipment.
    #[error("the files hold no equipment (EQ) profile: add the file with EQ in its name")]
    NoEquipment,
    /// CIM files of a bus-branch model without its buses.
    #[error("the files say nowhere where equipment is connected: add the file with TP in its name")]
    NoTopology,
}

impl Error {
    /// A breach of a format's rules.
    pub(crate) fn syntax(file: &str, line: usize, reason: impl Into<String>) -> Self {
        Self::Syntax { file: file.to_owned(), line, reason: reason.into() }
    }
}
