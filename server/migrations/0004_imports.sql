-- What the last import said of a station, as JSON by column: a value that differs from it was changed by people here,
-- and the next import leaves it alone. Kept when the station goes, so that an import does not bring it back.

CREATE TABLE imports (
    -- An id of `stations`, whether or not it is still there.
    station TEXT PRIMARY KEY,
    body TEXT NOT NULL
);
