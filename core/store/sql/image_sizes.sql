SELECT width, height, count(*) AS images
FROM image
WHERE dataset_id = $dataset AND split = $split
GROUP BY width, height
ORDER BY images DESC, width, height
