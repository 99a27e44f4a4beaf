//! The documents: the README is short, and links lead to something.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Where files that are not in the package are found from outside the repository.
const REPOSITORY: &str = "https://github.com/roomcall/roomcall/";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The documents of the root, of `docs` and of `spec`, with their paths.
fn documents() -> Vec<(PathBuf, String)> {
    let mut documents = Vec::new();
    for folder in ["", "docs", "spec", "spec/tables"] {
        for path in fs::read_dir(root().join(folder)).unwrap().map(|it| it.unwrap().path()) {
            if path.extension().is_some_and(|extension| extension == "md") {
                let text = fs::read_to_string(&path).unwrap();
                documents.push((path, text));
            }
        }
    }
    documents
}

/// The targets of links: `[text](target)` and `[name]: target`.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let inline = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let named = text.lines().filter_map(|line| line.strip_prefix('[')?.split("]: ").nth(1));
    inline.chain(named)
}

/// The anchor that a heading of a document has.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
    heading.trim().to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
}

/// Why a link from a folder leads nowhere.
fn problem(folder: &Path, target: &str) -> Option<String> {
    let inside = target.strip_prefix(REPOSITORY).and_then(|path| {
        path.strip_prefix("blob/main/").or_else(|| path.strip_prefix("tree/main/"))
    });
    let (folder, target) = match inside {
        Some(path) => (root(), path),
        None if target.starts_with("http") => return None,
        None => (folder, target),
    };
    let (path, wanted) = target.split_once('#').unwrap_or((target, ""));
    let path = folder.join(path);
    if !path.exists() {
        return Some(format!("there is no {}", path.display()));
    }
    let text = fs::read_to_string(&path).unwrap_or_default();
    let mut headings = text.lines().filter_map(|line| line.strip_prefix('#'));
    let is_there = wanted.is_empty()
        || headings.any(|heading| anchor(heading.trim_start_matches('#')) == wanted);
    (!is_there).then(|| format!("{} has no heading {wanted}", path.display()))
}

#[test]
fn the_readme_is_short() {
    let words = fs::read_to_string(root().join("README.md")).unwrap().split_whitespace().count();
    assert!(words < 1_200, "{words} words: move some of it to docs/");
}

#[test]
fn links_lead_somewhere() {
    let (mut count, mut broken) = (0, Vec::new());
    for (document, text) in documents() {
        for target in targets(&text) {
            count += 1;
            if let Some(problem) = problem(document.parent().unwrap(), target) {
                broken.push(format!("{}: {problem}", document.display()));
            }
        }
    }
    assert!(count > 100, "only {count} links found");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Outside the repository there is only what the package includes.
#[test]
fn the_readme_links_to_the_package_or_by_url() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let include = manifest.lines().find(|line| line.starts_with("include = ")).unwrap();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for target in targets(&readme).filter(|target| !target.starts_with("http")) {
        let first = target.split(['/', '#']).next().unwrap();
        let is_included =
            include.contains(&format!("\"{first}\"")) || first.starts_with("LICENSE-");
        assert!(is_included, "{target} is not in the package: link to {REPOSITORY}");
    }
}
