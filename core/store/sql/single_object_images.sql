-- Crowd regions count as objects here, as they do for the scores of single objects.
SELECT image_id
FROM annotation_object JOIN image USING (image_id)
WHERE dataset_id = $dataset AND split = $split
GROUP BY image_id
HAVING count(*) = 1
ORDER BY image_id
