SELECT image_id, source_id, name, path, height, width, images_folder
FROM image JOIN split USING (dataset_id, split)
WHERE image_id IN (SELECT unnest($images::INTEGER[]))
ORDER BY image_id
