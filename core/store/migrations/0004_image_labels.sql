-- Which classes an image shows, by systems that say so of the image as a whole.

CREATE TABLE prediction_label (
    run_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    probabilities DOUBLE[] NOT NULL,
    PRIMARY KEY (run_id, image_id)
);
COMMENT ON TABLE prediction_label IS 'How probable it is that an image shows each class, as a system says itself';
COMMENT ON COLUMN prediction_label.run_id IS 'run';
COMMENT ON COLUMN prediction_label.image_id IS 'image';
COMMENT ON COLUMN prediction_label.probabilities IS 'of each class by its index, fractions from 0 to 1';

ALTER TABLE run ADD COLUMN has_labels BOOLEAN DEFAULT false;
COMMENT ON COLUMN run.has_labels IS 'predictions tell how probable it is that the image shows each class; false for runs from before';
