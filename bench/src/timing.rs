//! Measuring: rounds in which the things compared take turns, medians, processor time of children.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::Result;

/// Runs each of `works` once per round, in turn, after `warm_ups` rounds that do not count, and
/// gives the durations of each.
pub(crate) fn interleaved<const N: usize>(
    rounds: usize,
    warm_ups: usize,
    mut works: [&mut dyn FnMut() -> Result<Duration>; N],
) -> Result<[Vec<Duration>; N]> {
    let mut durations = [(); N].map(|()| Vec::with_capacity(rounds));
    for round in 0..rounds + warm_ups {
        for (work, durations) in works.iter_mut().zip(&mut durations) {
            let took = work()?;
            if round >= warm_ups {
                durations.push(took);
            }
        }
    }
    Ok(durations)
}

/// How long `work` takes.
pub(crate) fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<Duration> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed())
}

/// The value in the middle.
pub(crate) fn median(durations: &[Duration]) -> Duration {
    percentile(durations, 50)
}

/// The value below which `percent` of all lie.
pub(crate) fn percentile(durations: &[Duration], percent: usize) -> Duration {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len().saturating_sub(1)) * percent / 100;
    sorted.get(at).copied().unwrap_or_default()
}

pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// `p10 … p90`, to see how far to trust a median.
pub(crate) fn spread(what: &str, durations: &[Duration]) -> String {
    format!(
        "{what}: {:.3} to {:.3} ms for 80 % of {} rounds",
        millis(percentile(durations, 10)),
        millis(percentile(durations, 90)),
        durations.len()
    )
}

/// Processor time that finished children of this process have used, user and system; zero where
/// the operating system does not say.
pub(crate) fn children_cpu() -> (Duration, Duration) {
    /// The kernel reports in hundredths of a second on every machine that matters here.
    const TICK: Duration = Duration::from_millis(10);
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is a name that may hold anything but ends with the last parenthesis.
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let mut fields = after_name.split_whitespace().skip(13);
    let mut ticks = || -> u32 { fields.next().and_then(|f| f.parse().ok()).unwrap_or(0) };
    (TICK * ticks(), TICK * ticks())
}

/// Lets what was written before reach the disk, so that it does not slow what is measured next.
pub(crate) fn settle() {
    // Where there is no such command, figures are noisier and nothing else.
    let _ = Command::new("sync").status();
}
