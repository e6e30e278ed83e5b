-- Panoptic quality. Filled when a run is evaluated; evaluations from before have none until they are
-- made again.

CREATE TABLE segment_count (
    run_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    class INTEGER NOT NULL,
    tp BIGINT NOT NULL,
    fp BIGINT NOT NULL,
    fn BIGINT NOT NULL,
    iou DOUBLE NOT NULL
);
COMMENT ON TABLE segment_count IS 'Matches of panoptic segments (core.metrics.panoptic), a row for each class of an image that has any';
COMMENT ON COLUMN segment_count.run_id IS 'run';
COMMENT ON COLUMN segment_count.image_id IS 'image';
COMMENT ON COLUMN segment_count.class IS 'class index that the annotation or the prediction holds';
COMMENT ON COLUMN segment_count.tp IS 'pairs of segments with an IoU above .5';
COMMENT ON COLUMN segment_count.fp IS 'predicted segments without a match that do not lie mostly on void or crowd';
COMMENT ON COLUMN segment_count.fn IS 'annotated segments without a match, crowd left out';
COMMENT ON COLUMN segment_count.iou IS 'sum of the IoU of the pairs, 0 to tp';

ALTER TABLE evaluation ADD COLUMN has_segments BOOLEAN;
COMMENT ON COLUMN evaluation.has_segments IS 'segments were counted; false where a run or its split has none; NULL for evaluations from before';
