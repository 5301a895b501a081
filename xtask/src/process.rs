//! Running other programs: their output is shown or kept, and a failure names the command.

use std::process::{Command, Stdio};

use anyhow::{ensure, Context, Result};

/// Runs `command` with its output on ours.
///
/// # Errors
///
/// The command cannot be started, or it ends with a code other than 0.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    println!("$ {line}");
    let status = command
        .status()
        .with_context(|| format!("cannot start `{line}`"))?;
    ensure!(status.success(), "`{line}` ended with {status}");
    Ok(())
}

/// Runs `command` and returns what it printed; its messages go to ours.
///
/// # Errors
///
/// The command cannot be started, ends with a code other than 0, or prints what is not UTF-8.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let line = describe(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{line}`"))?;
    ensure!(
        output.status.success(),
        "`{line}` ended with {}",
        output.status
    );
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed no UTF-8"))
}

/// The command as a user would type it.
fn describe(command: &Command) -> String {
    let words = [command.get_program()]
        .into_iter()
        .chain(command.get_args());
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_other_than_zero_is_an_error_that_names_the_command() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert!(error.to_string().contains("`sh -c exit 3` ended with"));
    }

    #[test]
    fn the_printed_text_comes_back() {
        assert_eq!(output(Command::new("echo").arg("heap")).unwrap(), "heap\n");
    }
}
