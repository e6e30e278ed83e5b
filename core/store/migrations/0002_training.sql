-- Trainings with their curves, and how certain systems are of each pixel.

CREATE TABLE training (
    training_id VARCHAR PRIMARY KEY,
    system VARCHAR NOT NULL,
    dataset VARCHAR NOT NULL,
    train_split VARCHAR NOT NULL,
    val_split VARCHAR NOT NULL,
    seed BIGINT NOT NULL,
    settings JSON NOT NULL,
    versions JSON NOT NULL,
    weights VARCHAR NOT NULL,
    weights_sha256 VARCHAR NOT NULL,
    goal VARCHAR NOT NULL,
    best_epoch INTEGER NOT NULL,
    planned_epochs INTEGER NOT NULL,
    seconds DOUBLE NOT NULL,
    status VARCHAR NOT NULL CHECK (status IN ('done', 'stopped_early', 'stopped')),
    started TIMESTAMPTZ NOT NULL,
    finished TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE training IS 'How weights came to be; a run whose weights_sha256 names them was made with them';
COMMENT ON COLUMN training.training_id IS 'drawn when it began; kept when it goes on after a stop';
COMMENT ON COLUMN training.system IS 'registry name';
COMMENT ON COLUMN training.dataset IS 'name of the data set, which need not be in this store';
COMMENT ON COLUMN training.train_split IS 'split learnt from';
COMMENT ON COLUMN training.val_split IS 'split by which the best epoch was chosen';
COMMENT ON COLUMN training.seed IS 'of all that was random';
COMMENT ON COLUMN training.settings IS 'all that changes the training, but epochs and seed';
COMMENT ON COLUMN training.versions IS 'package name to version';
COMMENT ON COLUMN training.weights IS 'file name of the best epoch''s checkpoint';
COMMENT ON COLUMN training.weights_sha256 IS 'SHA-256 of that file';
COMMENT ON COLUMN training.goal IS 'name of the value by which the best epoch was chosen: the lowest if it ends in loss, else the highest';
COMMENT ON COLUMN training.best_epoch IS 'epoch whose weights were kept, from 1';
COMMENT ON COLUMN training.planned_epochs IS 'epochs that the schedule was made for';
COMMENT ON COLUMN training.seconds IS 'time spent in epochs, seconds';
COMMENT ON COLUMN training.status IS 'done, stopped_early (no better for a while, or out of time) or stopped (by the user)';
COMMENT ON COLUMN training.started IS 'start of the first epoch';
COMMENT ON COLUMN training.finished IS 'end of the last epoch so far';

CREATE TABLE training_epoch (
    training_id VARCHAR NOT NULL,
    epoch INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    value DOUBLE NOT NULL,
    PRIMARY KEY (training_id, epoch, name)
);
COMMENT ON TABLE training_epoch IS 'The curves of trainings, a point a row';
COMMENT ON COLUMN training_epoch.training_id IS 'training';
COMMENT ON COLUMN training_epoch.epoch IS 'from 1';
COMMENT ON COLUMN training_epoch.name IS 'such as loss, val_loss, val_miou, seconds';
COMMENT ON COLUMN training_epoch.value IS 'scores are fractions, times seconds';

ALTER TABLE prediction_map ADD COLUMN confidence BLOB;
COMMENT ON COLUMN prediction_map.confidence IS 'probability of the predicted class, a byte for each 4 x 4 pixels (core.geometry.confidence), or NULL';
