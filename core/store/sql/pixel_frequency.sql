-- The labelled pixels of the truth, as counted when the run was evaluated.
SELECT truth AS class, CAST(sum(pixels) AS BIGINT) AS pixels, count(DISTINCT image_id) AS images
FROM pixel_count
WHERE run_id = $run
GROUP BY truth
ORDER BY truth
