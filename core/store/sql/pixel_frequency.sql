-- The labelled pixels of the truth, as counted when the split was imported.
SELECT class, CAST(sum(pixels) AS BIGINT) AS pixels, count(*) AS images
FROM annotation_pixel JOIN image USING (image_id)
WHERE dataset_id = $dataset AND split = $split
GROUP BY class
ORDER BY class
