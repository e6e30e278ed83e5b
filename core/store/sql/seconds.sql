SELECT run_id, avg(seconds) AS seconds_per_image, count(*) AS images
FROM prediction_image
WHERE run_id IN (SELECT unnest($runs::INTEGER[]))
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
GROUP BY run_id
ORDER BY run_id
