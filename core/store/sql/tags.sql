SELECT tag, count(DISTINCT image_id) AS images
FROM image_tag JOIN image USING (image_id)
WHERE dataset_id = $dataset AND split = $split
GROUP BY tag
ORDER BY images DESC, tag
