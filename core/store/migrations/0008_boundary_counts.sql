-- How well the outlines of regions are met. Filled when a run is evaluated; evaluations from before
-- have none until they are made again.

CREATE TABLE boundary_count (
    run_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    class INTEGER NOT NULL,
    truth BIGINT NOT NULL,
    predicted BIGINT NOT NULL,
    shared BIGINT NOT NULL
);
COMMENT ON TABLE boundary_count IS 'Pixels of each class that lie near the outline of its regions (core.metrics.boundary); void pixels of the truth are left out';
COMMENT ON COLUMN boundary_count.run_id IS 'run';
COMMENT ON COLUMN boundary_count.image_id IS 'image';
COMMENT ON COLUMN boundary_count.class IS 'class index that the annotation or the prediction holds';
COMMENT ON COLUMN boundary_count.truth IS 'pixels of the annotation''s band';
COMMENT ON COLUMN boundary_count.predicted IS 'pixels of the prediction''s band';
COMMENT ON COLUMN boundary_count.shared IS 'pixels that are in both bands';
