-- Files of photos that end because no row names them. The end is decided where nobody else writes, and stays written down
-- after the file is gone: whoever put the same file before that must put it again before a row may name it.
CREATE TABLE doomed (
    file TEXT PRIMARY KEY,
    -- Which decision: random, so that two of them are told apart.
    doom TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    -- 1 when the file is gone.
    gone BIGINT NOT NULL
);

CREATE INDEX doomed_by_time ON doomed (gone, at_ms);
