-- What staff have changed of stations, services, markets and exceptions. Nothing here is ever changed or deleted: an undo is
-- another change.
CREATE TABLE district_changes (
    -- The revision under which phones heard of it.
    rev BIGINT PRIMARY KEY,
    staff TEXT NOT NULL REFERENCES staff (id),
    at_ms BIGINT NOT NULL,
    -- May be empty.
    why TEXT NOT NULL,
    -- The rev of the change that it takes back, or NULL.
    undoes BIGINT
);

-- What was changed together.
CREATE TABLE district_change_entries (
    rev BIGINT NOT NULL REFERENCES district_changes (rev),
    entity TEXT NOT NULL,
    -- As staff write it, in JSON. NULL before: it was made. NULL after: it was retired.
    body_before TEXT,
    body_after TEXT,
    PRIMARY KEY (rev, entity)
);

CREATE INDEX district_change_entries_by_entity ON district_change_entries (entity, rev);
