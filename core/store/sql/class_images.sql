SELECT class, count(DISTINCT image_id) AS images, count(*) AS objects
FROM annotation_object JOIN image USING (image_id)
WHERE dataset_id = $dataset AND split = $split AND NOT crowd
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
GROUP BY class
ORDER BY class
