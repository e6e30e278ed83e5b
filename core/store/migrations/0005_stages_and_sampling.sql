-- How long each stage of a system takes, and what class-balanced sampling does to a training.

CREATE TABLE prediction_stage (
    run_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    stages VARCHAR[] NOT NULL,
    stage_seconds DOUBLE[] NOT NULL,
    PRIMARY KEY (run_id, image_id)
);
COMMENT ON TABLE prediction_stage IS 'Time that each stage of a system took for an image, where the system has several';
COMMENT ON COLUMN prediction_stage.run_id IS 'run';
COMMENT ON COLUMN prediction_stage.image_id IS 'image';
COMMENT ON COLUMN prediction_stage.stages IS 'names of the stages, in the order they act';
COMMENT ON COLUMN prediction_stage.stage_seconds IS 'time that each took, seconds; of what a stage does for a batch at once each image has its share';

CREATE TABLE training_class (
    training_id VARCHAR NOT NULL,
    class INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    images BIGINT NOT NULL,
    drawn DOUBLE NOT NULL,
    PRIMARY KEY (training_id, class)
);
COMMENT ON TABLE training_class IS 'How often a training sees each class in an epoch, by class-balanced sampling and without it';
COMMENT ON COLUMN training_class.training_id IS 'training';
COMMENT ON COLUMN training_class.class IS 'class index; the number of classes means a painted background';
COMMENT ON COLUMN training_class.name IS 'what the class is called: the data set need not be in this store';
COMMENT ON COLUMN training_class.images IS 'training images that show it: its draws in an epoch if all images were drawn alike';
COMMENT ON COLUMN training_class.drawn IS 'draws of images that show it to be expected in an epoch, by the weights of the sampling';
