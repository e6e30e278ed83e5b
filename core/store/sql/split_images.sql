SELECT image_id
FROM image
WHERE dataset_id = $dataset AND split = $split
ORDER BY image_id
