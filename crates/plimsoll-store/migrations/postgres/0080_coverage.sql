-- What lists by coverage are read from: the few results of which something is missing, and the end of
-- each distribution's support.

CREATE INDEX results_incomplete ON results (artifact_id) WHERE incomplete = 1;
CREATE INDEX results_by_support ON results (support_ends, artifact_id);
