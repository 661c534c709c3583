//! Fewer points for the same picture: of each column of pixels the first, the least, the greatest
//! and the last, so that a spike survives.

/// More points than this are reduced.
const MOST: usize = 1_000;

/// The points that are drawn, of those given in pixels, from left to right.
pub(super) fn reduced(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    if points.len() <= MOST {
        return points;
    }
    let mut kept: Vec<(f64, f64)> = Vec::new();
    let mut column: Vec<(f64, f64)> = Vec::new();
    for point in points {
        if column
            .first()
            .is_some_and(|first| first.0.floor() < point.0.floor())
        {
            keep(&mut kept, &column);
            column.clear();
        }
        column.push(point);
    }
    keep(&mut kept, &column);
    kept
}

fn keep(kept: &mut Vec<(f64, f64)>, column: &[(f64, f64)]) {
    let by = |better: fn(f64, f64) -> bool| {
        let mut best = 0;
        for (at, point) in column.iter().enumerate() {
            if better(point.1, column[best].1) {
                best = at;
            }
        }
        best
    };
    if column.is_empty() {
        return;
    }
    let mut at = [0, by(|a, b| a < b), by(|a, b| a > b), column.len() - 1];
    at.sort_unstable();
    let mut last = None;
    for at in at {
        if last != Some(at) {
            kept.push(column[at]);
        }
        last = Some(at);
    }
}
