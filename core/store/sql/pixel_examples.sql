SELECT image_id, CAST(sum(pixels) AS BIGINT) AS pixels
FROM pixel_count
WHERE run_id = $run AND truth = $class
GROUP BY image_id
ORDER BY pixels DESC, image_id
LIMIT $most
