-- What a policy overlooks for a while, and why.

-- No namespace: everywhere. No repository, package or tags: any.
CREATE TABLE exceptions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace_id INTEGER REFERENCES namespaces (id) ON DELETE CASCADE,
    vulnerability TEXT NOT NULL,
    package TEXT,
    repository TEXT,
    tags TEXT,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT;

CREATE INDEX exceptions_by_namespace ON exceptions (namespace_id, id);
CREATE INDEX exceptions_by_expiry ON exceptions (expires_at);
