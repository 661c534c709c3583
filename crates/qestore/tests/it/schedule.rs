//! Cleanups by a schedule: when they run, what they tell, and that they do not collide.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use qestore::{
    ArtifactType, CleanupOptions, CleanupSchedule, Clock as _, Config, NewArtifact,
    RetentionPolicy, ScheduledRun, Storage,
};

use crate::support::{SetClock, days};

/// Lets `clock` follow the time that the test's runtime pretends to pass.
async fn tick(clock: SetClock) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        clock.go(SignedDuration::from_secs(1));
    }
}

fn words(run: &ScheduledRun) -> String {
    match run {
        ScheduledRun::Waiting { next } => format!("next {next}"),
        ScheduledRun::Done { due, report } => format!("{due}: removed {}", report.removed),
        ScheduledRun::Skipped { due } => format!("{due}: skipped"),
        ScheduledRun::Failed { due, error } => format!("{due}: {error}"),
        _ => "?".to_owned(),
    }
}

async fn listen(storage: &Storage, schedule: &str, hours: u64) -> Vec<String> {
    let schedule: CleanupSchedule = schedule.parse().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let options = CleanupOptions::default();
    let run = storage.run_cleanups(&schedule, &options, move |run| {
        tell.lock().unwrap().push(words(run));
    });
    let limit = Duration::from_secs(hours * 3600 + 60);
    assert!(
        tokio::time::timeout(limit, run).await.is_err(),
        "it goes on"
    );
    drop(schedule);
    let mut told = told.lock().unwrap();
    std::mem::take(&mut *told)
}

#[tokio::test(start_paused = true)]
async fn every_night_what_has_had_its_time_goes() {
    let clock = SetClock::at("2026-11-25T20:00:00Z");
    let policy = RetentionPolicy::default()
        .default_ttl(days(1))
        .keep_latest_n(1);
    let config = Config::memory().clock(clock.clone()).retention(policy);
    let storage = Storage::open(config).await.unwrap();
    for (job, at) in [
        ("a", "2026-11-24T22:00:00Z"),
        ("b", "2026-11-25T19:00:00Z"),
        ("c", "2026-11-25T19:30:00Z"),
    ] {
        let at: Timestamp = at.parse().unwrap();
        let new = NewArtifact::from_bytes(job, ArtifactType::VIDEOS, "v").timestamp(at);
        storage.store(new).await.unwrap();
    }
    tokio::spawn(tick(clock.clone()));
    assert_eq!(
        listen(&storage, "0 2 * * *", 48).await,
        [
            "next 2026-11-26T02:00:00Z",
            "2026-11-26T02:00:00Z: removed 1",
            "next 2026-11-27T02:00:00Z",
            "2026-11-27T02:00:00Z: removed 1",
            "next 2026-11-28T02:00:00Z",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_neither_stops_nor_repeats_it() {
    let clock = SetClock::at("2026-11-25T20:00:00Z");
    let storage = Storage::open(Config::memory().clock(clock.clone()))
        .await
        .unwrap();
    tokio::spawn(tick(clock.clone()));
    let jumps = clock.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(1800)).await;
        // Half an hour before the moment it goes back for a day.
        assert!(jumps.now() < "2026-11-25T20:31:00Z".parse().unwrap());
        jumps.go(days(-1));
    });
    let told = listen(&storage, "0 21 * * *", 2).await;
    assert_eq!(told[0], "next 2026-11-25T21:00:00Z");
    assert_eq!(told[1], "2026-11-25T21:00:00Z: removed 0");
    // It has waited as long as it was to; the next moment is the next by the clock as it is now.
    assert_eq!(told[2], "next 2026-11-25T21:00:00Z", "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_moment_at_which_another_cleanup_goes_on_is_passed_over() {
    let clock = SetClock::at("2026-11-25T20:00:00Z");
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("index.sqlite");
    let config = Config::memory().index_path(index).clock(clock.clone());
    let storage = Storage::open(config).await.unwrap();
    // As a cleanup of another process holds it.
    let lock = std::fs::File::create(folder.path().join("index.sqlite.cleanup.lock")).unwrap();
    lock.lock().unwrap();
    tokio::spawn(tick(clock.clone()));
    let told = listen(&storage, "0 * * * *", 1).await;
    assert_eq!(told[1], "2026-11-25T21:00:00Z: skipped", "{told:?}");
    drop(lock);
    let told = listen(&storage, "0 * * * *", 1).await;
    assert_eq!(told[1], "2026-11-25T22:00:00Z: removed 0", "{told:?}");
}
