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
