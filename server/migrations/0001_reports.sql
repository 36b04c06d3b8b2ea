-- Times named `_ms` are milliseconds since 1970-01-01T00:00Z.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

-- Grows with every change that phones must hear of.
INSERT INTO meta (name, value) VALUES ('rev', 0);

CREATE TABLE devices (
    -- SHA-256 of the phone's token; the token itself is never kept.
    token_sha256 TEXT PRIMARY KEY,
    first_seen_ms BIGINT NOT NULL
);

CREATE TABLE photos (
    -- Of the bytes as they were sent: the name every client knows the photo by.
    sha256 TEXT PRIMARY KEY,
    -- Of the re-encoded picture and its thumbnail: the names of the files.
    blob_sha256 TEXT NOT NULL,
    thumb_sha256 TEXT NOT NULL,
    -- Of the re-encoded picture.
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    received_at_ms BIGINT NOT NULL
);

-- Who has sent a photo, and so may use and see it. Two phones may send the same bytes.
CREATE TABLE photo_devices (
    photo TEXT NOT NULL REFERENCES photos (sha256),
    device TEXT NOT NULL REFERENCES devices (token_sha256),
    PRIMARY KEY (photo, device)
);

CREATE TABLE reports (
    id TEXT PRIMARY KEY,
    -- Short enough to read out.
    code TEXT NOT NULL UNIQUE,
    device TEXT NOT NULL REFERENCES devices (token_sha256),
    -- Canonical hash of everything the reporter said: tells the same report sent twice from another one.
    content_sha256 TEXT NOT NULL,
    -- Where the last event left it, and whether strangers may see it in that state (0 or 1).
    state TEXT NOT NULL,
    is_public BIGINT NOT NULL,
    category TEXT NOT NULL,
    description TEXT NOT NULL,
    -- WGS-84. The public pair is rounded, and the only one that strangers' searches may touch.
    lat DOUBLE PRECISION NOT NULL,
    lng DOUBLE PRECISION NOT NULL,
    public_lat DOUBLE PRECISION NOT NULL,
    public_lng DOUBLE PRECISION NOT NULL,
    accuracy_m DOUBLE PRECISION,
    -- As the phone said it, by the phone's clock.
    captured_at TEXT NOT NULL,
    captured_at_ms BIGINT NOT NULL,
    landmark TEXT NOT NULL,
    received_at_ms BIGINT NOT NULL
);

CREATE INDEX reports_by_public_place ON reports (is_public, public_lat);

CREATE TABLE report_photos (
    report TEXT NOT NULL REFERENCES reports (id),
    position BIGINT NOT NULL,
    photo TEXT NOT NULL REFERENCES photos (sha256),
    PRIMARY KEY (report, position),
    UNIQUE (photo, report)
);

-- Append-only.
CREATE TABLE report_events (
    report TEXT NOT NULL REFERENCES reports (id),
    seq BIGINT NOT NULL,
    state TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    -- What was said to the public with it; may be empty.
    note TEXT NOT NULL,
    PRIMARY KEY (report, seq)
);
