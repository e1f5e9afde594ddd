-- Work to be done, by whichever process takes it.

-- state: waiting (for run_at), queued, running, done, failed, stopped. fence counts the claims: who
-- holds an older one has lost the job. turn is the place among the namespaces of one priority.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    namespace_id INTEGER REFERENCES namespaces (id) ON DELETE SET NULL,
    priority INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    again INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    attempts_max INTEGER NOT NULL,
    fence INTEGER NOT NULL DEFAULT 0,
    worker TEXT,
    phase TEXT,
    progress_percent INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    created_at INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    lease_until INTEGER,
    started_at INTEGER,
    ended_at INTEGER
) STRICT;

-- Single flight: of one kind and key one is on its way.
CREATE UNIQUE INDEX jobs_once ON jobs (kind, key) WHERE state IN ('waiting', 'queued', 'running');
CREATE INDEX jobs_next ON jobs (priority DESC, turn, id) WHERE state = 'queued';
CREATE INDEX jobs_turns ON jobs (namespace_id, priority, turn) WHERE state = 'queued';
CREATE INDEX jobs_waiting ON jobs (run_at) WHERE state = 'waiting';
CREATE INDEX jobs_leases ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX jobs_by_namespace ON jobs (namespace_id, id);
