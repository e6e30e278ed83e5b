SELECT run_id, image_id, label_map
FROM prediction_map
WHERE run_id IN (SELECT unnest($runs::INTEGER[])) AND image_id IN (SELECT unnest($images::INTEGER[]))
ORDER BY run_id, image_id
