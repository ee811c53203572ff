//! Names say what a thing is: none of the words that fit everything.

use anyhow::Result;

use super::Fault;
use super::tree::{File, Tree};

const FILE_NAMES: &[&str] =
    &["util", "utils", "common", "helper", "helpers", "misc", "shared", "base", "mod", "prelude"];
const TYPE_ENDINGS: &[&str] = &["Manager", "Helper", "Processor", "Impl", "Dto", "DTO", "Info"];
const TYPE_WORDS: &[&str] = &["struct", "enum", "trait", "type", "class", "interface"];
const FUNCTION_STARTS: &[&str] = &["do_", "handle_"];

pub(super) fn check(tree: &Tree) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for file in tree.files() {
        if ["rs", "ts", "svelte"].iter().any(|extension| file.has_extension(extension)) {
            faults.extend(path_fault(file));
            faults.extend(file.lines().filter_map(|(number, line)| line_fault(&file.path, number, line)));
        }
    }
    Ok(faults)
}

fn path_fault(file: &File) -> Option<Fault> {
    let part =
        file.path.split('/').find(|part| FILE_NAMES.contains(&part.split('.').next().unwrap_or(part)))?;
    Some(Fault::of_file(&file.path, format!("`{part}` could hold anything: name the notion")))
}

fn line_fault(path: &str, number: usize, line: &str) -> Option<Fault> {
    let mut words =
        line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty());
    // Declarations start a line, after `pub`, `pub(crate)`, `export`, `async` and the like.
    let keyword = words.by_ref().find(|word| {
        !matches!(
            *word,
            "pub" | "crate" | "super" | "export" | "default" | "async" | "const" | "declare" | "abstract"
        )
    })?;
    let name = words.next()?;
    if TYPE_WORDS.contains(&keyword)
        && TYPE_ENDINGS.iter().any(|ending| name.ends_with(ending) && name != *ending)
    {
        return Some(Fault::at_line(path, number, format!("type `{name}`: say what it is")));
    }
    if matches!(keyword, "fn" | "function") && FUNCTION_STARTS.iter().any(|start| name.starts_with(start)) {
        return Some(Fault::at_line(path, number, format!("function `{name}`: say what it does")));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_names_that_fit_everything() {
        let tree = Tree::of(&[
            ("app/src/utils.rs", "//! Things.\n"),
            ("app/src/shared/x.rs", "//! Things.\n"),
            ("app/src/a.rs", "//! A.\npub(crate) struct JobManager;\nfn do_it() {}\n"),
            ("ui/src/b.ts", "// B.\nexport interface FitDto {}\n"),
        ]);
        assert_eq!(check(&tree).unwrap().len(), 5);
    }

    #[test]
    fn accepts_plain_names() {
        let tree = Tree::of(&[(
            "app/src/basement.rs",
            "//! A.\nstruct Formula;\nimpl Formula {}\nfn documents() {}\n",
        )]);
        assert_eq!(check(&tree).unwrap(), []);
    }
}
