//! What is stored: real reports of `examples/builds`, and text varied from them so that copies
//! differ.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::Result;
use crate::machine::Machine;

/// Pseudo-random numbers, the same in every run.
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// The real reports whose names end so, the same order on every machine.
pub(crate) fn reports(endings: &[&str]) -> Result<Vec<Vec<u8>>> {
    let builds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/builds");
    let mut paths = Vec::new();
    walk(&builds, &mut paths)?;
    paths.retain(|path| endings.iter().any(|e| path.to_string_lossy().ends_with(e)));
    paths.sort();
    if paths.is_empty() {
        return Err(format!("no {endings:?} in {}", builds.display()).into());
    }
    Ok(paths.iter().map(fs::read).collect::<Result<_, _>>()?)
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), paths)?;
        } else {
            paths.push(entry.path());
        }
    }
    Ok(())
}

/// 1 MiB of real reports of several kinds.
pub(crate) fn one_mib() -> Result<Vec<u8>> {
    /// Of each kind, at most.
    const SHARE: usize = 512 << 10;
    let mut content = Vec::new();
    for ending in [".xml", ".log", ".json", ".html"] {
        content.extend(reports(&[ending])?.concat().into_iter().take(SHARE));
    }
    if content.len() < 1 << 20 {
        return Err("the examples are smaller than 1 MiB".into());
    }
    content.truncate(1 << 20);
    Ok(content)
}

/// Copies `text` to `out`, giving runs of two digits and more other digits.
pub(crate) fn vary(text: &[u8], noise: &mut Noise, out: &mut Vec<u8>) {
    let from = out.len();
    out.extend_from_slice(text);
    let copy = &mut out[from..];
    for at in 1..copy.len() {
        if copy[at].is_ascii_digit() && copy[at - 1].is_ascii_digit() {
            copy[at] = b'0' + noise.below(10) as u8;
        }
    }
}

/// A file of `size` bytes of log text, made once and kept.
pub(crate) fn log_file(machine: &Machine, size: u64) -> Result<PathBuf> {
    let path = machine.data.join(format!("log-{size}.txt"));
    if fs::metadata(&path).is_ok_and(|metadata| metadata.len() == size) {
        return Ok(path);
    }
    let logs = reports(&[".log"])?.concat();
    let lines: Vec<&[u8]> = logs.split_inclusive(|&b| b == b'\n').collect();
    let building = path.with_extension("new");
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&building)?);
    let (mut noise, mut millis, mut left) = (Noise::new(1), 0_u64, size as usize);
    let mut text = Vec::new();
    for line in lines.iter().cycle() {
        text.clear();
        millis += noise.below(300);
        let (second, minute, hour) = (millis / 1000, millis / 60_000, millis / 3_600_000);
        write!(
            text,
            "2026-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z ",
            hour / 24 / 28 % 12 + 1,
            hour / 24 % 28 + 1,
            hour % 24,
            minute % 60,
            second % 60,
            millis % 1000
        )?;
        vary(line, &mut noise, &mut text);
        let taken = text.len().min(left);
        file.write_all(&text[..taken])?;
        left -= taken;
        if left == 0 {
            break;
        }
    }
    file.into_inner()?.sync_all()?;
    fs::rename(&building, &path)?;
    Ok(path)
}

/// A folder of `count` files of 110 kB on average: four in ten HTML, three JSON, two logs, and
/// one that looks like a picture and does not compress. Made once and kept.
pub(crate) fn report_folder(machine: &Machine, count: usize) -> Result<PathBuf> {
    let folder = machine.data.join(format!("tree-{count}"));
    let complete = machine.data.join(format!("tree-{count}.complete"));
    if complete.exists() {
        return Ok(folder);
    }
    let _ = fs::remove_dir_all(&folder);
    let kinds = [
        ("html", reports(&[".html"])?.concat()),
        ("json", reports(&[".json", ".sarif"])?.concat()),
        ("log", reports(&[".log"])?.concat()),
    ];
    let mut noise = Noise::new(2);
    for number in 0..count {
        let within = folder.join(format!("part-{:02}", number / 100));
        fs::create_dir_all(&within)?;
        let size = 20_000 + noise.below(180_000) as usize;
        let (ending, content) = match number % 10 {
            0..4 => varied_part(&kinds[0], size, &mut noise),
            4..7 => varied_part(&kinds[1], size, &mut noise),
            7..9 => varied_part(&kinds[2], size, &mut noise),
            _ => ("png", picture(size, &mut noise)),
        };
        fs::write(within.join(format!("report-{number:04}.{ending}")), content)?;
    }
    File::create(&complete)?.sync_all()?;
    Ok(folder)
}

fn varied_part<'a>(
    (ending, text): &(&'a str, Vec<u8>),
    size: usize,
    noise: &mut Noise,
) -> (&'a str, Vec<u8>) {
    let mut content = Vec::with_capacity(size);
    while content.len() < size {
        let from = noise.below(text.len() as u64) as usize;
        let most = (size - content.len()).min(text.len() - from);
        vary(&text[from..from + most], noise, &mut content);
    }
    (ending, content)
}

fn picture(size: usize, noise: &mut Noise) -> Vec<u8> {
    let mut content = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    while content.len() < size {
        content.extend_from_slice(&noise.next().to_le_bytes());
    }
    content.truncate(size);
    content
}
