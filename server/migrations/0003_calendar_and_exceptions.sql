-- Years of China's calendar that are announced after the program was built, or were built in wrong. `body` is
-- {"days_off": [["2027-01-01", "2027-01-03"], …], "working_weekends": ["2027-01-09", …]}.
CREATE TABLE calendar_years (
    year BIGINT PRIMARY KEY,
    body TEXT NOT NULL,
    rev BIGINT NOT NULL
);

-- Days unlike what a rule says. On a day of two exceptions of one target the one with the higher rev counts.
CREATE TABLE exceptions (
    id TEXT PRIMARY KEY,
    -- The id of a station, a service or a market.
    target TEXT NOT NULL,
    -- Days since 1970-01-01, both included.
    first_day BIGINT NOT NULL,
    last_day BIGINT NOT NULL,
    -- OSM time spans, '10:00-12:00,14:00-16:00'; '' is closed.
    hours TEXT NOT NULL,
    reason TEXT NOT NULL,
    reason_en TEXT NOT NULL,
    rev BIGINT NOT NULL
);

-- What phones were last told to look at: the schedule in effect of each station, service and market for which that has
-- ever been another than its rule's, and the rev since which it is this one.
CREATE TABLE effective_hours (
    keeper TEXT PRIMARY KEY,
    schedule TEXT,
    rev BIGINT NOT NULL
);

-- The schedules that phones were last told to hold, and the rev at which each came.
CREATE TABLE sent_schedules (
    id TEXT PRIMARY KEY,
    rev BIGINT NOT NULL
);

INSERT INTO sent_schedules (id, rev) SELECT id, rev FROM schedules;
