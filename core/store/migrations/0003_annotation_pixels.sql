-- How much of each image each class takes, so that label maps can be explored before any run.
-- Filled when a split is imported; splits from before keep none until they are imported again.

CREATE TABLE annotation_pixel (
    image_id INTEGER NOT NULL,
    class INTEGER NOT NULL,
    pixels BIGINT NOT NULL
);
COMMENT ON TABLE annotation_pixel IS 'Labelled pixels of each class in each annotated label map; void is left out';
COMMENT ON COLUMN annotation_pixel.image_id IS 'image';
COMMENT ON COLUMN annotation_pixel.class IS 'class index; the number of classes means a painted background';
COMMENT ON COLUMN annotation_pixel.pixels IS 'number of pixels, above 0';
