-- Where the wrong pixels of label maps lie. Filled when a run is evaluated; evaluations from before
-- have none until they are made again.

CREATE TABLE pixel_error_count (
    run_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    class INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    missed BIGINT NOT NULL,
    added BIGINT NOT NULL,
    wrong BIGINT NOT NULL
);
COMMENT ON TABLE pixel_error_count IS 'Wrong pixels of each class by where they lie (core.metrics.pixel_errors); void pixels of the truth are left out';
COMMENT ON COLUMN pixel_error_count.run_id IS 'run';
COMMENT ON COLUMN pixel_error_count.image_id IS 'image';
COMMENT ON COLUMN pixel_error_count.class IS 'class index that the annotation or the prediction holds';
COMMENT ON COLUMN pixel_error_count.kind IS 'boundary, extent or segment';
COMMENT ON COLUMN pixel_error_count.missed IS 'pixels annotated as the class and predicted as another, of this kind as errors of the class';
COMMENT ON COLUMN pixel_error_count.added IS 'pixels predicted as the class and annotated as another, of this kind as errors of the class';
COMMENT ON COLUMN pixel_error_count.wrong IS 'pixels annotated as the class and predicted as another, of this kind as the graver error of both classes';
