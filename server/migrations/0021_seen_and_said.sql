-- When the phone last sent a photo again, or was told that it is there; 0: not since it has sent it. Until a report names it, it
-- is kept for a while from then.
ALTER TABLE photo_devices ADD COLUMN last_seen_ms BIGINT NOT NULL DEFAULT 0;

-- Of what a reporter said: their own report, which may be one that is followed through the event's. NULL where nobody knows
-- which that was, and of everything else.
ALTER TABLE report_events ADD COLUMN said_of TEXT;

UPDATE report_events SET said_of = report WHERE actor = 'reporter' AND seq > 0
    AND NOT EXISTS (SELECT 1 FROM reports WHERE merged_into = report_events.report);

CREATE INDEX report_events_said_of ON report_events (said_of) WHERE said_of IS NOT NULL;
