//! What people in front of a station have said of it, as phones are told.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::TestServer;
use crate::support::command::import;
use crate::support::days::day;
use crate::support::verifications::{
    NOON, OFFICE, TEA, change, clock, locked, locked_since, minute, of, rows, say, snapshot, staff, station,
};
use waypost_app::domain::schedule::Status;
use waypost_app::local::prefs::Lang;
use waypost_app::local::replica::Replica;
use waypost_app::local::snapshot::merge;
use waypost_app::wire::snapshot::Snapshot;
use waypost_server::schedule::exceptions::{Days, Exception, Times};
use waypost_server::store::district::Change;
use waypost_server::store::exceptions;

#[tokio::test]
async fn a_confirmation_is_told_to_phones_as_a_change_of_that_station_alone() {
    let server = TestServer::start_at(NOON).await;
    let before = snapshot(&server).await;
    say(&server, 1, TEA, "confirmed", &clock("11:50:40")).await;
    let changes = server.json(&format!("/api/v1/snapshot?since={}", before.rev)).await;
    let changes: Snapshot = serde_json::from_value(changes).expect("a snapshot");
    assert!(changes.rev > before.rev && !changes.full);
    assert_eq!(changes.stations.iter().map(|it| it.slug.as_str()).collect::<Vec<_>>(), [TEA]);
    assert!(changes.services.is_empty() && changes.schedules.is_empty() && changes.markets.is_empty());
    let merged = merge(Some(&before), changes).expect("changes that follow");
    assert_eq!(of(&merged, TEA).verified_at_min, Some(minute("2026-11-24T11:50:00+08:00")));
    assert_eq!(of(&merged, OFFICE).verified_at_min, None);
    // A second one of the same minute is nothing that phones would have to hear of.
    say(&server, 2, TEA, "confirmed", &clock("11:50:59")).await;
    assert_eq!(snapshot(&server).await.rev, merged.rev);
}

#[tokio::test]
async fn the_latest_of_staffs_word_and_the_confirmations_is_when_a_station_was_verified() {
    let server = TestServer::start_at(NOON).await;
    let by_staff = "2026-11-20T09:00:00+08:00";
    staff(&server, TEA, |station| station.verified_at_min = Some(minute("2026-11-20T09:00:00+08:00"))).await;
    let verified = async || station(&server, TEA).await.verified_at_min;
    say(&server, 1, TEA, "confirmed", "2026-11-19T09:00:00+08:00").await;
    assert_eq!(verified().await, Some(minute(by_staff)));
    say(&server, 2, TEA, "confirmed", "2026-11-23T09:00:00+08:00").await;
    assert_eq!(verified().await, Some(minute("2026-11-23T09:00:00+08:00")));
    // Long under way, and from a clock that is years behind.
    say(&server, 3, TEA, "confirmed", "2026-10-01T09:00:00+08:00").await;
    say(&server, 4, TEA, "confirmed", "1970-01-02T09:00:00+08:00").await;
    assert_eq!(verified().await, Some(minute("2026-11-23T09:00:00+08:00")));
    staff(&server, TEA, |station| station.verified_at_min = Some(minute("2026-11-24T08:00:00+08:00"))).await;
    assert_eq!(verified().await, Some(minute("2026-11-24T08:00:00+08:00")));
}

#[tokio::test]
async fn a_confirmation_from_the_future_counts_as_of_when_it_was_received() {
    let server = TestServer::start_at(NOON).await;
    say(&server, 1, TEA, "confirmed", "2099-01-01T00:00:00+08:00").await;
    assert_eq!(station(&server, TEA).await.verified_at_min, Some(minute(NOON)));
}

#[tokio::test]
async fn of_one_phone_the_latest_word_of_a_day_counts_in_whatever_order_it_arrives() {
    for reversed in [false, true] {
        let server = TestServer::start_at(NOON).await;
        let mut words = vec![("confirmed", "09:00:00"), ("confirmed", "10:00:00"), ("locked", "11:00:00")];
        if reversed {
            words.reverse();
        }
        say(&server, 1, TEA, "confirmed", "2026-11-23T18:00:00+08:00").await;
        for (kind, time) in words {
            say(&server, 1, TEA, kind, &clock(time)).await;
        }
        let verified = station(&server, TEA).await.verified_at_min;
        assert_eq!(verified, Some(minute("2026-11-23T18:00:00+08:00")), "taken back by the same phone");
    }
}

#[tokio::test]
async fn three_phones_that_find_the_door_locked_leave_its_hours_unknown_from_the_third_on() {
    let server = TestServer::start_at(NOON).await;
    let before = snapshot(&server).await;
    locked(&server, &[(1, "09:00:00"), (2, "10:10:00")]).await;
    assert_eq!(locked_since(&server).await, None);
    assert_eq!(snapshot(&server).await.rev, before.rev, "nothing to tell yet");
    locked(&server, &[(3, "10:30:20")]).await;
    let since = Some(minute("2026-11-24T10:30:00+08:00"));
    assert_eq!(locked_since(&server).await, since);

    let changes = server.json(&format!("/api/v1/snapshot?since={}", before.rev)).await;
    let merged = merge(Some(&before), serde_json::from_value(changes).expect("a snapshot")).expect("changes");
    for (lang, words) in [(Lang::Zh, "有人报告门锁着"), (Lang::En, "reported locked")] {
        let replica = Replica::new(merged.clone(), false, lang);
        let at = |time: &str| replica.station_status(of(&merged, TEA), minute(&clock(time)));
        assert!(at("10:29:00").is_open());
        assert_eq!(at("10:30:00"), Status::Unknown { reason: Some(words.to_owned()) });
        assert_eq!(at("23:00:00"), Status::Unknown { reason: Some(words.to_owned()) });
    }
    let page = server.get(&format!("/stations/{TEA}")).await.text().await.expect("text");
    assert!(page.contains("有人报告门锁着"), "{page}");
    let list = server.get("/").await.text().await.expect("text");
    assert!(list.contains("有人报告门锁着"));
}

#[tokio::test]
async fn the_hours_of_a_station_reported_locked_are_unknown_from_that_minute_on() {
    let server = TestServer::start_at(NOON).await;
    locked(&server, &[(1, "09:00:00"), (2, "10:10:00"), (3, "10:30:00")]).await;
    let intervals = async |window: &str| {
        let hours = server.json(&format!("/api/v1/stations/{TEA}/hours?{window}")).await;
        let told = hours["intervals"].as_array().expect("intervals").iter().map(|it| {
            let text = |name: &str| it[name].as_str().expect("text").to_owned();
            (text("start"), text("end"), text("state"), text("comment"))
        });
        told.collect::<Vec<_>>()
    };
    let row = |start: &str, end: &str, state: &str, comment: &str| {
        (start.to_owned(), end.to_owned(), state.to_owned(), comment.to_owned())
    };
    let words = "有人报告门锁着 / reported locked";
    let (midnight, next) = ("2026-11-24T00:00:00+08:00", "2026-11-26T00:00:00+08:00");
    assert_eq!(
        intervals("from=2026-11-24&to=2026-11-26").await,
        [
            row(midnight, "2026-11-24T07:30:00+08:00", "closed", ""),
            row("2026-11-24T07:30:00+08:00", "2026-11-24T10:30:00+08:00", "open", ""),
            row("2026-11-24T10:30:00+08:00", next, "unknown", words),
        ]
    );
    assert_eq!(
        intervals("from=2026-11-25&to=2026-11-26").await,
        [row("2026-11-25T00:00:00+08:00", next, "unknown", words)]
    );
    let before = intervals("from=2026-11-23&to=2026-11-24").await;
    assert!(before.iter().all(|(.., state, comment)| state != "unknown" && comment.is_empty()), "{before:?}");
}

#[tokio::test]
async fn one_phone_that_finds_the_door_locked_three_times_is_one_phone() {
    let server = TestServer::start_at(NOON).await;
    locked(&server, &[(1, "09:00:00"), (1, "09:30:00"), (1, "10:00:00"), (2, "10:10:00"), (2, "10:20:00")]).await;
    assert_eq!(locked_since(&server).await, None);
    // Not even over midnight, which makes two of it.
    server.set_clock("2026-11-25T03:00:00+08:00");
    let night = ["2026-11-24T23:30:00+08:00", "2026-11-25T00:10:00+08:00"];
    for (phone, at) in [(1, night[0]), (1, night[1]), (2, night[1])] {
        say(&server, phone, "leshi-container", "locked", at).await;
    }
    assert_eq!(station(&server, "leshi-container").await.locked_at_min, None);
    say(&server, 3, "leshi-container", "locked", night[1]).await;
    assert_eq!(station(&server, "leshi-container").await.locked_at_min, Some(minute(night[1])));
}

#[tokio::test]
async fn two_hours_are_within_two_hours_and_a_second_more_is_not() {
    let server = TestServer::start_at(NOON).await;
    locked(&server, &[(1, "09:00:00"), (2, "10:00:00"), (3, "11:00:01")]).await;
    assert_eq!(locked_since(&server).await, None);
    let server = TestServer::start_at(NOON).await;
    locked(&server, &[(1, "09:00:00"), (2, "10:00:00"), (3, "11:00:00")]).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("11:00:00"))));
}

#[tokio::test]
async fn the_order_of_arrival_does_not_matter_nor_does_a_fourth_phone_take_anything_back() {
    let server = TestServer::start_at(NOON).await;
    locked(&server, &[(3, "10:30:00"), (1, "09:00:00"), (2, "10:00:00")]).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("10:30:00"))));
    locked(&server, &[(4, "11:30:00"), (1, "11:50:00"), (2, "11:55:00")]).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("10:30:00"))));
    locked(&server, &[(5, "09:30:00")]).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("10:00:00"))));
}

#[tokio::test]
async fn a_door_locked_outside_the_stated_hours_is_no_news() {
    let server = TestServer::start_at("2026-11-24T23:00:00+08:00").await;
    for (phone, time) in [(1, "17:29:00"), (2, "17:29:30"), (3, "17:30:00"), (4, "18:00:00"), (5, "12:30:00")] {
        say(&server, phone, OFFICE, "locked", &clock(time)).await;
    }
    assert_eq!(station(&server, OFFICE).await.locked_at_min, None);
    // A closure says so as well.
    let repair = Exception {
        id: "ex-1".to_owned(),
        target: "st-chashui".to_owned(),
        days: Days::new(day("2026-11-24"), day("2026-11-24")).expect("days"),
        times: Times::parse("").expect("times"),
        reason: "检修".to_owned(),
        reason_en: String::new(),
    };
    change(&server, |conn| Box::pin(async move { exceptions::put(&mut Change::begin(conn).await?, &repair).await }))
        .await;
    locked(&server, &[(1, "09:00:00"), (2, "09:10:00"), (3, "09:20:00")]).await;
    assert_eq!(locked_since(&server).await, None);
    say(&server, 6, OFFICE, "locked", &clock("17:29:59")).await;
    assert_eq!(station(&server, OFFICE).await.locked_at_min, Some(minute(&clock("17:29:00"))));
}

#[tokio::test]
async fn a_phone_that_takes_its_confirmation_back_does_not_bring_back_what_it_refuted() {
    // After closing, and within the stated hours; and the other way round in which they may arrive.
    for (place, time) in [(OFFICE, "20:00:00"), (OFFICE, "11:00:00")] {
        for reversed in [false, true] {
            let server = TestServer::start_at("2026-11-24T23:00:00+08:00").await;
            for (phone, time) in [(1, "09:00:00"), (2, "09:05:00"), (3, "09:10:00")] {
                say(&server, phone, place, "locked", &clock(time)).await;
            }
            assert!(station(&server, place).await.locked_at_min.is_some());
            let mut words = vec![("confirmed", "10:00:00"), ("locked", time)];
            if reversed {
                words.reverse();
            }
            for (kind, time) in words {
                say(&server, 4, place, kind, &clock(time)).await;
            }
            assert_eq!(station(&server, place).await.locked_at_min, None, "{time}, reversed: {reversed}");
        }
    }
}

#[tokio::test]
async fn a_later_confirmation_opens_the_door_again_and_an_earlier_one_does_not() {
    let server = TestServer::start_at(NOON).await;
    locked(&server, &[(1, "09:00:00"), (2, "10:00:00"), (3, "10:30:00")]).await;
    let before = snapshot(&server).await;
    say(&server, 4, TEA, "confirmed", &clock("08:30:00")).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("10:30:00"))));
    say(&server, 5, TEA, "confirmed", &clock("10:45:00")).await;
    let now = snapshot(&server).await;
    assert!(now.rev > before.rev);
    assert_eq!((of(&now, TEA).locked_at_min, of(&now, TEA).verified_at_min), (None, Some(minute(&clock("10:45:00")))));
    // What was said before it counts no more; three new ones do.
    locked(&server, &[(6, "10:50:00"), (7, "11:00:00")]).await;
    assert_eq!(locked_since(&server).await, None);
    locked(&server, &[(8, "11:10:00")]).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("11:10:00"))));
}

#[tokio::test]
async fn a_phone_that_takes_its_word_back_is_not_among_the_three() {
    let server = TestServer::start_at(NOON).await;
    say(&server, 1, TEA, "locked", &clock("09:00:00")).await;
    say(&server, 1, TEA, "confirmed", &clock("09:05:00")).await;
    locked(&server, &[(2, "09:10:00"), (3, "09:20:00")]).await;
    assert_eq!(locked_since(&server).await, None);
}

#[tokio::test]
async fn doors_found_locked_weeks_ago_say_nothing_of_today() {
    let server = TestServer::start_at(NOON).await;
    for phone in 1..=3 {
        say(&server, phone, TEA, "locked", "2026-10-20T10:00:00+08:00").await;
        say(&server, phone, TEA, "locked", "1970-01-02T10:00:00+08:00").await;
    }
    assert_eq!(locked_since(&server).await, None);
    assert_eq!(rows(&server).await, [3, 6]);
}

#[tokio::test]
async fn reports_from_clocks_that_are_ahead_count_as_of_when_they_were_received() {
    let server = TestServer::start_at(NOON).await;
    for (phone, at) in [(1, "2026-11-24T15:00:00+08:00"), (2, "2027-01-01T00:00:00+08:00"), (3, "2099-01-01T00:00:00Z")]
    {
        say(&server, phone, TEA, "locked", at).await;
    }
    assert_eq!(locked_since(&server).await, Some(minute(NOON)));
}

#[tokio::test]
async fn staffs_later_verification_and_other_hours_end_it_and_other_words_do_not() {
    let server = TestServer::start_at(NOON).await;
    let lock = async || {
        locked(&server, &[(1, "09:00:00"), (2, "10:00:00"), (3, "10:30:00")]).await;
        assert_eq!(locked_since(&server).await, Some(minute(&clock("10:30:00"))));
    };
    lock().await;
    staff(&server, TEA, |station| station.phone = "0571-1".to_owned()).await;
    staff(&server, TEA, |station| station.verified_at_min = Some(minute("2026-11-24T08:00:00+08:00"))).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("10:30:00"))));
    let rev = snapshot(&server).await.rev;
    staff(&server, TEA, |station| station.verified_at_min = Some(minute("2026-11-24T11:00:00+08:00"))).await;
    let changes: Snapshot =
        serde_json::from_value(server.json(&format!("/api/v1/snapshot?since={rev}")).await).expect("a snapshot");
    assert_eq!(of(&changes, TEA).locked_at_min, None);
    // The verification was not the last word.
    locked(&server, &[(4, "11:10:00"), (5, "11:20:00"), (6, "11:30:00")]).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("11:30:00"))));

    staff(&server, TEA, |station| station.schedule = None).await;
    assert_eq!(locked_since(&server).await, None);
    locked(&server, &[(7, "11:40:00"), (8, "11:40:00"), (9, "11:40:00")]).await;
    assert_eq!(locked_since(&server).await, None, "nobody states hours any more");
}

#[tokio::test]
async fn an_import_of_other_hours_ends_it_for_phones_too() {
    let server = TestServer::start_at(NOON).await;
    let csv = |hours: &str| format!("slug,name,lat,lng,hours\ncorner,Corner,30.3,120.1,{hours}\n");
    let first = import(server.data.path(), "stations.csv", csv("Mo-Su 08:00-18:00").as_bytes(), &[]);
    assert_eq!(first.code, 0, "{}", first.err);
    server.running.state().snapshots.changed();
    for phone in 1..=3 {
        say(&server, phone, "corner", "locked", &clock("08:30:00")).await;
    }
    let before = snapshot(&server).await;
    assert_eq!(of(&before, "corner").locked_at_min, Some(minute(&clock("08:30:00"))));
    assert_eq!(import(server.data.path(), "stations.csv", csv("Mo-Su 09:00-18:00").as_bytes(), &[]).code, 0);
    server.running.state().snapshots.changed();
    let changes = server.json(&format!("/api/v1/snapshot?since={}", before.rev)).await;
    let merged = merge(Some(&before), serde_json::from_value(changes).expect("a snapshot")).expect("changes");
    assert_eq!(of(&merged, "corner").locked_at_min, None);
}

#[tokio::test]
async fn what_people_said_is_still_known_after_a_restart() {
    let server = TestServer::start_at(NOON).await;
    locked(&server, &[(1, "09:00:00"), (2, "10:00:00"), (3, "10:30:00")]).await;
    say(&server, 1, OFFICE, "confirmed", &clock("10:00:00")).await;
    let before = snapshot(&server).await;
    let server = server.restart_with(|_| {}).await;
    let after = snapshot(&server).await;
    assert_eq!(after.stations, before.stations);
    assert_eq!(after.rev, before.rev);
}
