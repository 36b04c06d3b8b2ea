-- What staff show with an event: the repair, for the most part. Whoever sees the event sees them.
CREATE TABLE event_photos (
    report TEXT NOT NULL,
    seq BIGINT NOT NULL,
    position BIGINT NOT NULL,
    photo TEXT NOT NULL REFERENCES photos (sha256),
    PRIMARY KEY (report, seq, position),
    UNIQUE (photo, report, seq),
    FOREIGN KEY (report, seq) REFERENCES report_events (report, seq)
);
