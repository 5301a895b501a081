//! `cargo xtask tables`: the tables of the documents, made from the results that the benchmarks left.
//!
//! `bench/results/*.jsonl` is what runs have written. Each has a document with all of its tables beside it, and
//! `bench/tables.toml` says which figures stand in which other documents. No figure is typed by hand.

mod document;
mod spec;

use std::{collections::BTreeMap, fs, io::BufReader};

use anyhow::{ensure, Context, Result};
use rlsf_bench_report::Report;

use crate::{debian::entries, workspace::Workspace};
use spec::Spec;

/// Where the results are.
const RESULTS: &str = "bench/results";

/// What `cargo xtask tables` is asked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Change nothing, and fail if a document differs from the results
    #[arg(long)]
    check: bool,
}

/// Puts the figures into the documents, or compares them.
///
/// # Errors
///
/// A result or a document cannot be read, a figure is missing, or a document differs.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let documents = documents(workspace)?;
    let stale: Vec<_> = documents.iter().filter(|it| it.is_stale()).collect();
    for Document { path, text, .. } in &stale {
        if options.check {
            println!("{path} differs from the results");
        } else {
            fs::write(workspace.root().join(path), text)?;
            println!("{path} is written");
        }
    }
    ensure!(
        stale.is_empty() || !options.check,
        "{} document(s) differ; `cargo xtask tables` puts them right",
        stale.len()
    );
    println!("tables: {} documents", documents.len());
    Ok(())
}

/// The documents that differ from the results.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn stale(workspace: &Workspace) -> Result<Vec<String>> {
    let documents = documents(workspace)?;
    let stale = documents.into_iter().filter(Document::is_stale);
    Ok(stale.map(|document| document.path).collect())
}

/// A document as it is and as it should be.
struct Document {
    path: String,
    written: String,
    text: String,
}

impl Document {
    fn is_stale(&self) -> bool {
        self.written != self.text
    }
}

/// All documents with figures.
fn documents(workspace: &Workspace) -> Result<Vec<Document>> {
    let read = |path: &str| fs::read_to_string(workspace.root().join(path));
    let reports = reports(workspace)?;
    let mut documents = Vec::new();
    for (name, report) in &reports {
        let path = format!("{RESULTS}/{name}.md");
        documents.push(Document {
            written: read(&path).unwrap_or_default(),
            text: report.to_markdown(),
            path,
        });
    }
    let spec = Spec::read(workspace)?;
    for path in spec.documents() {
        let written = read(path).with_context(|| path.to_owned())?;
        let mut text = written.clone();
        for table in spec.tables_of(path) {
            let figures = table.fill(&reports)?;
            let replaced = document::replace(&text, &table.name, &figures);
            text = replaced.with_context(|| format!("{path} has no place for {}", table.name))?;
        }
        documents.push(Document {
            path: path.to_owned(),
            written,
            text,
        });
    }
    Ok(documents)
}

/// The results, by the names of their files.
fn reports(workspace: &Workspace) -> Result<BTreeMap<String, Report>> {
    let mut reports = BTreeMap::new();
    for path in entries(&workspace.root().join(RESULTS))? {
        if path.extension().is_some_and(|it| it == "jsonl") {
            let file = BufReader::new(fs::File::open(&path)?);
            let report = Report::read_lines(file).with_context(|| path.display().to_string())?;
            let name = path.file_stem().context("a file has a name")?;
            reports.insert(name.to_string_lossy().into_owned(), report);
        }
    }
    Ok(reports)
}
