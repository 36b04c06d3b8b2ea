-- What several copies of the program, and phones, need to know of the whole.

-- When each background job is due next: one copy takes it.
CREATE TABLE jobs (
    name TEXT PRIMARY KEY,
    next_ms BIGINT NOT NULL
);

-- Another number after a backup was restored: revisions then count on from an earlier one and mean something else.
ALTER TABLE district ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
