-- What a policy overlooks for a while, and why.

-- No namespace: everywhere. No repository, package or tags: any.
CREATE TABLE exceptions (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    namespace_id BIGINT REFERENCES namespaces (id) ON DELETE CASCADE,
    vulnerability TEXT COLLATE "C" NOT NULL,
    package TEXT COLLATE "C",
    repository TEXT COLLATE "C",
    tags TEXT COLLATE "C",
    reason TEXT COLLATE "C" NOT NULL,
    author TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);

CREATE INDEX exceptions_by_namespace ON exceptions (namespace_id, id);
CREATE INDEX exceptions_by_expiry ON exceptions (expires_at);
