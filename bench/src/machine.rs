//! What the figures were measured on, and where on it benchmarks work.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::Result;

/// The machine, and the folder for the benchmarks' files: `bench-data` in the target folder, so
/// that everything happens on the disk that the project lies on.
pub(crate) struct Machine {
    pub(crate) cores: usize,
    pub(crate) data: PathBuf,
    processor: String,
    file_system: String,
    load: String,
}

impl Machine {
    pub(crate) fn look() -> Result<Self> {
        let program = std::env::current_exe()?;
        let target = program.ancestors().nth(2).ok_or("no target folder")?;
        let data = target.join("bench-data");
        fs::create_dir_all(&data)?;
        Ok(Self {
            cores: std::thread::available_parallelism()?.get(),
            processor: processor(),
            file_system: file_system(&data),
            load: load(),
            data,
        })
    }

    /// A folder that goes when it is dropped.
    pub(crate) fn folder(&self) -> Result<TempDir> {
        Ok(tempfile::Builder::new()
            .prefix("run-")
            .tempdir_in(&self.data)?)
    }

    /// A program built beside this one.
    pub(crate) fn program(&self, name: &str) -> Result<PathBuf> {
        let program = std::env::current_exe()?
            .with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        if program.is_file() {
            Ok(program)
        } else {
            Err(format!(
                "{} is not there: build it with --release",
                program.display()
            )
            .into())
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} cores of {}, {}, {}; load before: {}",
            self.cores,
            self.processor,
            self.file_system,
            std::env::consts::OS,
            self.load
        )
    }
}

fn processor() -> String {
    let described = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = described
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.map(|rest| rest.trim_start_matches([' ', '\t', ':']));
    model.unwrap_or(std::env::consts::ARCH).to_owned()
}

/// The load of the last minute: other work makes figures worse, and not evenly.
pub(crate) fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ')
        .next()
        .filter(|load| !load.is_empty())
        .unwrap_or("unknown")
        .to_owned()
}

fn file_system(folder: &Path) -> String {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let holding = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (point, kind) = (fields.next()?, fields.next()?);
        folder.starts_with(point).then_some((point.len(), kind))
    });
    holding
        .max_by_key(|(length, _)| *length)
        .map_or("unknown file system", |(_, kind)| kind)
        .to_owned()
}
