SELECT run_id, image_id, object_index, class, score, area, rank, hits, ignored, matched, iou,
       nearest, nearest_iou, kind
FROM match
WHERE list_contains($runs::INTEGER[], run_id) AND geometry = $geometry
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
ORDER BY run_id, image_id, object_index
