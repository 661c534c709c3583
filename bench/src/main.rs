//! The benchmark table: every line is a ratio of two figures measured in the same run.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

mod cleanup;
mod commands;
mod counting;
mod large;
mod list;
mod machine;
mod material;
mod one_mib;
mod queries;
mod report;
mod rows;
mod small;
mod timing;
mod tree;

use std::path::PathBuf;
use std::process::ExitCode;

use machine::Machine;
use report::Line;

/// Any error ends the benchmark that met it.
type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T, E = Error> = std::result::Result<T, E>;

const USAGE: &str = "usage: qestore-bench [all|NAME…] [--json FILE] [--quick]";

/// A benchmark: its names (one per line of the table that it gives) and what runs it.
type Benchmark = (&'static [&'static str], fn(&Bench) -> Result<Vec<Line>>);

const BENCHMARKS: [Benchmark; 9] = [
    (&["store-1mib", "retrieve-1mib"], one_mib::run),
    (&["store-1gib", "store-1gib-memory"], large::run),
    (&["small-1000"], small::run),
    (&["tree-5000", "tree-member"], tree::run),
    (&["list-newest"], list::run),
    (
        &[
            "query-type",
            "query-rare-tag",
            "query-dates",
            "query-job-prefix",
            "query-job-glob",
            "query-size",
            "query-page-1000",
            "stats",
        ],
        queries::run,
    ),
    (&["cleanup-100000", "cleanup-memory"], cleanup::run),
    (&["cli-put"], commands::put),
    (&["cli-ls"], commands::ls),
];

/// What every benchmark is given.
struct Bench {
    machine: Machine,
    /// Fewer rounds and smaller material, to see that everything runs.
    quick: bool,
}

impl Bench {
    /// `rounds`, or few of them.
    fn rounds(&self, rounds: usize) -> usize {
        if self.quick {
            rounds.div_ceil(10)
        } else {
            rounds
        }
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((first, rest)) if first == large::CHILD => large::child(rest),
        Some((first, rest)) if first == cleanup::CHILD => cleanup::child(rest),
        _ => run(&arguments),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            println!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    let mut chosen: Vec<&str> = Vec::new();
    let (mut json, mut quick) = (None, false);
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => json = Some(PathBuf::from(arguments.next().ok_or(USAGE)?)),
            "--quick" => quick = true,
            "all" => chosen.extend(BENCHMARKS.iter().flat_map(|(names, _)| names.iter())),
            name if BENCHMARKS.iter().any(|(names, _)| names.contains(&name)) => chosen.push(name),
            other => return Err(format!("unknown: {other}\n{USAGE}\nnames: {}", names()).into()),
        }
    }
    if chosen.is_empty() {
        chosen.extend(BENCHMARKS.iter().flat_map(|(names, _)| names.iter()));
    }
    let bench = Bench {
        machine: Machine::look()?,
        quick,
    };
    println!("{}", bench.machine);
    let (mut lines, mut broken) = (Vec::new(), 0);
    for (names, benchmark) in BENCHMARKS {
        if !names.iter().any(|name| chosen.contains(name)) {
            continue;
        }
        println!("… {}", names.join(", "));
        match benchmark(&bench) {
            Ok(measured) => {
                for line in &measured {
                    println!("{}", line.notes_shown());
                }
                lines.extend(measured);
            }
            Err(error) => {
                println!("  broken: {error}");
                broken += 1;
            }
        }
    }
    println!("\n{}", report::table(&lines));
    if let Some(path) = json {
        std::fs::write(&path, report::json(&bench.machine, &lines)?)?;
    }
    // A slow machine is no failure; a benchmark that cannot run is.
    Ok(ExitCode::from(u8::from(broken > 0)))
}

fn names() -> String {
    let all: Vec<&str> = BENCHMARKS
        .iter()
        .flat_map(|(names, _)| names.iter().copied())
        .collect();
    all.join(" ")
}
