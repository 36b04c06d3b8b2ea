-- When a phone was last heard of, to the day.
ALTER TABLE devices ADD COLUMN last_seen_ms BIGINT NOT NULL DEFAULT 0;
UPDATE devices SET last_seen_ms = first_seen_ms;
UPDATE devices SET last_seen_ms = (SELECT MAX(received_at_ms) FROM reports WHERE device = token_sha256)
WHERE EXISTS (SELECT 1 FROM reports WHERE device = token_sha256 AND received_at_ms > last_seen_ms);
UPDATE devices SET last_seen_ms = (SELECT MAX(received_at_ms) FROM verifications WHERE device = token_sha256)
WHERE EXISTS (SELECT 1 FROM verifications WHERE device = token_sha256 AND received_at_ms > last_seen_ms);

CREATE INDEX devices_by_last_seen ON devices (last_seen_ms);

-- Reports that their phone has taken back, so that a copy still on its way is not stored after all.
CREATE TABLE withdrawn (
    -- Hash of the report's id and its phone: says nothing to anybody who does not know both.
    id_device_sha256 TEXT PRIMARY KEY,
    at_ms BIGINT NOT NULL
);

CREATE INDEX withdrawn_by_time ON withdrawn (at_ms);

-- When photos were sent is kept since migration 6.
UPDATE photo_devices SET sent_at_ms = (SELECT received_at_ms FROM photos WHERE sha256 = photo) WHERE sent_at_ms = 0;

-- Files of photos are shared by photos that look the same.
CREATE INDEX photos_by_blob ON photos (blob_sha256);
CREATE INDEX photos_by_thumb ON photos (thumb_sha256);
