-- What lists are filtered by, beside the artifact, so that a filter reads one index and nothing else.

-- All of it repeats what other tables say, and is written with them: the state of the newest scan, the
-- verdict that holds, whether the newest result has something with a fix and when it was made, whether a
-- tag points here, whether this speaks of another artifact.
ALTER TABLE artifacts ADD COLUMN state TEXT NOT NULL DEFAULT 'not_scanned';
ALTER TABLE artifacts ADD COLUMN verdict TEXT;
ALTER TABLE artifacts ADD COLUMN has_fix INTEGER NOT NULL DEFAULT 0;
ALTER TABLE artifacts ADD COLUMN scanned_at INTEGER;
ALTER TABLE artifacts ADD COLUMN has_tag INTEGER NOT NULL DEFAULT 0;
ALTER TABLE artifacts ADD COLUMN is_referrer INTEGER NOT NULL DEFAULT 0;

UPDATE artifacts SET
    state = COALESCE((SELECT COALESCE(s.outcome, CASE
            WHEN j.state = 'running' THEN 'scanning'
            WHEN j.state IN ('waiting', 'queued') THEN 'queued'
            ELSE j.state END)
        FROM scans AS s LEFT JOIN jobs AS j ON j.id = s.job_id
        WHERE s.artifact_id = artifacts.id ORDER BY s.id DESC LIMIT 1), 'not_scanned'),
    verdict = (SELECT v.answer FROM verdicts AS v WHERE v.artifact_id = artifacts.id ORDER BY v.id DESC LIMIT 1),
    has_fix = COALESCE((SELECT CASE WHEN x.fixable > 0 THEN 1 ELSE 0 END
        FROM results AS x WHERE x.artifact_id = artifacts.id), 0),
    scanned_at = (SELECT x.scanned_at FROM results AS x WHERE x.artifact_id = artifacts.id),
    has_tag = CASE WHEN EXISTS (SELECT 1 FROM tags AS t WHERE t.artifact_id = artifacts.id) THEN 1 ELSE 0 END,
    is_referrer = CASE WHEN subject_digest IS NULL THEN 0 ELSE 1 END;

-- Beginning as before, and with all that a filter may ask for.
DROP INDEX artifacts_by_namespace;
CREATE INDEX artifacts_by_namespace ON artifacts (namespace_id, id, repository_id, state, verdict, rank,
    has_fix, has_tag, is_referrer, scanned_at, pulled_at);

DROP INDEX tags_by_artifact;
CREATE INDEX tags_by_artifact ON tags (artifact_id, name);
CREATE INDEX tags_by_name ON tags (name, repository_id, artifact_id);
