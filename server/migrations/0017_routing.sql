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
-- What is shown instead of the description; NULL: the description.
ALTER TABLE reports ADD COLUMN shown_description TEXT;
-- When something was last replaced; NULL once what the reporter sent is not kept any more.
ALTER TABLE reports ADD COLUMN redacted_at_ms BIGINT;
-- 1: `instead` is shown, or nothing where that is NULL.
ALTER TABLE report_photos ADD COLUMN redacted BIGINT NOT NULL DEFAULT 0;
ALTER TABLE report_photos ADD COLUMN instead TEXT REFERENCES photos (sha256);

CREATE INDEX reports_redacted ON reports (redacted_at_ms) WHERE redacted_at_ms IS NOT NULL;
CREATE INDEX report_photos_instead ON report_photos (instead) WHERE instead IS NOT NULL;
