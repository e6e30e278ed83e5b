SELECT image_id, pixels
FROM annotation_pixel JOIN image USING (image_id)
WHERE dataset_id = $dataset AND split = $split AND class = $class
ORDER BY pixels DESC, image_id
LIMIT $most
