//! Values as one line of block characters.

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Values in order as a line of at most `width` block characters, the least one lowest. More values
/// than characters are put together by their mean; what is no finite number is left out. Values that
/// are all equal are in the middle.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a picture; the share is between 0 and 1"
)]
pub fn sparkline(values: &[f64], width: usize) -> String {
    let values: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let width = width.min(values.len());
    let bins = (0..width).map(|bin| {
        let (from, to) = (bin * values.len() / width, (bin + 1) * values.len() / width);
        let of_bin = &values[from..to];
        // Divided first: a sum of large values may be none.
        of_bin.iter().map(|v| v / of_bin.len() as f64).sum::<f64>()
    });
    let bins: Vec<f64> = bins.collect();
    let least = bins.iter().copied().fold(f64::INFINITY, f64::min);
    let most = bins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let block = |value: f64| {
        let share = (value / 2.0 - least / 2.0) / (most / 2.0 - least / 2.0);
        let at = if share.is_finite() {
            (share * 8.0) as usize
        } else {
            3
        };
        BLOCKS[at.min(7)]
    };
    bins.into_iter().map(block).collect()
}
