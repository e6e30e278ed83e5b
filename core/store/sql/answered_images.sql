SELECT image_id, height, width
FROM prediction_image JOIN image USING (image_id)
WHERE run_id = $run
ORDER BY image_id
