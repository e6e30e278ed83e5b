-- None where annotations do not say where objects are: they have no areas.
SELECT image_id, object_index, class, area, crowd
FROM annotation_object JOIN image USING (image_id) JOIN split USING (dataset_id, split)
WHERE dataset_id = $dataset AND split = $split AND located
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
ORDER BY image_id, object_index
