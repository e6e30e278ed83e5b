WITH present AS (
    SELECT DISTINCT image_id, truth AS class
    FROM pixel_count
    WHERE run_id = $run AND truth IN (SELECT unnest($classes::INTEGER[]))
)
SELECT a.class AS class, b.class AS other, count(*) AS images
FROM present a JOIN present b USING (image_id)
GROUP BY a.class, b.class
ORDER BY a.class, b.class
