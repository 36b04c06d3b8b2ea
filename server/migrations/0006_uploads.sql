-- Photos that arrive in parts. How much of one is there is asked of its file, which alone knows after a crash.
CREATE TABLE uploads (
    device TEXT NOT NULL REFERENCES devices (token_sha256),
    -- Of the whole photo, as its sender says; believed when all of it is there.
    sha256 TEXT NOT NULL,
    -- Bytes of the whole photo.
    length BIGINT NOT NULL,
    last_byte_ms BIGINT NOT NULL,
    PRIMARY KEY (device, sha256)
);

CREATE INDEX uploads_by_last_byte ON uploads (last_byte_ms);

-- Bytes of the photo as it was sent; NULL for those stored before it was kept.
ALTER TABLE photos ADD COLUMN sent_bytes BIGINT;

-- What a device has sent, and when: its daily share is counted here.
ALTER TABLE photo_devices ADD COLUMN sent_at_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE photo_devices ADD COLUMN sent_bytes BIGINT NOT NULL DEFAULT 0;

CREATE INDEX photo_devices_by_time ON photo_devices (device, sent_at_ms);
