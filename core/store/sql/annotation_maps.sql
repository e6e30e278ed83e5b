SELECT image_id, label_map
FROM annotation_map
WHERE image_id IN (SELECT unnest($images::INTEGER[]))
ORDER BY image_id
