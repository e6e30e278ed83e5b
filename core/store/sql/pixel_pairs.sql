WITH present AS (
    SELECT image_id, class
    FROM annotation_pixel JOIN image USING (image_id)
    WHERE dataset_id = $dataset AND split = $split
      AND class IN (SELECT unnest($classes::INTEGER[]))
)
SELECT a.class AS class, b.class AS other, count(*) AS images
FROM present a JOIN present b USING (image_id)
GROUP BY a.class, b.class
ORDER BY a.class, b.class
