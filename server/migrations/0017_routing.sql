-- For which unit a case is suggested: the first that fits, by position. The version of the list is `routes` in `meta`.
CREATE TABLE routes (
    position BIGINT PRIMARY KEY,
    -- Empty: any.
    category TEXT NOT NULL,
    -- What people call the area; empty: the whole district.
    area TEXT NOT NULL,
    -- WGS-84. NULL for the whole district.
    lat DOUBLE PRECISION,
    lng DOUBLE PRECISION,
    radius_m BIGINT,
    unit TEXT NOT NULL REFERENCES units (id)
);

-- With which a unit works on one case without an account; at most one a case.
CREATE TABLE case_links (
    report TEXT PRIMARY KEY REFERENCES reports (id),
    token_sha256 TEXT NOT NULL UNIQUE,
    -- Whose it is: it stops working when the case is another's.
    unit TEXT NOT NULL REFERENCES units (id),
    -- Who made it.
    staff TEXT NOT NULL REFERENCES staff (id),
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);

-- 1: strangers see nothing of it, whatever its state.
ALTER TABLE reports ADD COLUMN taken_down BIGINT NOT NULL DEFAULT 0;
-- What the reporter wrote, where `description` is what is shown instead.
ALTER TABLE reports ADD COLUMN original_description TEXT;
-- When words or photos were last replaced; NULL where none were, and once what the reporter sent is not kept any more.
ALTER TABLE reports ADD COLUMN redacted_at_ms BIGINT;

-- All photos that the reporter sent, where `report_photos` are those that are shown instead.
CREATE TABLE original_photos (
    report TEXT NOT NULL REFERENCES reports (id),
    position BIGINT NOT NULL,
    photo TEXT NOT NULL REFERENCES photos (sha256),
    PRIMARY KEY (report, position)
);

CREATE INDEX reports_redacted ON reports (redacted_at_ms) WHERE redacted_at_ms IS NOT NULL;
CREATE INDEX original_photos_by_photo ON original_photos (photo);
