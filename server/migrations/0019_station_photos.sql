-- What the way into a station looks like. A photo stays as long as a version of its station names it, and versions stay for good;
-- everybody may see it while its station shows it.
CREATE TABLE station_photos (
    photo TEXT NOT NULL REFERENCES photos (sha256),
    station TEXT NOT NULL,
    -- 0 when the station goes on without it.
    shown BIGINT NOT NULL,
    PRIMARY KEY (photo, station)
);

CREATE INDEX station_photos_by_station ON station_photos (station);
