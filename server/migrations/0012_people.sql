-- Staff. Nobody is ever deleted: what they did keeps saying that it was them.
CREATE TABLE staff (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- The name without capitals: what people sign in with.
    name_key TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    -- Of the role `unit`; empty otherwise.
    unit TEXT NOT NULL,
    -- Argon2id in PHC's form; empty until it is chosen.
    password TEXT NOT NULL,
    -- Secret of the second factor in base32; empty without one. The pending one waits for its first code.
    totp_secret TEXT NOT NULL,
    totp_pending TEXT NOT NULL,
    -- The latest step of the clock whose code was taken: none is taken twice.
    totp_step BIGINT NOT NULL,
    -- 0 or 1.
    disabled BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL
);

-- Codes that stand in for a lost second factor, once each.
CREATE TABLE recovery_codes (
    staff TEXT NOT NULL REFERENCES staff (id),
    code_sha256 TEXT NOT NULL,
    PRIMARY KEY (staff, code_sha256)
);

-- Where staff are signed in. Of the cookie only the hash is kept.
CREATE TABLE staff_sessions (
    id TEXT PRIMARY KEY,
    token_sha256 TEXT NOT NULL UNIQUE,
    staff TEXT NOT NULL REFERENCES staff (id),
    -- Browser and system in a few words.
    agent TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    last_seen_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);

CREATE INDEX staff_sessions_by_staff ON staff_sessions (staff);

-- Links that work once, for choosing a password.
CREATE TABLE staff_links (
    token_sha256 TEXT PRIMARY KEY,
    -- NULL: makes the first admin, while there is nobody.
    staff TEXT REFERENCES staff (id),
    expires_at_ms BIGINT NOT NULL
);

-- Sign-ins that failed lately, by a hash of the name: also of names that nobody has.
CREATE TABLE sign_in_failures (
    name_sha256 TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    -- When the next attempt is looked at.
    next_ms BIGINT NOT NULL
);

-- Codes with which couriers join.
CREATE TABLE invitations (
    code_sha256 TEXT PRIMARY KEY,
    staff TEXT NOT NULL REFERENCES staff (id),
    uses_left BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);

-- Couriers who have joined; gone with their phone.
CREATE TABLE members (
    device TEXT PRIMARY KEY REFERENCES devices (token_sha256),
    name TEXT NOT NULL,
    -- May be empty.
    phone TEXT NOT NULL,
    -- Who invited them.
    staff TEXT NOT NULL REFERENCES staff (id),
    joined_at_ms BIGINT NOT NULL
);
