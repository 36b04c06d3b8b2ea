-- What everybody may see, the latest first.
CREATE INDEX reports_public ON reports (is_public, received_at_ms, id);

-- When something was repaired; what is noted or changed later has the same state and is no repair.
CREATE INDEX report_events_fixed ON report_events (report, at_ms) WHERE state = 'fixed' AND step IN ('fix', '');
