SELECT run_id, image_id, seconds
FROM prediction_image
WHERE run_id IN (SELECT unnest($runs::INTEGER[])) AND image_id IN (SELECT unnest($images::INTEGER[]))
ORDER BY run_id, image_id
