//! A member's manifest, made to stand alone: what it takes from the workspace becomes literal.

use anyhow::{Context, Result};
use toml_edit::{DocumentMut, Item, Table, TableLike};

/// Tables that an old cargo does not know, or that only tests need.
const DROPPED: [&str; 5] = ["lints", "dev-dependencies", "test", "bench", "example"];

/// A manifest that needs no workspace.
pub(super) struct Manifest {
    pub(super) text: String,
    /// Whether it names a dependency, optional ones included.
    pub(super) has_dependencies: bool,
    /// What its tests depended on before these were dropped.
    pub(super) test_dependencies: Vec<String>,
}

impl Manifest {
    /// Rewrites the manifest `inner` of a member of the workspace whose manifest is `outer`.
    pub(super) fn stand_alone(inner: &str, outer: &str) -> Result<Self> {
        let mut document: DocumentMut = inner.parse()?;
        let outer: DocumentMut = outer.parse()?;
        let shared = |key: &str| outer.get("workspace")?.get(key)?.as_table_like();
        let test_dependencies = keys(document.get("dev-dependencies"));
        for key in DROPPED {
            document.remove(key);
        }
        inherit(document.get_mut("package"), shared("package"))?;
        let mut has_dependencies = false;
        for table in dependency_tables(&mut document) {
            has_dependencies |= !keys(Some(table)).is_empty();
            inherit(Some(table), shared("dependencies"))?;
        }
        document["workspace"] = Item::Table(Table::new());
        Ok(Self {
            text: document.to_string(),
            has_dependencies,
            test_dependencies,
        })
    }
}

/// The names in a table.
fn keys(table: Option<&Item>) -> Vec<String> {
    let table = table.and_then(Item::as_table_like);
    table.map_or_else(Vec::new, |it| {
        it.iter().map(|(key, _)| key.to_owned()).collect()
    })
}

/// The tables of dependencies, for all targets and for some.
fn dependency_tables(document: &mut DocumentMut) -> Vec<&mut Item> {
    let mut tables = Vec::new();
    for (key, item) in document.iter_mut() {
        match key.get() {
            "dependencies" | "build-dependencies" => tables.push(item),
            "target" => {
                let targets = item.as_table_like_mut().into_iter();
                for (_, target) in targets.flat_map(TableLike::iter_mut) {
                    if let Some(table) = target.get_mut("dependencies") {
                        tables.push(table);
                    }
                }
            }
            _ => {}
        }
    }
    tables
}

/// Replaces each entry that says `workspace = true` by the workspace's; what it says beside stays.
fn inherit(table: Option<&mut Item>, shared: Option<&dyn TableLike>) -> Result<()> {
    let Some(table) = table.and_then(Item::as_table_like_mut) else {
        return Ok(());
    };
    for (key, item) in table.iter_mut() {
        let is_inherited = item.get("workspace").and_then(Item::as_bool) == Some(true);
        if is_inherited {
            let value = shared.and_then(|it| it.get(key.get()));
            let value = value.with_context(|| format!("the workspace has no `{}`", key.get()))?;
            let own = core::mem::replace(item, value.clone());
            join(item, &own);
        }
    }
    Ok(())
}

/// Adds to `item` what `own` says beside `workspace = true`.
fn join(item: &mut Item, own: &Item) {
    let own = own.as_table_like().into_iter().flat_map(TableLike::iter);
    for (key, value) in own.filter(|(key, _)| *key != "workspace") {
        if let Some(version) = item.as_value().filter(|it| it.is_str()).cloned() {
            let mut table = toml_edit::InlineTable::new();
            table.insert("version", version);
            *item = toml_edit::value(table);
        }
        item[key] = value.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTER: &str = "[workspace.package]\nedition = \"2021\"\nlicense = \"MIT\"\n\
        [workspace.dependencies]\na = \"1\"\nb = { version = \"2\", default-features = false }\n";

    fn stand_alone(inner: &str) -> Manifest {
        Manifest::stand_alone(inner, OUTER).unwrap()
    }

    #[test]
    fn what_the_package_takes_from_the_workspace_becomes_literal() {
        let inner = "[package]\nname = \"x\"\nedition.workspace = true\n\
            license = { workspace = true }\n[lints]\nworkspace = true\n";
        let document: DocumentMut = stand_alone(inner).text.parse().unwrap();
        assert_eq!(document["package"]["edition"].as_str(), Some("2021"));
        assert_eq!(document["package"]["license"].as_str(), Some("MIT"));
        assert!(document.get("lints").is_none());
        assert!(document.get("workspace").is_some());
    }

    #[test]
    fn a_dependency_keeps_what_it_says_itself() {
        let inner =
            "[target.'cfg(unix)'.dependencies]\na = { workspace = true, optional = true }\n\
            [dependencies]\nb.workspace = true\n";
        let manifest = stand_alone(inner);
        let document: DocumentMut = manifest.text.parse().unwrap();
        let a = &document["target"]["cfg(unix)"]["dependencies"]["a"];
        assert_eq!(a["version"].as_str(), Some("1"));
        assert_eq!(a["optional"].as_bool(), Some(true));
        assert_eq!(
            document["dependencies"]["b"]["default-features"].as_bool(),
            Some(false)
        );
        assert!(manifest.has_dependencies);
    }

    #[test]
    fn dependencies_of_tests_are_dropped_and_told() {
        let manifest = stand_alone("[dev-dependencies]\nrlsf_testkit = { path = \"../t\" }\n");
        assert_eq!(manifest.test_dependencies, ["rlsf_testkit"]);
        assert!(!manifest.text.contains("testkit"));
        assert!(!manifest.has_dependencies);
    }

    #[test]
    fn a_missing_value_in_the_workspace_is_an_error() {
        let inner = "[package]\nversion.workspace = true\n";
        assert!(Manifest::stand_alone(inner, OUTER).is_err());
    }
}
