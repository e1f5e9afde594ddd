-- Work to be done, by whichever process takes it.

-- state: waiting (for run_at), queued, running, done, failed, stopped. fence counts the claims: who
-- holds an older one has lost the job. turn is the place among the namespaces of one priority.
CREATE TABLE jobs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    namespace_id BIGINT REFERENCES namespaces (id) ON DELETE SET NULL,
    priority BIGINT NOT NULL,
    turn BIGINT NOT NULL,
    payload TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    again BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    attempts_max BIGINT NOT NULL,
    fence BIGINT NOT NULL DEFAULT 0,
    worker TEXT COLLATE "C",
    phase TEXT COLLATE "C",
    progress_percent BIGINT NOT NULL DEFAULT 0,
    error TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    lease_until BIGINT,
    started_at BIGINT,
    ended_at BIGINT
);

-- Single flight: of one kind and key one is on its way.
CREATE UNIQUE INDEX jobs_once ON jobs (kind, key) WHERE state IN ('waiting', 'queued', 'running');
CREATE INDEX jobs_next ON jobs (priority DESC, turn, id) WHERE state = 'queued';
CREATE INDEX jobs_turns ON jobs (namespace_id, priority, turn) WHERE state = 'queued';
CREATE INDEX jobs_waiting ON jobs (run_at) WHERE state = 'waiting';
CREATE INDEX jobs_leases ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX jobs_by_namespace ON jobs (namespace_id, id);
