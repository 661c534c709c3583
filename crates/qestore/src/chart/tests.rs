//! Pictures of all sorts of values.

use super::*;
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Names of all elements in order, after checking that every one is closed where it must be.
fn elements(svg: &str) -> Vec<String> {
    let (mut open, mut seen) = (Vec::new(), Vec::new());
    for part in svg.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("a tag ends");
        assert!(!text.contains('>'), "{text}");
        for entity in text.split('&').skip(1) {
            let name = entity.split(';').next().unwrap();
            assert!(
                ["amp", "lt", "gt", "quot", "#39"].contains(&name),
                "{entity}"
            );
        }
        assert!(tag.matches('"').count() % 2 == 0, "{tag}");
        let name = tag.trim_matches('/').split(' ').next().unwrap().to_owned();
        if tag.starts_with('/') {
            assert_eq!(open.pop().as_ref(), Some(&name), "{svg}");
        } else {
            seen.push(name.clone());
            if !tag.ends_with('/') {
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
    seen
}

fn count(svg: &str, element: &str) -> usize {
    elements(svg).iter().filter(|name| *name == element).count()
}

#[test]
fn lines_of_blocks() {
    for (values, width, line) in [
        (&[][..], 10, ""),
        (&[5.0], 10, "▄"),
        (&[5.0, 5.0, 5.0], 10, "▄▄▄"),
        (&[0.0, 7.0], 10, "▁█"),
        (&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 8, "▁▂▃▄▅▆▇█"),
        (&[0.0, 0.0, 4.0, 4.0, 8.0, 8.0], 3, "▁▅█"),
        (&[1.0, f64::NAN, 2.0, f64::INFINITY], 10, "▁█"),
        (&[-1e308, 1e308], 10, "▁█"),
        (&[1.0, 2.0], 0, ""),
    ] {
        assert_eq!(sparkline(values, width), line, "{values:?}");
    }
}

#[test]
fn labels_are_short() {
    for (unit, value, text) in [
        (Unit::Bytes, 0.0, "0 B"),
        (Unit::Bytes, 999.0, "999 B"),
        (Unit::Bytes, 999.96, "1 kB"),
        (Unit::Bytes, 73_240.0, "73.2 kB"),
        (Unit::Bytes, 5e9, "5 GB"),
        (Unit::Percent, 87.5, "87.5 %"),
        (Unit::Number, 0.25, "0.25"),
        (Unit::Number, -0.001, "0"),
        (Unit::Number, 1e18, "1.00e18"),
    ] {
        assert_eq!(unit.label(value), text);
    }
}

#[test]
fn marks_are_round() {
    assert_eq!(
        ticks::values(0.0, 73_200.0),
        [0.0, 20_000.0, 40_000.0, 60_000.0, 80_000.0]
    );
    assert_eq!(ticks::values(-3.0, 4.0), [-4.0, -2.0, 0.0, 2.0, 4.0]);
    let labels = |from: &str, to: &str| -> Vec<String> {
        let marks = ticks::moments(at(from), at(to));
        marks.into_iter().map(|(_, label)| label).collect()
    };
    assert_eq!(
        labels("2026-11-24T22:10:00Z", "2026-11-25T01:20:00Z"),
        ["22:30", "23:00", "23:30", "25 Nov", "00:30", "01:00"]
    );
    assert_eq!(
        labels("2028-02-27T12:00:00Z", "2028-03-02T12:00:00Z"),
        [
            "12:00", "28 Feb", "12:00", "29 Feb", "12:00", "1 Mar", "12:00", "2 Mar", "12:00"
        ]
    );
    assert_eq!(
        labels("2026-10-30T00:00:00Z", "2026-11-28T00:00:00Z"),
        ["2 Nov", "9 Nov", "16 Nov", "23 Nov"]
    );
    assert_eq!(
        labels("2025-11-25T00:00:00Z", "2026-11-25T00:00:00Z"),
        [
            "Jan 2026", "Mar 2026", "May 2026", "Jul 2026", "Sep 2026", "Nov 2026"
        ]
    );
    assert!(labels("-009998-01-02T00:00:00Z", "9999-12-30T00:00:00Z").len() < 12);
}

#[test]
fn a_chart_says_what_it_shows() {
    let points = vec![
        (at("2026-11-25T00:00:00Z"), 20.0),
        (at("2026-11-01T00:00:00Z"), 10.0),
    ];
    let svg = LineChart::new("A <b> & \"c\"\u{0}")
        .subtitle("2 artifacts")
        .unit(Unit::Bytes)
        .series("content", points)
        .series("none", Vec::new())
        .to_svg();
    assert!(svg.contains("A &lt;b&gt; &amp; &quot;c&quot;<"), "{svg}");
    assert!(svg.contains("content: from 10 B at 2026-11-01 00:00Z to 20 B at 2026-11-25 00:00Z"));
    assert!(svg.contains(">content 20 B</text>"));
    assert_eq!((count(&svg, "polyline"), count(&svg, "circle")), (1, 2));
}

#[test]
fn nothing_and_one_point_are_charts_too() {
    let none = LineChart::new("t").to_svg();
    assert!(none.contains("no data in this time"));
    elements(&none);
    let one = LineChart::new("t")
        .series("s", vec![(at("2026-11-25T12:00:00Z"), 3.0)])
        .to_svg();
    assert_eq!((count(&one, "polyline"), count(&one, "circle")), (0, 1));
}

#[test]
fn a_spike_among_many_points_survives() {
    let begin = at("2026-01-01T00:00:00Z");
    let points = (0..50_000).map(|n| {
        let value = if n == 31_234 { 1e6 } else { 10.0 };
        (begin + jiff::SignedDuration::from_secs(n * 60), value)
    });
    let svg = LineChart::new("t").series("s", points.collect()).to_svg();
    let drawn = svg
        .split("points=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let drawn: Vec<&str> = drawn.split_whitespace().collect();
    assert!(drawn.len() < 4_000, "{}", drawn.len());
    assert!(
        drawn.iter().any(|point| point.ends_with(",76.0")),
        "the spike is lost"
    );
    assert_eq!(count(&svg, "circle"), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_values_at_any_time_give_a_picture(
        title in "\\PC{0,20}|[<&\"'\\x00-\\x1f]{0,9}",
        points in prop::collection::vec((any::<i64>(), any::<f64>()), 0..40),
        near in prop::collection::vec((0..1_000_i64, -1e6..1e6_f64), 0..40),
    ) {
        let range = Timestamp::MAX.as_second() - Timestamp::MIN.as_second();
        let anywhere = points.iter().map(|(second, value)| {
            let second = Timestamp::MIN.as_second() + second.rem_euclid(range);
            (Timestamp::from_second(second).unwrap(), *value)
        });
        let near = near.iter().map(|(second, value)| (Timestamp::from_second(*second).unwrap(), *value));
        let anywhere: Vec<_> = anywhere.collect();
        let values: Vec<f64> = anywhere.iter().map(|(_, value)| *value).collect();
        prop_assert!(sparkline(&values, 10).chars().count() <= 10);
        for chart in [
            LineChart::new(title.clone()).series(title.clone(), anywhere.clone()),
            LineChart::new(title.clone()).unit(Unit::Bytes).series("near", near.collect()),
        ] {
            let svg = chart.to_svg();
            elements(&svg);
            prop_assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }
}
