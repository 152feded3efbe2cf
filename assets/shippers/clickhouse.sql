-- A table for the lines of `hss-top watch --output jsonl` and `hss-top export changes`. One line is one change; a change that
-- several programs saw has the same id in each. ClickHouse removes doubles when it merges parts, at a time of its own, so ask with
-- FINAL to count each change once: SELECT count() FROM hss_changes FINAL. OPTIMIZE TABLE hss_changes FINAL merges now.
CREATE TABLE IF NOT EXISTS hss_changes
(
    schema LowCardinality(String),
    id FixedString(16),
    seen_at DateTime('UTC'),
    snapshot_at String,
    previous_snapshot_at String,
    project LowCardinality(String),
    region LowCardinality(String),
    cluster_name LowCardinality(String),
    namespace_name LowCardinality(String),
    pod_name String,
    change LowCardinality(String),
    `from` String,
    `to` String,
    score_before Nullable(Int32),
    score_after Nullable(Int32),
    worse_by Nullable(Int32)
)
ENGINE = ReplacingMergeTree
ORDER BY (project, id);
