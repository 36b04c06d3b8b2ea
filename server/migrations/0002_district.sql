-- The district as phones see it. `body` is the entity as JSON in the shape of /api/v1; the columns beside it are what
-- queries and constraints need. `rev` is the revision at which a row last changed.
--
-- Ids are unique over all kinds, because phones are told only the ids of what is gone: st- stations, sv- services,
-- mk- markets, lm- landmarks, sc- schedules.

CREATE TABLE district (
    -- There is exactly one.
    id BIGINT PRIMARY KEY CHECK (id = 1),
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    -- 1: the built-in sample is (still) part of the data.
    sample BIGINT NOT NULL,
    -- The highest rev of anything below.
    rev BIGINT NOT NULL,
    -- Schedules were last sent for this local day (days since 1970-01-01), under this calendar and evaluation, and
    -- changed for everybody at this rev.
    spans_day BIGINT NOT NULL,
    spans_fingerprint TEXT NOT NULL,
    spans_rev BIGINT NOT NULL
);

-- Opening rules in OSM syntax, named by their hash: whatever keeps the same hours shares one.
CREATE TABLE schedules (
    id TEXT PRIMARY KEY,
    rule TEXT NOT NULL,
    rev BIGINT NOT NULL
);

CREATE TABLE stations (
    id TEXT PRIMARY KEY,
    slug TEXT NOT NULL CONSTRAINT stations_slug UNIQUE,
    schedule TEXT REFERENCES schedules (id),
    body TEXT NOT NULL,
    rev BIGINT NOT NULL
);

CREATE TABLE services (
    id TEXT PRIMARY KEY,
    station TEXT NOT NULL REFERENCES stations (id),
    schedule TEXT REFERENCES schedules (id),
    body TEXT NOT NULL,
    rev BIGINT NOT NULL
);

CREATE TABLE markets (
    id TEXT PRIMARY KEY,
    schedule TEXT REFERENCES schedules (id),
    body TEXT NOT NULL,
    rev BIGINT NOT NULL
);

CREATE TABLE landmarks (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    rev BIGINT NOT NULL
);

-- What is gone, so that phones drop it too.
CREATE TABLE tombstones (
    id TEXT PRIMARY KEY,
    rev BIGINT NOT NULL
);
