-- Users and robots, what they may do, how they prove who they are, and what they did.

-- Both kinds in one table, so that tokens and grants need not tell them apart.
CREATE TABLE principals (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    namespace_id BIGINT REFERENCES namespaces (id) ON DELETE CASCADE,
    password_hash TEXT COLLATE "C",
    oidc_subject TEXT COLLATE "C" UNIQUE,
    disabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT,
    UNIQUE (kind, name)
);

CREATE INDEX principals_by_namespace ON principals (namespace_id);

-- No namespace: for the whole instance.
CREATE TABLE grants (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    principal_id BIGINT NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    namespace_id BIGINT REFERENCES namespaces (id) ON DELETE CASCADE,
    what TEXT COLLATE "C" NOT NULL
);

CREATE UNIQUE INDEX grants_once ON grants (principal_id, COALESCE(namespace_id, 0), what);
CREATE INDEX grants_by_namespace ON grants (namespace_id);

CREATE TABLE tokens (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    principal_id BIGINT NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    prefix TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL UNIQUE,
    permissions BIGINT NOT NULL,
    namespace_id BIGINT REFERENCES namespaces (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at BIGINT
);

CREATE INDEX tokens_by_principal ON tokens (principal_id);
CREATE INDEX tokens_by_namespace ON tokens (namespace_id);

CREATE TABLE sessions (
    hash TEXT COLLATE "C" PRIMARY KEY,
    principal_id BIGINT NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    csrf TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX sessions_by_principal ON sessions (principal_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Names as they were then: a line outlives what it speaks of.
CREATE TABLE audit_log (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    namespace_id BIGINT,
    target TEXT COLLATE "C" NOT NULL,
    allowed BIGINT NOT NULL,
    address TEXT COLLATE "C",
    detail TEXT COLLATE "C"
);

CREATE INDEX audit_log_by_namespace ON audit_log (namespace_id, id);
