SELECT image_id, class, tp, fp, fn, iou
FROM segment_count
WHERE run_id = $run
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
ORDER BY image_id, class
