//! The layers of `ARCHITECTURE.md`: which part of `src` may import which.

use std::collections::BTreeSet;
use std::path::Path;
use std::{env, fs};

/// Each layer, from the lowest, and the layers that it imports, which all come before it: so there
/// are no circles. A module may use its own children, whatever their layer.
const LAYERS: [(&str, &[&str]); 9] = [
    ("domain", &[]),
    ("collections", &["domain"]),
    ("registry", &["domain", "collections"]),
    // Of the registry it knows the error only, which it gives a code and a text.
    ("protocol", &["domain", "registry"]),
    ("state", &["domain", "collections", "registry"]),
    ("switchboard", &["domain", "collections", "registry", "state"]),
    // What of the switchboard speaks names: the form by name, snapshots, digests of commands.
    ("names", &["domain", "collections", "registry", "protocol", "state", "switchboard"]),
    ("handset", &["domain", "protocol"]),
    ("journal", &["domain", "protocol", "switchboard"]),
];

/// The layer of a module or of something in it.
fn layer(path: &[String]) -> &'static str {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let name = match path[..] {
        ["switchboard", "state", ..] => "state",
        ["switchboard", "named" | "snapshot" | "digest", ..]
        | ["switchboard", "requests", "digest", ..] => "names",
        [first, ..] => first,
        [] => panic!("an import of nothing"),
    };
    let found = LAYERS.iter().map(|(layer, _)| *layer).find(|layer| *layer == name);
    found.unwrap_or_else(|| panic!("{path:?} is in no layer"))
}

/// Every source file but the root and the unit tests: its module, and its code without comments.
fn sources() -> Vec<(Vec<String>, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut sources) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("tests.rs") && path != root.join("lib.rs") {
                sources.push((module(path.strip_prefix(&root).unwrap()), code(&path)));
            }
        }
    }
    sources
}

fn module(path: &Path) -> Vec<String> {
    let mut module: Vec<String> =
        path.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    module
}

fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// What the root exports, and where it is from: `use crate::Tick` is an import of `domain::time`.
fn exports() -> Vec<Vec<String>> {
    let root = code(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"));
    let mut exports = Vec::new();
    for export in root.split("pub use ").skip(1) {
        expand(export.split(';').next().unwrap(), &[], &mut exports);
    }
    exports
}

/// The paths of a tree of imports: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expand(tree: &str, before: &[String], paths: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    let end = tree.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(tree.len());
    let (name, rest) = tree.split_at(end);
    let mut path = before.to_vec();
    path.extend((!name.is_empty()).then(|| name.to_owned()));
    if let Some(rest) = rest.strip_prefix("::") {
        return expand(rest, &path, paths);
    }
    let Some(list) = rest.strip_prefix('{').filter(|_| name.is_empty()) else {
        return paths.push(path);
    };
    let (mut depth, mut start) = (0_u32, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                if !list[start..at].trim().is_empty() {
                    expand(&list[start..at], &path, paths);
                }
                start = at + 1;
                if c == '}' {
                    return;
                }
            }
            _ => {}
        }
    }
}

/// The absolute paths that a module names by `crate::` and `super::`, without `crate`.
fn imports(module: &[String], code: &str, exports: &[Vec<String>]) -> Vec<Vec<String>> {
    let mut relative = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = &code[..at];
            let is_inside = before.ends_with(|c: char| c == ':' || c == '_' || c.is_alphanumeric());
            // `pub(in crate::a)` says who may see it, and imports nothing.
            if !is_inside && !before.ends_with("(in ") {
                expand(&code[at..], &[], &mut relative);
            }
        }
    }
    let absolute = relative.into_iter().map(|path| {
        let up = path.iter().take_while(|part| *part == "super").count();
        let base = if up > 0 { &module[..module.len() - up] } else { &[] };
        let rest = path.iter().filter(|part| !["super", "crate"].contains(&part.as_str()));
        [base, &rest.cloned().collect::<Vec<_>>()].concat()
    });
    // `super::*` names nothing that is not in the module already.
    let named = absolute.filter(|path| !path.is_empty() && *path != module[..module.len() - 1]);
    let resolved = named.map(|path| {
        let is_export = |export: &&Vec<String>| export.last() == path.first();
        exports.iter().find(is_export).cloned().unwrap_or(path)
    });
    resolved.collect()
}

#[test]
fn layers_import_lower_layers_only() {
    let exports = exports();
    let (mut seen, mut wrong) = (BTreeSet::new(), Vec::new());
    for (module, code) in sources() {
        let from = layer(&module);
        let allowed = LAYERS.iter().find(|(layer, _)| *layer == from).unwrap().1;
        for import in imports(&module, &code, &exports) {
            let to = layer(&import);
            if to == from || import.starts_with(&module) {
                continue;
            }
            seen.insert((from, to));
            if !allowed.contains(&to) {
                let (module, import) = (module.join("::"), import.join("::"));
                wrong.push(format!("{module} ({from}) imports {import} ({to})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // A layer that is allowed and never imported is a claim about nothing.
    let allowed = LAYERS.iter().flat_map(|(from, to)| to.iter().map(|to| (*from, *to)));
    let unused: Vec<_> = allowed.filter(|edge| !seen.contains(edge)).collect();
    assert!(unused.is_empty(), "never imported: {unused:?}");
}

#[test]
fn layers_stand_in_order() {
    for (place, (layer, imported)) in LAYERS.iter().enumerate() {
        let below: Vec<&str> = LAYERS[..place].iter().map(|(below, _)| *below).collect();
        assert!(imported.iter().all(|it| below.contains(it)), "{layer} imports one above it");
    }
}

#[test]
fn trees_of_imports_are_read() {
    let mut paths = Vec::new();
    expand("a::{b, c::{d, E}, f as g};", &[], &mut paths);
    let paths: Vec<String> = paths.iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["a::b", "a::c::d", "a::c::E", "a::f"]);
}
