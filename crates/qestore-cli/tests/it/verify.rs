//! `verify` and `reindex`: damage is found and named, the index follows the objects.

use std::fs;

use crate::support::Bench;

fn flip_a_byte(path: &std::path::Path) {
    let mut bytes = fs::read(path).unwrap();
    // In the first frame's content, past the magic number and the frame header.
    bytes[14] ^= 0x40;
    fs::write(path, bytes).unwrap();
}

#[test]
fn damage_is_found_named_and_never_handed_out() {
    let bench = Bench::new();
    bench.stored("good.xml", &"good ".repeat(300));
    let bad = bench.stored("bad.xml", &"bad ".repeat(300));
    let sound = bench.json(&["verify"]);
    assert_eq!(
        (&sound["verified"], &sound["damaged"]),
        (&2.into(), &serde_json::json!([]))
    );
    assert!(bench.ok(&["verify"]).starts_with("all sound: 2 artifacts"));

    flip_a_byte(&bench.object(&bad));
    let ran = bench.run(&["verify"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.out.contains("damaged: b test-results bad.xml"),
        "{ran:?}"
    );
    assert!(
        ran.out
            .contains("1 of 2 damaged: 1 artifact read back and sound"),
        "{ran:?}"
    );
    let quiet = bench.run(&["verify", "--quiet"]);
    assert!(
        quiet.out.contains("bad.xml") && quiet.err.is_empty(),
        "{quiet:?}"
    );
    let json = bench.run(&["verify", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["damaged"][0]["artifact"]["name"], "bad.xml");
    assert_eq!(json["damaged"][0]["error"]["kind"], "corrupt");

    for arguments in [
        &["get", "b", "test-results", "--name", "bad.xml"][..],
        &["get", "b", "test-results", "--name", "bad.xml", "--stored"],
        &["cat", "b", "test-results", "--name", "bad.xml"],
    ] {
        let ran = bench.run(arguments);
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (1, ""),
            "{arguments:?}: {ran:?}"
        );
        assert!(ran.err.contains("bad.xml"), "{ran:?}");
    }
    assert!(!bench.path().join("bad.xml").exists());
}

#[test]
fn a_part_of_the_store_can_be_verified() {
    let bench = Bench::new();
    bench.stored("a.xml", "1");
    bench.write("run.log", "2");
    bench.ok(&["put", "--job", "c", "run.log"]);
    assert_eq!(bench.json(&["verify", "c"])["verified"], 1);
    assert_eq!(bench.json(&["verify", "b", "test-results"])["verified"], 1);
    assert!(bench.fails(1, &["verify", "none"]).contains("none"));
    bench.fails(1, &["verify", "b", "videos"]);
    let sampled = bench.json(&["verify", "--sample", "50%"]);
    let looked_at = sampled["verified"].as_u64().unwrap() + sampled["left_out"].as_u64().unwrap();
    assert_eq!(looked_at, 2);
    for wrong in ["0%", "5", "x"] {
        bench.fails(2, &["verify", "--sample", wrong]);
    }
}

#[test]
fn a_missing_object_is_damage() {
    let bench = Bench::new();
    let stored = bench.stored("r.xml", "x");
    fs::remove_file(bench.object(&stored)).unwrap();
    let ran = bench.run(&["verify"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("damaged: b test-results r.xml"), "{ran:?}");

    let ran = bench.run(&["reindex"]);
    assert!(
        ran.code == 1
            && ran.out.contains("gone: b test-results r.xml")
            && ran.out.contains("1 dropped"),
        "{ran:?}"
    );
    assert!(bench.ok(&["verify"]).starts_with("all sound: 0 artifacts"));
}

#[test]
fn reindex_finds_objects_that_other_tools_brought() {
    let bench = Bench::new();
    let stored = bench.stored("r.xml", "x");
    let object = bench.object(&stored);
    let aside = bench.path().join("aside");
    fs::rename(&object, &aside).unwrap();
    assert_eq!(bench.run(&["reindex"]).code, 1);
    assert_eq!(bench.run(&["exists", "b", "test-results"]).code, 1);
    fs::rename(&aside, &object).unwrap();
    let report = bench.json(&["reindex"]);
    assert_eq!(report["objects"], 1);
    assert_eq!(bench.ok(&["cat", "b", "test-results"]), "x");

    fs::write(object.with_file_name("note.txt"), "not an object").unwrap();
    let ran = bench.run(&["reindex"]);
    assert_eq!(ran.code, 0);
    assert!(ran.err.contains("1 file"), "{ran:?}");
}

#[test]
fn an_object_cut_short_is_told_by_reindex() {
    let bench = Bench::new();
    let stored = bench.stored("r.xml", "x");
    let object = bench.object(&stored);
    let bytes = fs::read(&object).unwrap();
    fs::write(&object, &bytes[..bytes.len() / 2]).unwrap();
    let ran = bench.run(&["reindex"]);
    assert_eq!(ran.code, 1, "an index that knows it is no excuse: {ran:?}");
    fs::remove_file(bench.path().join(".artifacts/index.sqlite")).unwrap();
    let ran = bench.run(&["reindex"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("damaged: artifacts/20"), "{ran:?}");
    let json = bench.run(&["reindex", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["damaged"][0]["error"]["kind"], "corrupt");
}

#[test]
fn a_sample_of_a_small_store_is_one_artifact_at_least() {
    let bench = Bench::new();
    for name in ["a.xml", "b.xml", "c.xml", "d.xml"] {
        bench.stored(name, name);
    }
    let tiny = bench.json(&["verify", "--sample", "0.1%"]);
    assert_eq!(
        (&tiny["verified"], &tiny["left_out"]),
        (&1.into(), &3.into())
    );
    assert!(
        bench
            .ok(&["verify", "--sample", "0.1%"])
            .starts_with("no damage in the sample: 1 artifact")
    );
    let said = bench.fails(2, &["verify", "--sample", "-5%"]);
    assert!(said.contains("a share is such as 5%"), "{said}");
}
