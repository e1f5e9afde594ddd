-- The registry: namespaces, repositories, blobs, manifests, tags, uploads.
-- Times are seconds since 1970 (UTC), digests are texts, sizes are bytes.

CREATE TABLE namespaces (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    public BIGINT NOT NULL,
    auto_scan BIGINT NOT NULL,
    policy TEXT COLLATE "C",
    refusal TEXT COLLATE "C" NOT NULL,
    quota_bytes BIGINT,
    used_bytes BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

CREATE TABLE repositories (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    namespace_id BIGINT NOT NULL REFERENCES namespaces (id),
    name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (namespace_id, name)
);

-- storage_key is where the bytes lie; it is never used twice, so that deleting the file of a blob
-- that is gone cannot hit the same blob pushed again.
CREATE TABLE blobs (
    digest TEXT COLLATE "C" PRIMARY KEY,
    size_bytes BIGINT NOT NULL,
    storage_key TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);

-- Files to be deleted, so that a crash between the row and the file leaks nothing.
CREATE TABLE doomed_files (
    storage_key TEXT COLLATE "C" PRIMARY KEY,
    doomed_at BIGINT NOT NULL
);

-- Which repository has which blob, and so who may pull and mount it.
CREATE TABLE repository_blobs (
    repository_id BIGINT NOT NULL REFERENCES repositories (id),
    digest TEXT COLLATE "C" NOT NULL REFERENCES blobs (digest),
    used_at BIGINT NOT NULL,
    PRIMARY KEY (repository_id, digest)
);

CREATE INDEX repository_blobs_by_digest ON repository_blobs (digest);

CREATE TABLE manifests (
    digest TEXT COLLATE "C" PRIMARY KEY,
    content BYTEA NOT NULL,
    used_at BIGINT NOT NULL
);

-- A manifest in a repository.
CREATE TABLE artifacts (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repository_id BIGINT NOT NULL REFERENCES repositories (id),
    digest TEXT COLLATE "C" NOT NULL REFERENCES manifests (digest),
    media_type TEXT COLLATE "C" NOT NULL,
    artifact_type TEXT COLLATE "C",
    size_bytes BIGINT NOT NULL,
    subject_digest TEXT COLLATE "C",
    config_digest TEXT COLLATE "C",
    annotations TEXT COLLATE "C" NOT NULL,
    pushed_at BIGINT NOT NULL,
    pulled_at BIGINT,
    UNIQUE (repository_id, digest)
);

CREATE INDEX artifacts_by_digest ON artifacts (digest);
CREATE INDEX artifacts_by_subject ON artifacts (repository_id, subject_digest);

CREATE TABLE artifact_blobs (
    artifact_id BIGINT NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    repository_id BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL REFERENCES blobs (digest),
    PRIMARY KEY (artifact_id, position),
    FOREIGN KEY (repository_id, digest) REFERENCES repository_blobs (repository_id, digest)
);

CREATE INDEX artifact_blobs_by_digest ON artifact_blobs (digest, repository_id);

-- The images of an index. A child may be deleted before its parent, so it is no reference.
CREATE TABLE artifact_children (
    parent_id BIGINT NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    platform TEXT COLLATE "C",
    PRIMARY KEY (parent_id, position)
);

CREATE INDEX artifact_children_by_digest ON artifact_children (digest);

CREATE TABLE tags (
    repository_id BIGINT NOT NULL REFERENCES repositories (id),
    name TEXT COLLATE "C" NOT NULL,
    artifact_id BIGINT NOT NULL REFERENCES artifacts (id),
    moved_at BIGINT NOT NULL,
    PRIMARY KEY (repository_id, name)
);

CREATE INDEX tags_by_artifact ON tags (artifact_id);

-- Where a tag has pointed; no digest says that it was deleted.
CREATE TABLE tag_moves (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repository_id BIGINT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C",
    actor TEXT COLLATE "C" NOT NULL,
    moved_at BIGINT NOT NULL
);

CREATE INDEX tag_moves_by_name ON tag_moves (repository_id, name, id);

-- Pulls by day, for previews of a policy.
CREATE TABLE pulls (
    artifact_id BIGINT NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
    day BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (artifact_id, day)
);

CREATE TABLE uploads (
    id TEXT COLLATE "C" PRIMARY KEY,
    repository_id BIGINT NOT NULL REFERENCES repositories (id),
    storage_key TEXT COLLATE "C" NOT NULL UNIQUE,
    offset_bytes BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    touched_at BIGINT NOT NULL
);

CREATE INDEX uploads_by_age ON uploads (touched_at);
CREATE INDEX uploads_by_repository ON uploads (repository_id);
