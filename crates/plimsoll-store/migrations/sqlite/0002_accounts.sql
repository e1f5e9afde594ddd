-- Users and robots, what they may do, how they prove who they are, and what they did.

-- Both kinds in one table, so that tokens and grants need not tell them apart.
CREATE TABLE principals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    namespace_id INTEGER REFERENCES namespaces (id) ON DELETE CASCADE,
    password_hash TEXT,
    oidc_subject TEXT UNIQUE,
    disabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER,
    UNIQUE (kind, name)
) STRICT;

CREATE INDEX principals_by_namespace ON principals (namespace_id);

-- No namespace: for the whole instance.
CREATE TABLE grants (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    principal_id INTEGER NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    namespace_id INTEGER REFERENCES namespaces (id) ON DELETE CASCADE,
    what TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX grants_once ON grants (principal_id, COALESCE(namespace_id, 0), what);
CREATE INDEX grants_by_namespace ON grants (namespace_id);

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    principal_id INTEGER NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    permissions INTEGER NOT NULL,
    namespace_id INTEGER REFERENCES namespaces (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at INTEGER
) STRICT;

CREATE INDEX tokens_by_principal ON tokens (principal_id);
CREATE INDEX tokens_by_namespace ON tokens (namespace_id);

CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,
    principal_id INTEGER NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    csrf TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_by_principal ON sessions (principal_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Names as they were then: a line outlives what it speaks of.
CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    namespace_id INTEGER,
    target TEXT NOT NULL,
    allowed INTEGER NOT NULL,
    address TEXT,
    detail TEXT
) STRICT;

CREATE INDEX audit_log_by_namespace ON audit_log (namespace_id, id);
