//! Lines to write, counted the same way for everybody.

use std::path::PathBuf;

/// What counts: every line up to the tests, but no blank ones and no comments.
/// Doc comments of items count: in some frameworks they are the descriptions
/// that a user reads. Those of the file itself (`//!`) do not.
pub fn count(files: &[PathBuf]) -> Result<usize, String> {
    let mut lines = 0;
    for file in files {
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        lines += text
            .lines()
            .map(str::trim)
            .take_while(|line| !line.starts_with("#[cfg(test)]"))
            .filter(|line| !line.is_empty() && (!is_comment(line) || line.starts_with("///")))
            .count();
    }
    Ok(lines)
}

fn is_comment(line: &str) -> bool {
    line.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn descriptions_and_code_count_comments_blanks_and_tests_do_not() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("resource.rs");
        let text = "//! The file.\n\nuse a::b;\n/// A bucket.\nstruct Bucket {\n    // Why.\n    \
                    /// ID.\n    id: u8, // trailing\n}\n\n#[cfg(test)]\nmod tests {}\n";
        std::fs::write(&file, text).unwrap();
        assert_eq!(count(&[file]), Ok(6));
    }
}
