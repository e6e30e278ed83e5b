-- How certain some runs are of each pixel of some images, where they say so.
SELECT run_id, image_id, height, width, confidence
FROM prediction_map JOIN image USING (image_id)
WHERE list_contains($runs, run_id) AND list_contains($images, image_id)
  AND confidence IS NOT NULL
ORDER BY run_id, image_id
