SELECT image_id, object_index, class, score, area, rank, hits, ignored, matched, iou,
       nearest, nearest_iou, kind
FROM match
WHERE run_id = $run AND geometry = $geometry
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
ORDER BY image_id, object_index
