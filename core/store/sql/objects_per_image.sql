WITH counted AS (
    SELECT i.image_id, count(a.image_id) AS objects
    FROM image i LEFT JOIN annotation_object a ON a.image_id = i.image_id AND NOT a.crowd
    WHERE i.dataset_id = $dataset AND i.split = $split
    GROUP BY i.image_id
)
SELECT objects, count(*) AS images
FROM counted
GROUP BY objects
ORDER BY objects
