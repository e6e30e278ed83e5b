-- How many pixels of one class were given another on each image (-1: none was given).
SELECT run_id, image_id, CAST(sum(pixels) AS BIGINT) AS pixels
FROM pixel_count
WHERE run_id IN (SELECT unnest($runs::INTEGER[]))
  AND ($truth::INTEGER IS NULL OR truth = $truth::INTEGER)
  AND ($predicted::INTEGER IS NULL OR predicted = $predicted::INTEGER)
GROUP BY run_id, image_id
ORDER BY run_id, image_id
