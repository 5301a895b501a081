//! The README's commands, run word for word.

use std::{
    fs,
    process::{Command, Stdio},
};

use anyhow::{ensure, Context, Result};

use crate::{process, workspace::Workspace};

/// Runs the command that tests the project.
pub(super) fn test(workspace: &Workspace) -> Result<()> {
    process::run(&mut command(workspace, "cargo test")?)
}

/// Runs the command that does the main job; it must print something.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let mut command = command(workspace, "cargo run --release")?;
    let printed = process::output(command.stdout(Stdio::piped()))?;
    print!("{printed}");
    ensure!(!printed.trim().is_empty(), "the command printed nothing");
    Ok(())
}

/// The README's command that begins with `beginning`.
fn command(workspace: &Workspace, beginning: &str) -> Result<Command> {
    let readme =
        fs::read_to_string(workspace.root().join("README.md")).context("there is no README.md")?;
    let line = find(&readme, beginning)
        .with_context(|| format!("README.md has no fenced block with `{beginning}`"))?;
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(workspace.root());
    Ok(command)
}

/// The first line of a fenced block of `text` that is `beginning`, or goes on after a space.
fn find<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    let mut is_fenced = false;
    text.lines().map(str::trim).find(|line| {
        let is_fence = line.starts_with("```");
        is_fenced ^= is_fence;
        let rest = line.strip_prefix(beginning);
        is_fenced && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_stands_in_a_fenced_block() {
        let text = "cargo test --not\n```sh\ncargo run\n  cargo test  # all\n```\n";
        assert_eq!(find(text, "cargo test"), Some("cargo test  # all"));
        assert_eq!(find(text, "cargo run --release"), None);
    }

    #[test]
    fn a_longer_word_is_another_command() {
        assert_eq!(find("```\ncargo test32\n```", "cargo test"), None);
        assert_eq!(find("```\n```\ncargo test\n", "cargo test"), None);
    }
}
