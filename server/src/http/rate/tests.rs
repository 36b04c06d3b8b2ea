use axum::body::Body;

use super::*;

fn limiter(most: usize) -> Inner {
    let (device, address) = (Quota { a_minute: 60, burst: 2 }, Quota { a_minute: 120, burst: 4 });
    let both = (device, address);
    let rates = Rates { reads: both, reports: both, photos: both, verifications: both, others: both };
    Inner::new(rates, false, most)
}

fn wait(limiter: &Inner, request: &Request, now: Instant) -> Option<Duration> {
    limiter.refuse(request, now).map(|refused| refused.wait)
}

fn ask(path: &str, token: &str, from: [u8; 4]) -> Request {
    let mut request = Request::put(path).header(header::AUTHORIZATION, token).body(Body::empty()).unwrap();
    request.extensions_mut().insert(Peer(from.into()));
    request
}

#[test]
fn a_phone_gets_its_burst_and_then_its_pace() {
    let (limiter, start) = (limiter(100), Instant::now());
    let after = |ms| start + Duration::from_millis(ms);
    let report = || ask("/api/v1/reports/1", "a", [1, 2, 3, 4]);
    assert_eq!([(); 2].map(|()| wait(&limiter, &report(), start)), [None, None]);
    assert_eq!(wait(&limiter, &report(), start), Some(Duration::from_secs(1)));
    assert_eq!(wait(&limiter, &report(), after(400)), Some(Duration::from_millis(600)), "asking costs nothing");
    assert_eq!(wait(&limiter, &report(), after(1_000)), None);
    assert_eq!(wait(&limiter, &report(), after(1_000)), Some(Duration::from_secs(1)));
    assert_eq!([(); 2].map(|()| wait(&limiter, &report(), after(60_000))), [None, None]);
    assert!(wait(&limiter, &report(), after(60_000)).is_some(), "a long rest saves no more than the burst");
}

#[test]
fn phones_of_one_address_share_it_and_each_kind_is_counted_apart() {
    let (limiter, now) = (limiter(100), Instant::now());
    for token in ["a", "b", "c", "d"] {
        assert_eq!(wait(&limiter, &ask("/api/v1/reports/1", token, [1, 2, 3, 4]), now), None);
    }
    assert_eq!(wait(&limiter, &ask("/api/v1/reports/1", "e", [1, 2, 3, 4]), now), Some(Duration::from_millis(500)));
    assert_eq!(wait(&limiter, &ask("/api/v1/reports/1", "e", [1, 2, 3, 5]), now), None);
    for path in ["/api/v1/photos/1", "/api/v1/uploads", "/api/v1/verifications/1", "/prefs"] {
        assert_eq!(wait(&limiter, &ask(path, "a", [1, 2, 3, 4]), now), None, "{path}");
    }
}

#[test]
fn a_report_is_measured_by_itself_and_whatever_has_no_name_together() {
    let kind = |method: Method, path: &str| {
        let request = axum::http::Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        Kind::of(&request)
    };
    for (method, path) in [
        (Method::PUT, "/api/v1/reports/1"),
        (Method::PUT, "/api/v1/reports/1/answers/2"),
        (Method::POST, "/report?send"),
    ] {
        assert_eq!(kind(method, path), Some(Kind::Report), "{path}");
    }
    for (method, path) in [
        (Method::DELETE, "/api/v1/reports/1"),
        (Method::DELETE, "/api/v1/device"),
        (Method::POST, "/api/v1/staff/cases/1/events"),
        (Method::POST, "/prefs"),
        (Method::PUT, "/report"),
    ] {
        assert_eq!(kind(method, path), Some(Kind::Other), "{path}");
    }
    assert_eq!((kind(Method::GET, "/report"), kind(Method::GET, "/readyz")), (Some(Kind::Read), None));
}

#[test]
fn it_is_said_who_has_only_their_address_against_them_and_a_device_is_one_however_it_writes_its_token() {
    let (limiter, now) = (limiter(100), Instant::now());
    let token = |number: u8, scheme: &str| format!("{scheme} {}", format!("{number:02x}").repeat(32));
    let device = |number: u8| DeviceId::of_token(&format!("{number:02x}").repeat(32)).unwrap();
    let refuse = |token: &str| limiter.refuse(&ask("/api/v1/reports/1", token, [1, 2, 3, 4]), now);
    for number in [0xaa, 0xab, 0xac] {
        assert!(refuse(&token(number, "Bearer")).is_none());
    }
    assert!(refuse(&token(0xaa, "bearer").to_uppercase()).is_none());
    // It has used up its own part, and another one has not.
    assert_eq!(refuse(&token(0xaa, "Bearer")).unwrap().device, None);
    assert_eq!(refuse(&token(0xab, "Bearer")).unwrap().device, Some(device(0xab)));
    assert_eq!(refuse("nonsense").unwrap().device, None);
    let alone = || limiter.wait_alone(Kind::Report, &device(0xab), now);
    assert_eq!((alone(), alone()), (None, Some(Duration::from_secs(1))), "one more, as from any address");
    assert_eq!(refuse(&token(0xab, "Bearer")).unwrap().device, None);
}

#[test]
fn however_many_come_no_more_than_so_many_are_kept() {
    let (limiter, now) = (limiter(8), Instant::now());
    let mut refused = 0;
    for number in 0..200_u8 {
        let request = ask("/api/v1/reports/1", &number.to_string(), [1, 2, 3, number]);
        refused += usize::from(wait(&limiter, &request, now).is_some());
    }
    assert!(limiter.book.lock().unwrap().full_at.len() <= 9);
    assert!(refused > 100, "those without a row of their own share one: {refused}");
    let later = now + Duration::from_mins(1);
    assert_eq!(wait(&limiter, &ask("/api/v1/reports/1", "new", [9, 9, 9, 9]), later), None, "room was made");
}

#[test]
fn only_a_trusted_proxys_last_word_is_an_address() {
    let mut request = ask("/api/v1/reports/1", "a", [10, 0, 0, 1]);
    request.headers_mut().append("x-forwarded-for", "6.6.6.6".parse().unwrap());
    request.headers_mut().append("x-forwarded-for", "7.7.7.7, 203.0.113.9".parse().unwrap());
    let mut limiter = limiter(8);
    assert_eq!(limiter.address(&request), Some(IpAddr::from([10, 0, 0, 1])));
    limiter.trust_proxy = true;
    assert_eq!(limiter.address(&request), Some(IpAddr::from([203, 0, 113, 9])));
    request.headers_mut().insert("x-forwarded-for", "unknown".parse().unwrap());
    assert_eq!(limiter.address(&request), Some(IpAddr::from([10, 0, 0, 1])));
    let addresses = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::7", "2001:db8:1:3::1", "::ffff:1.2.3.4", "1.2.3.4"];
    let [a, b, c, mapped, plain] = addresses.map(|text| network(text.parse().unwrap()));
    assert!(a == b && a != c && mapped == plain);
}
