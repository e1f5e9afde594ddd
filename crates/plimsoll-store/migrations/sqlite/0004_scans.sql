-- What was found in images: inventories by digest, scans, results, verdicts.

-- form: what made it. units: the ids of its packages, see 0006_index.sql.
CREATE TABLE inventories (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest TEXT NOT NULL UNIQUE,
    content BLOB NOT NULL,
    form TEXT NOT NULL,
    units BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- No outcome: it is where its job is.
CREATE TABLE scans (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    artifact_id INTEGER NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
    job_id INTEGER,
    outcome TEXT,
    log TEXT,
    asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;

CREATE INDEX scans_by_artifact ON scans (artifact_id, id);
CREATE INDEX scans_by_job ON scans (job_id);

-- The newest result of an artifact; it stays while the next scan runs. snapshot_digest is that of the
-- scan; what is found is kept in step with the newest judgement. report_digest stands for the report,
-- which is made when somebody asks: it is another one when something else is found.
CREATE TABLE results (
    artifact_id INTEGER PRIMARY KEY REFERENCES artifacts (id) ON DELETE CASCADE,
    scan_id INTEGER NOT NULL,
    inventory_id INTEGER NOT NULL REFERENCES inventories (id),
    snapshot_digest TEXT,
    report_digest TEXT NOT NULL,
    critical INTEGER NOT NULL,
    high INTEGER NOT NULL,
    medium INTEGER NOT NULL,
    low INTEGER NOT NULL,
    other INTEGER NOT NULL,
    fixable INTEGER NOT NULL,
    incomplete INTEGER NOT NULL,
    scanned_at INTEGER NOT NULL
) STRICT;

CREATE INDEX results_by_inventory ON results (inventory_id, artifact_id);
CREATE INDEX results_by_report ON results (report_digest);

-- Every change of a verdict; the newest is the one that holds.
CREATE TABLE verdicts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    artifact_id INTEGER NOT NULL REFERENCES artifacts (id) ON DELETE CASCADE,
    answer TEXT NOT NULL,
    reasons TEXT NOT NULL,
    policy_digest TEXT NOT NULL,
    report_digest TEXT,
    decided_at INTEGER NOT NULL
) STRICT;

CREATE INDEX verdicts_by_artifact ON verdicts (artifact_id, id);
