-- Side of a square of the object's area, in steps of a factor of 3^(1/4) from 32 pixels on:
-- COCO's limits, 32 and 96 pixels, are edges of a step.
SELECT CAST(floor(4 * ln(greatest(sqrt(area), 1) / 32) / ln(3)) AS INTEGER) AS step,
       count(*) AS objects
FROM annotation_object JOIN image USING (image_id)
WHERE dataset_id = $dataset AND split = $split AND NOT crowd
  AND ($class::INTEGER IS NULL OR class = $class::INTEGER)
GROUP BY step
ORDER BY step
