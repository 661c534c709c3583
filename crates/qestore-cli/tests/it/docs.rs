//! Documents that are made from the program or show what it prints; `QESTORE_REGENERATE=1 cargo test
//! -p qestore-cli docs::` writes them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde_json::Value;

use crate::support::{Bench, ran};

#[test]
fn the_reference_is_what_the_options_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/CLI.md");
    let reference = qestore_cli::reference_markdown();
    #[expect(clippy::disallowed_methods, reason = "a test is an edge")]
    if std::env::var_os("QESTORE_REGENERATE").is_some() {
        fs::write(&path, &reference).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == reference,
        "docs/CLI.md is not what the options are: make it anew with QESTORE_REGENERATE=1"
    );
}

/// Two tests read and write the same page.
static PAGE: Mutex<()> = Mutex::new(());

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name)
}

#[expect(clippy::disallowed_methods, reason = "a test is an edge")]
fn regenerates() -> bool {
    std::env::var_os("QESTORE_REGENERATE").is_some()
}

#[test]
fn the_schema_that_is_published_is_the_one_of_this_version() {
    let path = docs("qestore.schema.json");
    let schema = Bench::new().ok(&["config", "schema"]);
    if regenerates() {
        fs::write(&path, &schema).unwrap();
    }
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let published = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        parsed(&published) == parsed(&schema),
        "docs/qestore.schema.json is old: make it anew with QESTORE_REGENERATE=1"
    );
}

#[test]
fn the_tables_of_the_configuration_are_those_of_the_program() {
    let _alone = PAGE.lock();
    let path = docs("CONFIGURATION.md");
    let mut text = fs::read_to_string(&path).unwrap();
    for (mark, table) in [
        ("keys", qestore_cli::settings_markdown() + "\n"),
        ("variables", qestore_cli::variables_markdown() + "\n"),
    ] {
        let (begin, end) = (
            format!("<!-- {mark}: made -->\n\n"),
            format!("<!-- {mark}: end -->"),
        );
        let from = text.find(&begin).expect("the mark") + begin.len();
        let to = text.find(&end).expect("the mark");
        if regenerates() {
            text.replace_range(from..to, &table);
        } else {
            assert_eq!(
                &text[from..to],
                table,
                "make it anew with QESTORE_REGENERATE=1"
            );
        }
    }
    if regenerates() {
        fs::write(&path, &text).unwrap();
    }
}

/// All variables that the programs read by a name of their own are in the documents.
#[test]
fn every_variable_that_is_read_is_documented() {
    let documented = qestore_cli::variables_markdown();
    let pages = ["CONFIGURATION.md", "CLI.md"].map(|page| fs::read_to_string(docs(page)).unwrap());
    let mut read = BTreeSet::new();
    for folder in ["../qestore-cli/src", "../qestore/src"] {
        gather(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
            &mut read,
        );
    }
    assert!(read.len() > 10, "{read:?}");
    for name in read {
        let row = format!("| `{name}` |");
        assert!(
            documented.contains(&row),
            "{name} is read and not documented"
        );
        assert!(pages.iter().all(|page| page.contains(&row)), "{name}");
    }
}

/// Names of variables in the sources below a folder, but for what CI systems are known by.
fn gather(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("ci") {
                gather(&path, names);
            }
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (at, _) in code.match_indices('"') {
            let rest = &code[at + 1..];
            let Some(word) = rest.split('"').next() else {
                continue;
            };
            let before = code[..at].trim_end();
            let is_name = word.starts_with(|c: char| c.is_ascii_uppercase())
                && word
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
            if is_name
                && (word.starts_with("QE_")
                    || before.ends_with("variable(")
                    || before.ends_with("var_os("))
            {
                names.insert(word.to_owned());
            }
        }
    }
}

/// docs/CONFIGURATION.md shows what is really printed: its first file, and its commands on it.
#[test]
fn what_the_page_shows_is_what_is_printed() {
    let _alone = PAGE.lock();
    let path = docs("CONFIGURATION.md");
    let text = fs::read_to_string(&path).unwrap();
    let block = |text: &str, language: &str| {
        let (_, rest) = text
            .split_once(&format!("```{language}\n"))
            .expect("a block");
        rest.split_once("```").expect("its end").0.to_owned()
    };
    let bench = Bench::new();
    bench.write("qestore.yml", block(&text, "yaml"));
    let mut made = text.clone();
    let mut shown = 0;
    for console in text.split("```console\n").skip(1) {
        let old = console.split_once("```").expect("its end").0;
        if let Some(file) = old.strip_prefix("$ cat ") {
            let (name, content) = file.split_once('\n').expect("a line");
            let content = content.split("\n$ ").next().unwrap_or_default();
            bench.write(name, format!("{content}\n"));
        }
        let line = old.lines().find(|line| line.contains("qestore config"));
        let line = line
            .and_then(|line| line.strip_prefix("$ "))
            .expect("a command");
        let words: Vec<&str> = line.split(' ').collect();
        let program = words.iter().position(|word| *word == "qestore").unwrap();
        let mut command = bench.command(&words[program + 1..]);
        for variable in &words[..program] {
            let (name, value) = variable.split_once('=').expect("NAME=VALUE");
            command.env(name, value);
        }
        let ran = ran(&mut command);
        let head = &old[..old.find(line).unwrap() + line.len()];
        let new = format!("{head}\n{}{}", ran.err, ran.out);
        if regenerates() {
            made = made.replace(old, &new);
        } else {
            assert_eq!(old, new, "make it anew with QESTORE_REGENERATE=1");
        }
        shown += 1;
    }
    assert!(shown >= 3, "{shown}");
    if regenerates() {
        fs::write(&path, made).unwrap();
    }
}
