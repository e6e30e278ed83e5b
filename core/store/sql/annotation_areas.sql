SELECT image_id, object_index, class, area, crowd
FROM annotation_object JOIN image USING (image_id)
WHERE dataset_id = $dataset AND split = $split
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
ORDER BY image_id, object_index
