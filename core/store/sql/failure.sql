-- Every error of some runs: each wrong prediction, and each annotated object that was not hit.
-- Predictions below the least score are as if they had not been made: COCO matches in the order
-- of the scores, so leaving them out changes nothing for those above.
WITH hit AS (
    SELECT run_id, image_id, matched
    FROM match
    WHERE run_id IN (SELECT unnest($runs::INTEGER[])) AND geometry = $geometry
      AND kind = 'hit' AND score >= $least
), error AS (
    SELECT run_id, image_id, object_index, kind, class, score, area, nearest, nearest_iou
    FROM match
    WHERE run_id IN (SELECT unnest($runs::INTEGER[])) AND geometry = $geometry
      AND kind NOT IN ('hit', 'ignored') AND score >= $least
    UNION ALL
    SELECT p.run_id, p.image_id, a.object_index, 'missed', a.class, NULL, a.area, -1, NULL
    FROM prediction_image p JOIN annotation_object a USING (image_id)
    ANTI JOIN hit h ON h.run_id = p.run_id AND h.image_id = p.image_id AND h.matched = a.object_index
    WHERE p.run_id IN (SELECT unnest($runs::INTEGER[])) AND NOT a.crowd
)
SELECT run_id, image_id, object_index, kind, class, score, area, nearest, nearest_iou
FROM error
WHERE ($kinds::VARCHAR[] IS NULL OR kind IN (SELECT unnest($kinds::VARCHAR[])))
  AND ($class::INTEGER IS NULL OR class = $class::INTEGER)
  AND area BETWEEN $smallest AND $largest
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
