//! The examples of a resource, each under a heading of its own.
//!
//! An example says itself what it shows, in the comment that it starts with:
//! a heading, an empty comment line, and an introduction.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// One example.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Example {
    pub(super) heading: String,
    pub(super) introduction: String,
    pub(super) code: String,
}

/// The examples in a resource's folder: `resource.tf`, then `main.tf` of every
/// folder in it, by name.
///
/// # Errors
/// A file that cannot be read, or one of several that starts with no heading.
pub(super) fn all(folder: &Path) -> anyhow::Result<Vec<Example>> {
    let files = std::iter::once(folder.join("resource.tf")).chain(kinds(folder)?);
    let mut found = Vec::new();
    for file in files {
        if let Some(text) = read(&file)? {
            found.push((file, parse(&text)));
        }
    }
    if let Some((file, _)) = found.iter().find(|(_, example)| example.heading.is_empty())
        && found.len() > 1
    {
        bail!("{} starts with no heading: a comment line and an empty one", file.display());
    }
    Ok(found.into_iter().map(|(_, example)| example).collect())
}

fn kinds(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        files.push(entry?.path().join("main.tf"));
    }
    files.sort();
    Ok(files.into_iter().filter(|file| file.is_file()).collect())
}

/// Takes heading and introduction off the code. A comment of another shape
/// belongs to the code.
fn parse(text: &str) -> Example {
    let comment = text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim);
    let comment = comment.collect::<Vec<_>>();
    match comment.as_slice() {
        [heading, "", introduction @ ..] if !heading.is_empty() => {
            let code = text.lines().skip(comment.len()).collect::<Vec<_>>().join("\n");
            Example {
                heading: (*heading).to_owned(),
                introduction: introduction.join("\n"),
                code: code.trim().to_owned(),
            }
        }
        _ => Example {
            heading: String::new(),
            introduction: String::new(),
            code: text.trim().to_owned(),
        },
    }
}

/// A file's text, if there is such a file.
///
/// # Errors
/// One that exists but cannot be read.
pub(super) fn read(file: &Path) -> anyhow::Result<Option<String>> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text.replace("\r\n", "\n"))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = dir.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        dir
    }

    #[test]
    fn the_first_comment_is_heading_and_introduction() {
        let example = parse("# Small\n#\n# Two nodes,\n# no more.\n\n# Code.\na = 1\n");
        assert_eq!(example.heading, "Small");
        assert_eq!(example.introduction, "Two nodes,\nno more.");
        assert_eq!(example.code, "# Code.\na = 1");
    }

    #[test]
    fn another_comment_stays_in_the_code() {
        for text in ["# What follows\n# is code.\na = 1", "#\n#\na = 1", "a = 1"] {
            let example = parse(text);
            assert_eq!((example.heading.as_str(), example.code.as_str()), ("", text));
        }
    }

    #[test]
    fn resource_comes_first_and_the_kinds_follow_by_name() {
        let dir = folder(&[
            ("zebra/main.tf", "# Z\n#\n"),
            ("bear/main.tf", "# B\n#\n"),
            ("bear/variables.tf", "# V\n#\n"),
            ("resource.tf", "# R\n#\n"),
            ("import.tf", "import {}"),
        ]);
        let found = all(dir.path()).unwrap();
        let headings = found.iter().map(|example| example.heading.as_str()).collect::<Vec<_>>();
        assert_eq!(headings, ["R", "B", "Z"]);
    }

    #[test]
    fn only_a_lone_example_needs_no_heading() {
        let lone = folder(&[("resource.tf", "a = 1")]);
        assert_eq!(all(lone.path()).unwrap().len(), 1);
        let two = folder(&[("resource.tf", "# R\n#\n"), ("bear/main.tf", "a = 1")]);
        let error = all(two.path()).unwrap_err().to_string();
        assert!(error.contains("bear") && error.contains("no heading"), "{error}");
        assert_eq!(all(&two.path().join("none")).unwrap(), vec![]);
    }
}
