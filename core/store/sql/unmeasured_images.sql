SELECT image_id, images_folder, path
FROM image JOIN split USING (dataset_id, split) LEFT JOIN image_property p USING (image_id)
WHERE dataset_id = $dataset AND split = $split AND p.brightness IS NULL
ORDER BY image_id
