"""What must hold between the rows of a sound store, each rule as a question for its violations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One thing that must hold.

    Attributes:
        violation: what a row of the answer means, a sentence without its end.
        question: SQL that answers with one row for each violation, its columns saying where.
    """

    violation: str
    question: str


def _orphans(child: str, parent: str, *columns: str) -> Rule:
    named = ", ".join(columns)
    return Rule(
        f"rows of {child} have no row in {parent}",
        f"SELECT DISTINCT {named} FROM {child} ANTI JOIN {parent} USING ({named}) "
        f"WHERE {columns[-1]} IS NOT NULL ORDER BY ALL",
    )


def _classes(table: str, column: str, least: int, beyond: int) -> Rule:
    """Class indices run from `least` to the number of classes, plus `beyond`, excluded."""
    runs = "" if table == "annotation_object" else "run_id, "
    return Rule(
        f"rows of {table} have a {column} that is no class of the data set",
        f"SELECT {runs}image_id, {column} FROM {table} JOIN image USING (image_id) "
        f"JOIN ({CLASS_COUNTS}) USING (dataset_id) "
        f"WHERE {column} < {least} OR {column} >= classes + {beyond} ORDER BY ALL",
    )


def _positions(table: str, *columns: str) -> Rule:
    named = ", ".join(columns)
    return Rule(
        f"objects in {table} are not numbered 0, 1, 2, … in their image",
        f"SELECT {named} FROM {table} GROUP BY {named} HAVING min(object_index) <> 0 "
        "OR max(object_index) <> count(*) - 1 OR count(DISTINCT object_index) <> count(*) "
        "ORDER BY ALL",
    )


def _boxes(table: str, run: str = "") -> Rule:
    sound = " AND ".join(f"isfinite({name})" for name in ("x", "y", "width", "height", "area"))
    return Rule(
        f"rows of {table} have a box or an area that is not a number",
        f"SELECT {run}image_id, object_index FROM {table} WHERE NOT ({sound}) ORDER BY ALL",
    )


CLASS_COUNTS = (
    "SELECT dataset_id, count(class)::INTEGER AS classes FROM dataset "
    "LEFT JOIN category USING (dataset_id) GROUP BY dataset_id"
)
ANSWERED = "SELECT run_id, count(*) AS answered FROM prediction_image GROUP BY run_id"

RULES = (
    Rule(
        "store_state does not hold exactly one row",
        "SELECT count(*) AS rows FROM store_state HAVING count(*) <> 1",
    ),
    _orphans("category", "dataset", "dataset_id"),
    _orphans("split", "dataset", "dataset_id"),
    _orphans("image", "split", "dataset_id", "split"),
    _orphans("image_tag", "image", "image_id"),
    _orphans("image_property", "image", "image_id"),
    _orphans("annotation_object", "image", "image_id"),
    _orphans("annotation_map", "image", "image_id"),
    _orphans("annotation_pixel", "image", "image_id"),
    _orphans("run", "split", "dataset_id", "split"),
    _orphans("run_attempt", "run", "run_id"),
    _orphans("part", "run", "run_id"),
    _orphans("prediction_image", "run", "run_id"),
    _orphans("prediction_image", "image", "image_id"),
    _orphans("prediction_object", "prediction_image", "run_id", "image_id"),
    _orphans("prediction_map", "prediction_image", "run_id", "image_id"),
    _orphans("prediction_label", "prediction_image", "run_id", "image_id"),
    _orphans("prediction_stage", "prediction_image", "run_id", "image_id"),
    _orphans("rejected", "split", "dataset_id", "split"),
    _orphans("rejected", "run", "run_id"),
    _orphans("rejected", "image", "image_id"),
    _orphans("evaluation", "run", "run_id"),
    _orphans("pixel_count", "evaluation", "run_id"),
    _orphans("pixel_count", "prediction_image", "run_id", "image_id"),
    _orphans("boundary_count", "evaluation", "run_id"),
    _orphans("boundary_count", "prediction_image", "run_id", "image_id"),
    _orphans("pixel_error_count", "evaluation", "run_id"),
    _orphans("pixel_error_count", "prediction_image", "run_id", "image_id"),
    _orphans("segment_count", "evaluation", "run_id"),
    _orphans("segment_count", "prediction_image", "run_id", "image_id"),
    _orphans("match", "evaluation", "run_id"),
    _orphans("match", "prediction_image", "run_id", "image_id"),
    _orphans("match", "prediction_object", "run_id", "image_id", "object_index"),
    _orphans("training_epoch", "training", "training_id"),
    _orphans("training_class", "training", "training_id"),
    Rule(
        "answered images are not in the split of their run",
        "SELECT run_id, image_id FROM prediction_image JOIN run USING (run_id) "
        "JOIN image USING (image_id) WHERE (image.dataset_id, image.split) "
        "IS DISTINCT FROM (run.dataset_id, run.split) ORDER BY ALL",
    ),
    Rule(
        "splits have another number of images than they say",
        "SELECT dataset_id, split, images, count(image_id) AS there FROM split "
        "LEFT JOIN image USING (dataset_id, split) GROUP BY ALL HAVING images <> there "
        "ORDER BY ALL",
    ),
    Rule(
        "images are not in the order of their ids",
        "SELECT image_id FROM (SELECT image_id, source_id, lag(source_id) OVER "
        "(PARTITION BY dataset_id, split ORDER BY image_id) AS before FROM image) "
        "WHERE source_id <= before ORDER BY ALL",
    ),
    _positions("annotation_object", "image_id"),
    _positions("prediction_object", "run_id", "image_id"),
    _classes("annotation_object", "class", 0, 0),
    _classes("prediction_object", "class", 0, 0),
    _classes("match", "class", 0, 0),
    # The index after the last category is the background of painted maps; -1 is no prediction.
    _classes("pixel_count", "truth", 0, 1),
    _classes("pixel_count", "predicted", -1, 1),
    _classes("boundary_count", "class", 0, 1),
    _classes("pixel_error_count", "class", 0, 1),
    _classes("segment_count", "class", 0, 0),
    _boxes("annotation_object"),
    _boxes("prediction_object", "run_id, "),
    Rule(
        "predicted objects have a score outside 0 to 1",
        "SELECT run_id, image_id, object_index, score FROM prediction_object "
        "WHERE NOT (score BETWEEN 0 AND 1) ORDER BY ALL",
    ),
    Rule(
        "annotated objects have no mask, though their split has masks",
        "SELECT image_id, object_index FROM annotation_object JOIN image USING (image_id) "
        "JOIN split USING (dataset_id, split) WHERE has_masks AND mask IS NULL ORDER BY ALL",
    ),
    Rule(
        "predicted objects have no mask, though their run has masks",
        "SELECT run_id, image_id, object_index FROM prediction_object JOIN run USING (run_id) "
        "WHERE has_masks AND mask IS NULL ORDER BY ALL",
    ),
    Rule(
        "images have no label map, though their split has label maps",
        "SELECT image_id FROM image JOIN split USING (dataset_id, split) "
        "ANTI JOIN annotation_map USING (image_id) WHERE has_label_maps ORDER BY ALL",
    ),
    Rule(
        "answered images have no label map, though their run has label maps",
        "SELECT run_id, image_id FROM prediction_image JOIN run USING (run_id) "
        "ANTI JOIN prediction_map USING (run_id, image_id) WHERE has_label_maps ORDER BY ALL",
    ),
    Rule(
        "answered images have no probabilities of classes, though their run has image labels",
        "SELECT run_id, image_id FROM prediction_image JOIN run USING (run_id) "
        "ANTI JOIN prediction_label USING (run_id, image_id) WHERE has_labels ORDER BY ALL",
    ),
    Rule(
        "images have another number of probabilities than there are classes",
        "SELECT run_id, image_id, len(probabilities) AS there, classes FROM prediction_label "
        f"JOIN image USING (image_id) JOIN ({CLASS_COUNTS}) USING (dataset_id) "
        "WHERE there <> classes ORDER BY ALL",
    ),
    Rule(
        "image labels have a probability outside 0 to 1",
        "SELECT run_id, image_id FROM prediction_label WHERE len(list_filter(probabilities, "
        "lambda p: coalesce(p BETWEEN 0 AND 1, false))) < len(probabilities) ORDER BY ALL",
    ),
    Rule(
        "images have another number of stages than of their times",
        "SELECT run_id, image_id FROM prediction_stage WHERE len(stages) <> len(stage_seconds) "
        "ORDER BY ALL",
    ),
    Rule(
        "runs have another number of images than their parts brought",
        "SELECT run_id, brought, coalesce(answered, 0) AS there FROM "
        "(SELECT run_id, sum(images) AS brought FROM part GROUP BY run_id) "
        f"LEFT JOIN ({ANSWERED}) USING (run_id) WHERE brought <> there ORDER BY ALL",
    ),
    Rule(
        "runs are done, but images are neither answered nor rejected",
        "SELECT run.name AS run, expected_images AS expected, coalesce(answered, 0) AS there, "
        "count(rejected.run_id) AS rejects FROM run "
        f"LEFT JOIN ({ANSWERED}) USING (run_id) LEFT JOIN rejected USING (run_id) "
        "WHERE status IN ('done', 'done_with_rejects') GROUP BY ALL "
        "HAVING there + rejects < expected ORDER BY ALL",
    ),
    Rule(
        "counted pixels are not above 0",
        "SELECT run_id, image_id, truth, predicted FROM pixel_count WHERE pixels <= 0 ORDER BY ALL",
    ),
    Rule(
        "boundaries share more pixels than they have, or have none",
        "SELECT run_id, image_id, class FROM boundary_count WHERE shared < 0 "
        "OR shared > least(truth, predicted) OR truth + predicted <= 0 ORDER BY ALL",
    ),
    Rule(
        "wrong pixels of a class by kind are not those that it missed, or below 0",
        "SELECT run_id, image_id, class FROM pixel_error_count GROUP BY ALL "
        "HAVING sum(missed) <> sum(wrong) OR least(min(missed), min(added), min(wrong)) < 0 "
        "ORDER BY ALL",
    ),
    Rule(
        "segments have an IoU that is not above half of their matches, or no number above 0",
        "SELECT run_id, image_id, class FROM segment_count WHERE least(tp, fp, fn) < 0 "
        "OR tp + fp + fn <= 0 OR NOT (iou BETWEEN tp * 0.5 AND tp) ORDER BY ALL",
    ),
)
