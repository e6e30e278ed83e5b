SELECT run_id, image_id, sum(wrong)::BIGINT AS pixels
FROM pixel_error_count
WHERE run_id IN (SELECT unnest($runs::INTEGER[]))
  AND kind IN (SELECT unnest($kinds::VARCHAR[]))
  AND ($class::INTEGER IS NULL OR class = $class::INTEGER)
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
GROUP BY run_id, image_id
HAVING sum(wrong) > 0
ORDER BY run_id, image_id
