-- What people in front of a station have said of it: that what is written is right, or that the door was locked.
CREATE TABLE verifications (
    id TEXT PRIMARY KEY,
    device TEXT NOT NULL REFERENCES devices (token_sha256),
    -- An id of `stations`, whether or not it is still there.
    station TEXT NOT NULL,
    -- What the phone said, word for word but for the way the time was written.
    slug TEXT NOT NULL,
    kind TEXT NOT NULL,
    said_at_ms BIGINT NOT NULL,
    received_at_ms BIGINT NOT NULL,
    -- When it counts for: never later than it was received, because phones' clocks may be ahead.
    at_ms BIGINT NOT NULL,
    -- The local day of that (days since 1970-01-01).
    day BIGINT NOT NULL,
    -- 0: it counts for nothing (any more): the same device has said something later on that day, the station was
    -- closed by its stated hours, or these hours have changed since.
    counts BIGINT NOT NULL
);

CREATE INDEX verifications_by_station ON verifications (station, kind, counts, at_ms);
CREATE INDEX verifications_by_day ON verifications (device, station, day);

-- What follows from them, as phones were last told, and the rev since which it does.
CREATE TABLE verified_stations (
    station TEXT PRIMARY KEY,
    -- Epoch minutes.
    confirmed_at_min BIGINT,
    locked_at_min BIGINT,
    rev BIGINT NOT NULL
);
