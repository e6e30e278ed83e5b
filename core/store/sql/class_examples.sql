SELECT image_id, count(*) AS objects
FROM annotation_object JOIN image USING (image_id)
WHERE dataset_id = $dataset AND split = $split AND class = $class AND NOT crowd
GROUP BY image_id
ORDER BY max(area) DESC, image_id
LIMIT $most
