-- What lists of artifacts are read by, so that a page of a large namespace costs a page.

-- namespace_id is the repository's, which never changes. rank is how bad the newest result is, and is
-- written with it; -1 where there is none.
ALTER TABLE artifacts ADD COLUMN namespace_id INTEGER;
ALTER TABLE artifacts ADD COLUMN rank INTEGER NOT NULL DEFAULT -1;

UPDATE artifacts SET namespace_id = (
    SELECT r.namespace_id FROM repositories AS r WHERE r.id = artifacts.repository_id);

UPDATE artifacts SET rank = COALESCE((
    SELECT CASE WHEN x.critical > 9999 THEN 9999 ELSE x.critical END * 1000000000000
        + CASE WHEN x.high > 9999 THEN 9999 ELSE x.high END * 100000000
        + CASE WHEN x.medium > 9999 THEN 9999 ELSE x.medium END * 10000
        + CASE WHEN x.low > 9999 THEN 9999 ELSE x.low END
    FROM results AS x WHERE x.artifact_id = artifacts.id), -1);

CREATE INDEX artifacts_by_namespace ON artifacts (namespace_id, id);
CREATE INDEX artifacts_by_repository ON artifacts (repository_id, id);
CREATE INDEX artifacts_by_pull ON artifacts (namespace_id, (COALESCE(pulled_at, -1)), id);
CREATE INDEX artifacts_by_pull_everywhere ON artifacts ((COALESCE(pulled_at, -1)), id);
CREATE INDEX artifacts_by_rank ON artifacts (namespace_id, rank, id);
CREATE INDEX artifacts_by_rank_everywhere ON artifacts (rank, id);
