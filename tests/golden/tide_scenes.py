"""Made-up scenes and a real detector, and what tidecv 1.0.1 says of them in `tide.json`.

The figures were made once, in an environment of its own: `pip install tidecv==1.0.1`, then
`python tests/golden/tide_scenes.py FOLDER`, where the folder holds COCO's `instances.json` and
`results`. Only the standard library draws the scenes, so they are the same everywhere.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

FILE = Path(__file__).with_name("tide.json")
SIZE = 128
CLASSES = 5
REAL = "yolov8n-seg_int8_segm.json"
Placed = dict[str, object]


def ordinary(seed: int) -> tuple[list[Placed], list[Placed]]:
    """Return annotations and predictions of thirty images with errors of every kind."""
    chance = random.Random(seed)
    annotations, predictions = [], []
    for image in range(1, 31):
        for _ in range(chance.randrange(6)):
            box = _box(chance)
            category = chance.choice((0, 0, 0, 1, 1, 2, 3))
            annotations.append({"image": image, "category": category, "box": box})
            if chance.random() < 0.15:
                continue
            for _ in range(chance.choice((1, 1, 2, 4))):
                answer = category if chance.random() < 0.7 else chance.randrange(4)
                predictions.append({"image": image, "category": answer, "box": _near(box, chance)})
        for _ in range(chance.randrange(3)):
            spot = {"image": image, "category": chance.randrange(4), "box": _box(chance)}
            predictions.append(spot)
    return annotations, _scored(predictions, chance)


def hostile(seed: int) -> tuple[list[Placed], list[Placed]]:
    """Return the same, and classes never found, never predicted and never annotated.

    Objects lie on one another with one box and two classes, and images have only one side.
    """
    annotations, predictions = ordinary(seed)
    chance = random.Random(seed + 1)
    for annotation in list(annotations[::3]):
        annotations.append({**annotation, "category": (annotation["category"] + 1) % 4})
    # class 3 is predicted but never found; class 2 is never predicted; class 4 never annotated
    predictions = [p for p in predictions if p["category"] != 2]
    for prediction in predictions:
        if prediction["category"] == 3:
            prediction["box"] = [1.0, 1.0, 2.0, 2.0]
    for image in (31, 32):
        predictions += [{"image": image, "category": c, "box": _box(chance)} for c in (0, 3, 4)]
    annotations += [{"image": 33, "category": c, "box": _box(chance)} for c in (0, 1)]
    return annotations, _scored(predictions, chance)


def _box(chance: random.Random) -> list[float]:
    return [float(chance.randrange(70)), float(chance.randrange(70)),
            float(chance.randrange(8, 50)), float(chance.randrange(8, 50))]  # fmt: skip


def _near(box: list[float], chance: random.Random) -> list[float]:
    """Move and stretch a box, from hardly to beyond recognition."""
    reach = chance.choice((0, 2, 8, 20))
    moved = [side + chance.randint(-reach, reach) for side in box]
    return [moved[0], moved[1], max(moved[2], 1.0), max(moved[3], 1.0)]


def _scored(predictions: list[Placed], chance: random.Random) -> list[Placed]:
    """Give each prediction a score of its own: tidecv breaks ties by another rule than COCO."""
    scores = [(place + 1) / (len(predictions) + 1) for place in range(len(predictions))]
    chance.shuffle(scores)
    return [{**one, "score": score} for one, score in zip(predictions, scores, strict=True)]


SCENES = {"ordinary": ordinary(7), "many": ordinary(21), "hostile": hostile(3)}


def ask_tidecv(annotations: list[Placed], predictions: list[Placed]) -> dict[str, object]:
    """Return per class AP50 before and after each repair (None: left out), and errors counted."""
    from tidecv import TIDE, Data
    from tidecv.errors.main_errors import FalsePositiveError

    truth, found = Data("truth", max_dets=10_000), Data("found", max_dets=10_000)
    for one in annotations:
        truth.add_ground_truth(one["image"], one["category"], one["box"])
    for one in predictions:
        found.add_detection(one["image"], one["category"], one["score"], one["box"])
        truth.add_image(one["image"], "")
    run = TIDE().evaluate(truth, found, mode=TIDE.BOX)
    repaired = {
        kind.short_name: run.fix_errors(lambda error, kind=kind: isinstance(error, kind))
        for kind in TIDE._error_types
    }
    repaired["FalsePos"] = run.fix_errors(transform=FalsePositiveError.fix)
    repaired["FalseNeg"] = run.fix_errors(false_neg_dict=run.false_negatives)
    return {
        "before": _by_class(run.ap_data),
        "after": {name: _by_class(after) for name, after in repaired.items()},
        "errors": {kind.short_name: n for kind, n in run.count_errors().items()},
        "map": run.ap,
        "gains": {kind.short_name: gain for kind, gain in run.fix_main_errors().items()},
    }


def ask_of_real(folder: Path, mode: str) -> dict[str, object]:
    """Return what tidecv says of a real detector.

    Crowd regions are left out, and classes that are never annotated: tidecv goes by other rules
    there (see `core.metrics.errors` and `core.metrics.repairs`).
    """
    from pycocotools.coco import COCO
    from tidecv import TIDE, Data

    coco = COCO(folder / "instances.json")
    truth, found = Data("truth", max_dets=10_000), Data("found", max_dets=10_000)
    for image in coco.imgs:
        truth.add_image(image, "")
    annotations = [one for one in coco.anns.values() if not one["iscrowd"]]
    for one in annotations:
        place = one["image_id"], one["category_id"]
        truth.add_ground_truth(*place, one["bbox"], coco.annToRLE(one))
    annotated = {one["category_id"] for one in annotations}
    for one in json.loads((folder / "results" / REAL).read_text()):
        if one["category_id"] in annotated:
            place = one["image_id"], one["category_id"], one["score"]
            found.add_detection(*place, one["bbox"], one["segmentation"])
    run = TIDE().evaluate(truth, found, mode=mode)
    return {
        "map": run.ap,
        "errors": {kind.short_name: n for kind, n in run.count_errors().items()},
        "gains": {kind.short_name: gain for kind, gain in run.fix_main_errors().items()},
    }


def _by_class(scored: object) -> list[float | None]:
    filled = {c: each.get_ap() for c, each in scored.objs.items() if not each.is_empty()}
    return [filled.get(c) for c in range(CLASSES)]


if __name__ == "__main__":
    figures = {name: ask_tidecv(*scene) for name, scene in SCENES.items()}
    for geometry, mode in (("box", "bbox"), ("mask", "mask")):
        figures[f"real {geometry}"] = ask_of_real(Path(sys.argv[1]), mode)
    FILE.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{FILE} written\n")
