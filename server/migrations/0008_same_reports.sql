-- What the reporter says the report is the same as: an id of `reports`, whether or not there is one.
ALTER TABLE reports ADD COLUMN same_as TEXT;

-- The report through which this one is followed, which is never merged itself. What is merged does not move by itself, so
-- it never becomes public.
ALTER TABLE reports ADD COLUMN merged_into TEXT REFERENCES reports (id)
    CHECK (merged_into IS NULL OR (is_public = 0 AND merged_into <> id));

-- The revision at which phones were told of it as open; NULL while it is not.
ALTER TABLE reports ADD COLUMN open_rev BIGINT;

CREATE INDEX reports_by_device ON reports (device, merged_into, captured_at_ms);
CREATE INDEX reports_merged ON reports (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX reports_open ON reports (open_rev) WHERE open_rev IS NOT NULL;

-- What was public before phones were told of it.
UPDATE meta SET value = value + 1 WHERE name = 'rev' AND EXISTS (SELECT 1 FROM reports WHERE is_public = 1);
UPDATE district SET rev = (SELECT value FROM meta WHERE name = 'rev')
    WHERE EXISTS (SELECT 1 FROM reports WHERE is_public = 1);
UPDATE reports SET open_rev = (SELECT value FROM meta WHERE name = 'rev')
    WHERE state IN ('accepted', 'assigned', 'in_progress', 'reopened');
