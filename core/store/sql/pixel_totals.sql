SELECT run_id, truth, predicted, CAST(sum(pixels) AS BIGINT) AS pixels
FROM pixel_count
WHERE run_id IN (SELECT unnest($runs::INTEGER[]))
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
GROUP BY run_id, truth, predicted
ORDER BY run_id, truth, predicted
