-- Who wants to hear what happens, and what was sent to them.

-- No namespace: what happens anywhere. `kinds` is a JSON array; empty means all.
CREATE TABLE webhooks (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    namespace_id BIGINT REFERENCES namespaces (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    secret BYTEA NOT NULL,
    enabled BIGINT NOT NULL,
    kinds TEXT COLLATE "C" NOT NULL,
    severity TEXT COLLATE "C",
    only_fixable BIGINT NOT NULL,
    only_new BIGINT NOT NULL,
    dropped BIGINT NOT NULL DEFAULT 0,
    author TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX webhooks_by_namespace ON webhooks (namespace_id, id);

CREATE TABLE deliveries (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id BIGINT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL,
    status BIGINT,
    error TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE INDEX deliveries_due ON deliveries (state, next_at);
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_by_age ON deliveries (created_at);

-- How far the events of new databases have been told.
CREATE TABLE webhook_cursor (
    id BIGINT PRIMARY KEY,
    event BIGINT NOT NULL
);
