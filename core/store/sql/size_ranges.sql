-- COCO's limits, 32 and 96 pixels squared, both ends inclusive: an area of exactly 1024 is
-- small and medium, one of exactly 9216 medium and large.
SELECT count(*) AS objects,
       count(*) FILTER (area <= 1024) AS small,
       count(*) FILTER (area BETWEEN 1024 AND 9216) AS medium,
       count(*) FILTER (area >= 9216) AS large
FROM annotation_object JOIN image USING (image_id)
WHERE dataset_id = $dataset AND split = $split AND NOT crowd
  AND ($class::INTEGER IS NULL OR class = $class::INTEGER)
