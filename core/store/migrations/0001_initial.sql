-- The store of Overlook: annotations, predictions, counts and matches.
-- Counts and pairs are stored, never percentages, so that every score of every subset is a sum.
-- Each (run, image) is written once; rows lie in the order of image_id, which is the order in
-- which pycocotools breaks ties between images.

CREATE TABLE migration (
    number INTEGER PRIMARY KEY,
    name VARCHAR NOT NULL,
    applied TIMESTAMPTZ NOT NULL DEFAULT now()
);
COMMENT ON TABLE migration IS 'The changes of the schema that this store has been through';
COMMENT ON COLUMN migration.number IS 'from 1; the largest is the version of the schema';
COMMENT ON COLUMN migration.name IS 'file name of the change';
COMMENT ON COLUMN migration.applied IS 'time it was applied';

CREATE TABLE store_state (
    commits BIGINT NOT NULL,
    token UUID NOT NULL
);
COMMENT ON TABLE store_state IS 'One row that every transaction changes: by it answers are known to be fresh';
COMMENT ON COLUMN store_state.commits IS 'transactions committed so far';
COMMENT ON COLUMN store_state.token IS 'drawn anew by each transaction: two stores with one token hold the same rows';
INSERT INTO store_state VALUES (0, uuid());

CREATE SEQUENCE dataset_ids START 1;
CREATE SEQUENCE image_ids START 1;
CREATE SEQUENCE run_ids START 1;

CREATE TABLE dataset (
    dataset_id INTEGER PRIMARY KEY DEFAULT nextval('dataset_ids'),
    name VARCHAR NOT NULL UNIQUE,
    background INTEGER,
    created TIMESTAMPTZ NOT NULL DEFAULT now()
);
COMMENT ON TABLE dataset IS 'A data set: its name and classes are shared by all its splits';
COMMENT ON COLUMN dataset.dataset_id IS 'key, given by the store';
COMMENT ON COLUMN dataset.name IS 'as the user called it';
COMMENT ON COLUMN dataset.background IS 'class index that means nothing-here, or NULL: painted maps then use the index after the last category';
COMMENT ON COLUMN dataset.created IS 'time of the first import';

CREATE TABLE category (
    dataset_id INTEGER NOT NULL,
    class INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    supercategory VARCHAR NOT NULL,
    source_id BIGINT NOT NULL,
    PRIMARY KEY (dataset_id, class)
);
COMMENT ON TABLE category IS 'What each class is called';
COMMENT ON COLUMN category.dataset_id IS 'data set';
COMMENT ON COLUMN category.class IS 'class index, from 0';
COMMENT ON COLUMN category.name IS 'as the data set names it';
COMMENT ON COLUMN category.supercategory IS 'its group, or empty';
COMMENT ON COLUMN category.source_id IS 'the id that files of this data set use';

CREATE TABLE split (
    dataset_id INTEGER NOT NULL,
    split VARCHAR NOT NULL,
    images_folder VARCHAR NOT NULL,
    format VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    source_sha256 VARCHAR NOT NULL,
    images INTEGER NOT NULL,
    has_objects BOOLEAN NOT NULL,
    has_masks BOOLEAN NOT NULL,
    has_label_maps BOOLEAN NOT NULL,
    maps_painted BOOLEAN NOT NULL DEFAULT false,
    imported TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (dataset_id, split)
);
COMMENT ON TABLE split IS 'One split of a data set, as it was imported';
COMMENT ON COLUMN split.dataset_id IS 'data set';
COMMENT ON COLUMN split.split IS 'train, val, test or any other word';
COMMENT ON COLUMN split.images_folder IS 'absolute path under which image paths start';
COMMENT ON COLUMN split.format IS 'the format it was read from';
COMMENT ON COLUMN split.source IS 'the file or folder that was read';
COMMENT ON COLUMN split.source_sha256 IS 'SHA-256 of what was read';
COMMENT ON COLUMN split.images IS 'number of images';
COMMENT ON COLUMN split.has_objects IS 'annotations are objects with boxes';
COMMENT ON COLUMN split.has_masks IS 'those objects have masks';
COMMENT ON COLUMN split.has_label_maps IS 'a label map is stored for each image (given, or painted from the objects)';
COMMENT ON COLUMN split.maps_painted IS 'those maps were painted from the masks: where no object is they hold the background class';
COMMENT ON COLUMN split.imported IS 'time of the import';

CREATE TABLE image (
    image_id INTEGER PRIMARY KEY DEFAULT nextval('image_ids'),
    dataset_id INTEGER NOT NULL,
    split VARCHAR NOT NULL,
    source_id BIGINT NOT NULL,
    name VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    height INTEGER NOT NULL,
    width INTEGER NOT NULL
);
COMMENT ON TABLE image IS 'An image, without its pixels; image_id ascends with source_id inside a split';
COMMENT ON COLUMN image.image_id IS 'key, given by the store';
COMMENT ON COLUMN image.dataset_id IS 'data set';
COMMENT ON COLUMN image.split IS 'split';
COMMENT ON COLUMN image.source_id IS 'the id that files of this data set use';
COMMENT ON COLUMN image.name IS 'file name without folder and ending';
COMMENT ON COLUMN image.path IS 'relative to the images folder';
COMMENT ON COLUMN image.height IS 'rows, pixels';
COMMENT ON COLUMN image.width IS 'columns, pixels';

CREATE TABLE image_tag (
    image_id INTEGER NOT NULL,
    tag VARCHAR NOT NULL
);
COMMENT ON TABLE image_tag IS 'Words by which images are filtered';
COMMENT ON COLUMN image_tag.image_id IS 'image';
COMMENT ON COLUMN image_tag.tag IS 'such as empty, crowd, many objects';

CREATE TABLE annotation_object (
    image_id INTEGER NOT NULL,
    object_index INTEGER NOT NULL,
    class INTEGER NOT NULL,
    x DOUBLE NOT NULL,
    y DOUBLE NOT NULL,
    width DOUBLE NOT NULL,
    height DOUBLE NOT NULL,
    area DOUBLE NOT NULL,
    crowd BOOLEAN NOT NULL,
    mask BLOB
);
COMMENT ON TABLE annotation_object IS 'Annotated objects';
COMMENT ON COLUMN annotation_object.image_id IS 'image';
COMMENT ON COLUMN annotation_object.object_index IS 'position in its image, from 0, in the order of the file';
COMMENT ON COLUMN annotation_object.class IS 'class index';
COMMENT ON COLUMN annotation_object.x IS 'left edge of the box, pixels';
COMMENT ON COLUMN annotation_object.y IS 'top edge of the box, pixels';
COMMENT ON COLUMN annotation_object.width IS 'width of the box, pixels';
COMMENT ON COLUMN annotation_object.height IS 'height of the box, pixels';
COMMENT ON COLUMN annotation_object.area IS 'the area of the file, square pixels: decides small, medium, large';
COMMENT ON COLUMN annotation_object.crowd IS 'a region of many objects: never counted as a miss';
COMMENT ON COLUMN annotation_object.mask IS 'COCO compressed run lengths of the image''s size, or NULL';

CREATE TABLE annotation_map (
    image_id INTEGER PRIMARY KEY,
    painted BOOLEAN NOT NULL,
    label_map BLOB NOT NULL
);
COMMENT ON TABLE annotation_map IS 'The class of each pixel';
COMMENT ON COLUMN annotation_map.image_id IS 'image';
COMMENT ON COLUMN annotation_map.painted IS 'true if painted from the objects, false if it was given';
COMMENT ON COLUMN annotation_map.label_map IS 'label runs (core.geometry.label_runs)';

CREATE TABLE run (
    run_id INTEGER PRIMARY KEY DEFAULT nextval('run_ids'),
    name VARCHAR NOT NULL UNIQUE,
    system VARCHAR NOT NULL,
    dataset_id INTEGER NOT NULL,
    split VARCHAR NOT NULL,
    settings JSON NOT NULL,
    weights VARCHAR NOT NULL,
    weights_sha256 VARCHAR NOT NULL,
    versions JSON NOT NULL,
    device VARCHAR NOT NULL,
    has_boxes BOOLEAN NOT NULL,
    has_masks BOOLEAN NOT NULL,
    has_label_maps BOOLEAN NOT NULL,
    expected_images INTEGER NOT NULL,
    status VARCHAR NOT NULL CHECK (status IN ('running', 'stopped', 'done', 'done_with_rejects', 'failed')),
    created TIMESTAMPTZ NOT NULL DEFAULT now(),
    finished TIMESTAMPTZ
);
COMMENT ON TABLE run IS 'One system''s predictions on one split';
COMMENT ON COLUMN run.run_id IS 'key, given by the store';
COMMENT ON COLUMN run.name IS 'as the user called it';
COMMENT ON COLUMN run.system IS 'registry name, or the program that made the predictions';
COMMENT ON COLUMN run.dataset_id IS 'data set';
COMMENT ON COLUMN run.split IS 'split';
COMMENT ON COLUMN run.settings IS 'all that changes the predictions';
COMMENT ON COLUMN run.weights IS 'file name of the weights, or empty';
COMMENT ON COLUMN run.weights_sha256 IS 'SHA-256 of the weights, or empty';
COMMENT ON COLUMN run.versions IS 'package name to version';
COMMENT ON COLUMN run.device IS 'such as cpu or cuda:0, or empty';
COMMENT ON COLUMN run.has_boxes IS 'predictions are objects with boxes';
COMMENT ON COLUMN run.has_masks IS 'those objects have masks';
COMMENT ON COLUMN run.has_label_maps IS 'predictions are label maps';
COMMENT ON COLUMN run.expected_images IS 'images of the split when the run began';
COMMENT ON COLUMN run.status IS 'running, stopped, done, done_with_rejects or failed';
COMMENT ON COLUMN run.created IS 'time of the first row';
COMMENT ON COLUMN run.finished IS 'time of the end, or NULL';

CREATE TABLE run_attempt (
    run_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    host VARCHAR NOT NULL,
    pid INTEGER NOT NULL,
    started TIMESTAMPTZ NOT NULL DEFAULT now(),
    heartbeat TIMESTAMPTZ NOT NULL DEFAULT now(),
    ended TIMESTAMPTZ,
    reason VARCHAR,
    PRIMARY KEY (run_id, attempt)
);
COMMENT ON TABLE run_attempt IS 'Each process that worked on a run';
COMMENT ON COLUMN run_attempt.run_id IS 'run';
COMMENT ON COLUMN run_attempt.attempt IS 'from 1';
COMMENT ON COLUMN run_attempt.host IS 'machine name';
COMMENT ON COLUMN run_attempt.pid IS 'process id';
COMMENT ON COLUMN run_attempt.started IS 'start';
COMMENT ON COLUMN run_attempt.heartbeat IS 'last sign of life';
COMMENT ON COLUMN run_attempt.ended IS 'end, or NULL: at work, or killed';
COMMENT ON COLUMN run_attempt.reason IS 'how it ended';

CREATE TABLE part (
    part_id VARCHAR PRIMARY KEY,
    run_id INTEGER NOT NULL,
    images INTEGER NOT NULL,
    bytes BIGINT NOT NULL,
    committed TIMESTAMPTZ NOT NULL DEFAULT now()
);
COMMENT ON TABLE part IS 'The ledger of spooled parts: a part is in the store if and only if its row is';
COMMENT ON COLUMN part.part_id IS 'made once, when the part''s file is first named';
COMMENT ON COLUMN part.run_id IS 'run';
COMMENT ON COLUMN part.images IS 'images it brought';
COMMENT ON COLUMN part.bytes IS 'size of its file, bytes';
COMMENT ON COLUMN part.committed IS 'time it was taken in';

CREATE TABLE prediction_image (
    run_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    seconds DOUBLE,
    PRIMARY KEY (run_id, image_id)
);
COMMENT ON TABLE prediction_image IS 'One row for each image that a run has answered, also when it found nothing';
COMMENT ON COLUMN prediction_image.run_id IS 'run';
COMMENT ON COLUMN prediction_image.image_id IS 'image';
COMMENT ON COLUMN prediction_image.seconds IS 'time the system took, seconds, or NULL if unknown';

CREATE TABLE prediction_object (
    run_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    object_index INTEGER NOT NULL,
    class INTEGER NOT NULL,
    score DOUBLE NOT NULL,
    x DOUBLE NOT NULL,
    y DOUBLE NOT NULL,
    width DOUBLE NOT NULL,
    height DOUBLE NOT NULL,
    area DOUBLE NOT NULL,
    mask BLOB
);
COMMENT ON TABLE prediction_object IS 'Predicted objects, all scores kept';
COMMENT ON COLUMN prediction_object.run_id IS 'run';
COMMENT ON COLUMN prediction_object.image_id IS 'image';
COMMENT ON COLUMN prediction_object.object_index IS 'position in its image, from 0, in the order of the file: breaks ties of score';
COMMENT ON COLUMN prediction_object.class IS 'class index';
COMMENT ON COLUMN prediction_object.score IS 'confidence, 0 to 1';
COMMENT ON COLUMN prediction_object.x IS 'left edge of the box, pixels';
COMMENT ON COLUMN prediction_object.y IS 'top edge of the box, pixels';
COMMENT ON COLUMN prediction_object.width IS 'width of the box, pixels';
COMMENT ON COLUMN prediction_object.height IS 'height of the box, pixels';
COMMENT ON COLUMN prediction_object.area IS 'square pixels as pycocotools reads them: of the box where the file has one, else of the mask';
COMMENT ON COLUMN prediction_object.mask IS 'COCO compressed run lengths of the image''s size, or NULL';

CREATE TABLE prediction_map (
    run_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    label_map BLOB NOT NULL,
    PRIMARY KEY (run_id, image_id)
);
COMMENT ON TABLE prediction_map IS 'Predicted class of each pixel';
COMMENT ON COLUMN prediction_map.run_id IS 'run';
COMMENT ON COLUMN prediction_map.image_id IS 'image';
COMMENT ON COLUMN prediction_map.label_map IS 'label runs (core.geometry.label_runs)';

CREATE TABLE rejected (
    run_id INTEGER,
    dataset_id INTEGER NOT NULL,
    split VARCHAR NOT NULL,
    place VARCHAR NOT NULL,
    image_id INTEGER,
    stage VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 1,
    rejected_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
COMMENT ON TABLE rejected IS 'What was left out, and why';
COMMENT ON COLUMN rejected.run_id IS 'run, or NULL if it was left out of the data set';
COMMENT ON COLUMN rejected.dataset_id IS 'data set';
COMMENT ON COLUMN rejected.split IS 'split';
COMMENT ON COLUMN rejected.place IS 'file, index or image it concerns';
COMMENT ON COLUMN rejected.image_id IS 'image, or NULL';
COMMENT ON COLUMN rejected.stage IS 'read, open, decode, infer or evaluate';
COMMENT ON COLUMN rejected.message IS 'one sentence for the user';
COMMENT ON COLUMN rejected.attempts IS 'how often it was tried';
COMMENT ON COLUMN rejected.rejected_at IS 'time';

CREATE TABLE evaluation (
    run_id INTEGER PRIMARY KEY,
    pixel_source VARCHAR,
    paint_threshold DOUBLE,
    threshold_origin VARCHAR,
    code_version VARCHAR NOT NULL,
    seconds DOUBLE NOT NULL,
    evaluated TIMESTAMPTZ NOT NULL DEFAULT now()
);
COMMENT ON TABLE evaluation IS 'Which runs have counts and matches, and by which choices';
COMMENT ON COLUMN evaluation.run_id IS 'run';
COMMENT ON COLUMN evaluation.pixel_source IS 'label maps as predicted, or painted from masks; NULL if pixels cannot be counted';
COMMENT ON COLUMN evaluation.paint_threshold IS 'least score of a painted object, or NULL';
COMMENT ON COLUMN evaluation.threshold_origin IS 'fixed, or the split it was chosen on';
COMMENT ON COLUMN evaluation.code_version IS 'version of Overlook';
COMMENT ON COLUMN evaluation.seconds IS 'time the evaluation took, seconds';
COMMENT ON COLUMN evaluation.evaluated IS 'time of the evaluation';

CREATE TABLE pixel_count (
    run_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    truth INTEGER NOT NULL,
    predicted INTEGER NOT NULL,
    pixels BIGINT NOT NULL
);
COMMENT ON TABLE pixel_count IS 'Sparse confusion counts of each image; void pixels of the truth are left out';
COMMENT ON COLUMN pixel_count.run_id IS 'run';
COMMENT ON COLUMN pixel_count.image_id IS 'image';
COMMENT ON COLUMN pixel_count.truth IS 'class index of the annotation';
COMMENT ON COLUMN pixel_count.predicted IS 'class index of the prediction; -1 where it gave none';
COMMENT ON COLUMN pixel_count.pixels IS 'number of pixels, above 0';

CREATE TABLE match (
    run_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    geometry VARCHAR NOT NULL CHECK (geometry IN ('box', 'mask')),
    object_index INTEGER NOT NULL,
    class INTEGER NOT NULL,
    score DOUBLE NOT NULL,
    area DOUBLE NOT NULL,
    rank INTEGER NOT NULL,
    hits UBIGINT NOT NULL,
    ignored UBIGINT NOT NULL,
    matched INTEGER NOT NULL,
    iou DOUBLE NOT NULL,
    nearest INTEGER NOT NULL,
    nearest_iou DOUBLE NOT NULL,
    kind VARCHAR NOT NULL
);
COMMENT ON TABLE match IS 'How each prediction fared by COCO''s matching; all scores of all subsets follow from it';
COMMENT ON COLUMN match.run_id IS 'run';
COMMENT ON COLUMN match.image_id IS 'image';
COMMENT ON COLUMN match.geometry IS 'overlap of boxes or of masks';
COMMENT ON COLUMN match.object_index IS 'the prediction, as in prediction_object';
COMMENT ON COLUMN match.class IS 'class index of the prediction';
COMMENT ON COLUMN match.score IS 'confidence, 0 to 1';
COMMENT ON COLUMN match.area IS 'the prediction''s area, square pixels';
COMMENT ON COLUMN match.rank IS 'position by score among the predictions of its image and class, from 0';
COMMENT ON COLUMN match.hits IS 'bit 10·a+t: a true positive for area range a (all, small, medium, large) and IoU .50+.05·t';
COMMENT ON COLUMN match.ignored IS 'same bits: neither true nor false positive';
COMMENT ON COLUMN match.matched IS 'object_index of its annotation at IoU .5 over all areas, or -1';
COMMENT ON COLUMN match.iou IS 'overlap with it, or 0';
COMMENT ON COLUMN match.nearest IS 'object_index of the annotation of any class that it overlaps most, or -1';
COMMENT ON COLUMN match.nearest_iou IS 'overlap with that one';
COMMENT ON COLUMN match.kind IS 'hit, ignored, or the kind of error (core.metrics.errors)';
