-- Registries of others, and the namespaces whose images lie in one of them.

CREATE TABLE registries (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    host TEXT COLLATE "C" NOT NULL,
    username TEXT COLLATE "C",
    password TEXT COLLATE "C",
    insecure BIGINT NOT NULL,
    kind TEXT COLLATE "C",
    checked_at BIGINT,
    problem TEXT COLLATE "C",
    author TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

-- `repositories` and `tags` are JSON arrays of globs.
CREATE TABLE namespace_sources (
    namespace_id BIGINT PRIMARY KEY REFERENCES namespaces (id) ON DELETE CASCADE,
    registry_id BIGINT NOT NULL REFERENCES registries (id),
    repositories TEXT COLLATE "C" NOT NULL,
    tags TEXT COLLATE "C" NOT NULL,
    every_minutes BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    synced_at BIGINT,
    problem TEXT COLLATE "C",
    repositories_seen BIGINT NOT NULL DEFAULT 0,
    images_seen BIGINT NOT NULL DEFAULT 0,
    is_cut BIGINT NOT NULL DEFAULT 0
);

CREATE INDEX namespace_sources_by_registry ON namespace_sources (registry_id);
CREATE INDEX namespace_sources_due ON namespace_sources (next_at);

-- Of an image whose blobs lie in another registry: how large they are, as its manifest says.
ALTER TABLE artifacts ADD COLUMN elsewhere_bytes BIGINT NOT NULL DEFAULT 0;
