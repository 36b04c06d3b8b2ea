-- Who repairs: a department or a firm. Never deleted: what it was given keeps saying that it was it.
CREATE TABLE units (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    -- Whom to ask for, and where; may be empty.
    contact TEXT NOT NULL,
    phone TEXT NOT NULL,
    -- 0 or 1; gets no new cases.
    closed BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL
);

-- Who is responsible now.
ALTER TABLE reports ADD COLUMN unit TEXT REFERENCES units (id);

-- When the next step is due; NULL while nobody has to do anything.
ALTER TABLE reports ADD COLUMN due_at_ms BIGINT;

-- What staff did, by a code; empty: it was not they, or names were not kept yet.
ALTER TABLE report_events ADD COLUMN step TEXT NOT NULL DEFAULT '';
-- `reporter` or `staff`; empty: not known.
ALTER TABLE report_events ADD COLUMN actor TEXT NOT NULL DEFAULT '';
ALTER TABLE report_events ADD COLUMN staff TEXT REFERENCES staff (id);
ALTER TABLE report_events ADD COLUMN internal_note TEXT NOT NULL DEFAULT '';
-- Why it was declined, by a code.
ALTER TABLE report_events ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE report_events ADD COLUMN unit TEXT REFERENCES units (id);
-- Made by whoever sent it, so that what is sent twice is done once.
ALTER TABLE report_events ADD COLUMN event_id TEXT;
-- Whether the reporter sees it (0 or 1).
ALTER TABLE report_events ADD COLUMN is_public BIGINT NOT NULL DEFAULT 1;

CREATE UNIQUE INDEX report_events_by_id ON report_events (report, event_id) WHERE event_id IS NOT NULL;

UPDATE report_events SET actor = 'reporter' WHERE seq = 0;
UPDATE reports SET due_at_ms = received_at_ms + 86400000
    WHERE merged_into IS NULL AND state IN ('received', 'accepted', 'assigned', 'in_progress', 'reopened');

-- The queue, and what is done.
CREATE INDEX reports_due ON reports (due_at_ms, id) WHERE merged_into IS NULL AND due_at_ms IS NOT NULL;
CREATE INDEX reports_by_state ON reports (state, received_at_ms, id);
