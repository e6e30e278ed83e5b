SELECT run_id, truth AS class, count(DISTINCT image_id) AS images
FROM pixel_count
WHERE run_id IN (SELECT unnest($runs::INTEGER[]))
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
GROUP BY run_id, truth
ORDER BY run_id, truth
