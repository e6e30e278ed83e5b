"""How each rule of a sound store is broken: statements, by words of the violation told."""

from __future__ import annotations

DAMAGES = {
    "exactly one row": ["INSERT INTO store_state VALUES (1, uuid())"],
    "category have no row in dataset": ["INSERT INTO category VALUES (9, 0, 'a', '', 1)"],
    "split have no row in dataset": [
        "INSERT INTO split BY NAME SELECT * REPLACE (9 AS dataset_id, 0 AS images) FROM split"
    ],
    "rows of image have no row in split": [
        "INSERT INTO image BY NAME SELECT * REPLACE (99 AS image_id, 'x' AS split) FROM image "
        "LIMIT 1"
    ],
    "image_tag have no row in image": ["INSERT INTO image_tag VALUES (99, 'a')"],
    "image_property have no row in image": ["INSERT INTO image_property VALUES (99, 1, 1)"],
    "annotation_object have no row in image": [
        "INSERT INTO annotation_object VALUES (99, 0, 0, 1, 1, 1, 1, 1, false, NULL)"
    ],
    "annotation_pixel have no row in image": ["INSERT INTO annotation_pixel VALUES (99, 0, 1)"],
    "annotation_map have no row in image": ["INSERT INTO annotation_map VALUES (99, false, '')"],
    "run have no row in split": ["UPDATE run SET split = 'x'"],
    "run_attempt have no row in run": [
        "INSERT INTO run_attempt (run_id, attempt, host, pid) VALUES (9, 1, 'a', 1)"
    ],
    "part have no row in run": ["INSERT INTO part VALUES ('a', 9, 0, 0, now())"],
    "prediction_image have no row in run": ["INSERT INTO prediction_image VALUES (9, 1, NULL)"],
    "prediction_image have no row in image": ["INSERT INTO prediction_image VALUES (1, 99, NULL)"],
    "prediction_object have no row in prediction_image": [
        "DELETE FROM prediction_image WHERE image_id = 1"
    ],
    "prediction_map have no row in prediction_image": [
        "DELETE FROM prediction_image WHERE image_id = 3"
    ],
    "prediction_label have no row in prediction_image": [
        "DELETE FROM prediction_image WHERE image_id = 2"
    ],
    "prediction_stage have no row in prediction_image": [
        "INSERT INTO prediction_stage VALUES (1, 99, ['a'], [0.1])"
    ],
    "rejected have no row in split": [
        "INSERT INTO rejected BY NAME SELECT 1 AS dataset_id, 'x' AS split, '' AS place, "
        "'' AS stage, '' AS message"
    ],
    "rejected have no row in run": [
        "INSERT INTO rejected BY NAME SELECT 9 AS run_id, 1 AS dataset_id, 'val' AS split, "
        "'' AS place, '' AS stage, '' AS message"
    ],
    "rejected have no row in image": [
        "INSERT INTO rejected BY NAME SELECT 99 AS image_id, 1 AS dataset_id, 'val' AS split, "
        "'' AS place, '' AS stage, '' AS message"
    ],
    "evaluation have no row in run": [
        "INSERT INTO evaluation BY NAME SELECT 9 AS run_id, '' AS code_version, 0 AS seconds"
    ],
    "pixel_count have no row in evaluation": ["DELETE FROM evaluation"],
    "pixel_count have no row in prediction_image": [
        "DELETE FROM prediction_image WHERE image_id = 2"
    ],
    "boundary_count have no row in evaluation": ["DELETE FROM evaluation"],
    "boundary_count have no row in prediction_image": [
        "DELETE FROM prediction_image WHERE image_id = 2"
    ],
    "pixel_error_count have no row in evaluation": ["DELETE FROM evaluation"],
    "pixel_error_count have no row in prediction_image": [
        "DELETE FROM prediction_image WHERE image_id = 2"
    ],
    "segment_count have no row in evaluation": ["DELETE FROM evaluation"],
    "segment_count have no row in prediction_image": [
        "DELETE FROM prediction_image WHERE image_id = 2"
    ],
    "match have no row in evaluation": ["DELETE FROM evaluation"],
    "match have no row in prediction_image": ["DELETE FROM prediction_image WHERE image_id = 2"],
    "match have no row in prediction_object": [
        "DELETE FROM prediction_object WHERE image_id = 1 AND object_index = 0"
    ],
    "training_class have no row in training": [
        "INSERT INTO training_class VALUES ('x', 0, 'cat', 3, 2.5)"
    ],
    "training_epoch have no row in training": [
        "INSERT INTO training_epoch VALUES ('a', 1, 'loss', 0.5)"
    ],
    "not in the split of their run": [
        "INSERT INTO split BY NAME SELECT * REPLACE ('other' AS split) FROM split",
        "UPDATE run SET split = 'other'",
    ],
    "another number of images than they say": ["UPDATE split SET images = 6"],
    "not in the order of their ids": ["UPDATE image SET source_id = 4 WHERE image_id = 1"],
    "objects in annotation_object are not numbered": [
        "UPDATE annotation_object SET object_index = 1 WHERE object_index = 0 AND image_id = 1"
    ],
    "objects in prediction_object are not numbered": [
        "UPDATE prediction_object SET object_index = object_index + 1 WHERE image_id = 1"
    ],
    "annotation_object have a class that": ["UPDATE annotation_object SET class = 3"],
    "prediction_object have a class that": ["UPDATE prediction_object SET class = -1"],
    "match have a class that": ["UPDATE match SET class = 3"],
    "pixel_count have a truth that": ["UPDATE pixel_count SET truth = -1"],
    "pixel_count have a predicted that": ["UPDATE pixel_count SET predicted = 4"],
    "boundary_count have a class that": ["UPDATE boundary_count SET class = 4"],
    "pixel_error_count have a class that": ["UPDATE pixel_error_count SET class = 4"],
    "segment_count have a class that": ["UPDATE segment_count SET class = 3"],
    "annotation_object have a box": ["UPDATE annotation_object SET width = 'inf'"],
    "prediction_object have a box": ["UPDATE prediction_object SET area = 'nan'"],
    "a score outside 0 to 1": ["UPDATE prediction_object SET score = 'nan'"],
    "annotated objects have no mask": [
        "UPDATE annotation_object SET mask = NULL WHERE image_id = 1"
    ],
    "predicted objects have no mask": ["UPDATE prediction_object SET mask = NULL"],
    "images have no label map, though their split": [
        "DELETE FROM annotation_map WHERE image_id = 1"
    ],
    "answered images have no label map": ["DELETE FROM prediction_map WHERE image_id = 1"],
    "answered images have no probabilities": ["DELETE FROM prediction_label WHERE image_id = 2"],
    "another number of stages": ["INSERT INTO prediction_stage VALUES (1, 2, ['a'], [0.1, 0.2])"],
    "another number of probabilities": [
        "UPDATE prediction_label SET probabilities = [0.5, 0.5] WHERE image_id = 2"
    ],
    "image labels have a probability outside": [
        "UPDATE prediction_label SET probabilities = [0.5, 'nan'::DOUBLE, 0.5] WHERE image_id = 2"
    ],
    "than their parts brought": ["INSERT INTO part VALUES ('a', 1, 4, 0, now())"],
    "neither answered nor rejected": ["UPDATE run SET expected_images = 6"],
    "boundaries share more pixels": ["UPDATE boundary_count SET shared = 4"],
    "wrong pixels of a class by kind": ["UPDATE pixel_error_count SET missed = missed + 1"],
    "an IoU that is not above half": ["UPDATE segment_count SET iou = 0.4"],
    "counted pixels are not above 0": ["UPDATE pixel_count SET pixels = 0 WHERE image_id = 1"],
}
