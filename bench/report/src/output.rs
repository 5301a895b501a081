//! Which files a report goes to.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::Report;

/// What the command line says of files.
#[derive(Args, Clone, Debug, Default)]
pub struct Output {
    /// Also write the figures to this file: a line of JSON for the run, one a table, one a single run
    #[arg(long, global = true, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Also draw the figures to this file, as SVG
    #[arg(long, global = true, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// Also write a page to this file that has the tables, the charts, the machine and the versions
    #[arg(long, global = true, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Also write the tables to this file, as Markdown
    #[arg(long, global = true, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Fail if a figure of ours is worse than `bench/ceilings.toml` allows
    #[arg(long, global = true)]
    pub check: bool,
}

impl Output {
    /// No file, but a look at the ceilings.
    #[must_use]
    pub fn checked() -> Self {
        Self {
            check: true,
            ..Self::default()
        }
    }
}

/// The files, open.
#[derive(Debug)]
pub struct Files {
    json: Option<File>,
    plot: Option<File>,
    html: Option<File>,
    markdown: Option<File>,
    is_checked: bool,
}

impl Output {
    /// Opens the files, so that a path that is none is told before anything is measured.
    ///
    /// # Errors
    /// A file cannot be created: its path, and why.
    pub fn open(&self) -> io::Result<Files> {
        let open = |path: &Option<PathBuf>| path.as_deref().map(create).transpose();
        Ok(Files {
            json: open(&self.json)?,
            plot: open(&self.plot)?,
            html: open(&self.html)?,
            markdown: open(&self.markdown)?,
            is_checked: self.check,
        })
    }

    /// The same files as a command line, for another program in another directory.
    #[must_use]
    pub fn to_arguments(&self) -> Vec<std::ffi::OsString> {
        let files = [
            ("--json", &self.json),
            ("--plot", &self.plot),
            ("--html", &self.html),
            ("--markdown", &self.markdown),
        ];
        let given = files
            .into_iter()
            .filter_map(|(name, path)| Some([name.into(), absolute(path.as_ref()?).into()]));
        let check = self.check.then(|| "--check".into());
        given.flatten().chain(check).collect()
    }
}

impl Files {
    /// Prints the report, writes it to each file, and compares it with the ceilings.
    ///
    /// # Errors
    /// A file cannot be written, or a figure is worse than it may be.
    pub fn write(self, report: &Report) -> io::Result<()> {
        for table in &report.tables {
            println!("{table}");
        }
        println!("{}", report.describe());
        if let Some(file) = self.json {
            let mut file = BufWriter::new(file);
            report.write_lines(&mut file)?;
            file.flush()?;
        }
        let texts = [
            (self.plot, Report::to_svg as fn(&Report) -> String),
            (self.html, Report::to_html),
            (self.markdown, Report::to_markdown),
        ];
        for (file, text) in texts {
            if let Some(mut file) = file {
                file.write_all(text(report).as_bytes())?;
            }
        }
        if self.is_checked {
            check(report)?;
        }
        Ok(())
    }
}

fn check(report: &Report) -> io::Result<()> {
    let breaches = report.breaches()?;
    if breaches.is_empty() {
        println!("every figure of ours is within bench/ceilings.toml");
        return Ok(());
    }
    Err(io::Error::other(format!(
        "worse than bench/ceilings.toml allows:\n{}",
        breaches.join("\n")
    )))
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn create(path: &Path) -> io::Result<File> {
    File::create(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}
