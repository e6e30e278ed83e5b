SELECT run_id, image_id, object_index, class, score, matched, iou, nearest, nearest_iou, kind
FROM match
WHERE run_id IN (SELECT unnest($runs::INTEGER[])) AND geometry = $geometry
  AND image_id IN (SELECT unnest($images::INTEGER[]))
ORDER BY run_id, image_id, object_index
