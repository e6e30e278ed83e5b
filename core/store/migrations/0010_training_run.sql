-- Histories of trainings that other programs wrote belong to a run, not to weights.

ALTER TABLE training ADD COLUMN run_id INTEGER;
COMMENT ON COLUMN training.run_id IS 'run whose imported history this is, or NULL: then weights_sha256 says which runs it is of';
