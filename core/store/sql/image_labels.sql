-- Every pair of an answered image and a class of which anything is said.
-- shown: by an object that is no crowd region, or by enough pixels of a label map that was given.
--   It is NULL where only a crowd region is there.
-- probability: what the run says itself.
-- found: the highest score of the run's objects of the class. Of a run without objects it is 1
--   where its label map has enough pixels of the class.
WITH answered AS (
    SELECT run_id, image_id
    FROM prediction_image
    WHERE run_id IN (SELECT unnest($runs::INTEGER[]))
      AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
), annotated AS (
    SELECT image_id, class, NOT crowd AS known
    FROM annotation_object SEMI JOIN answered USING (image_id)
    UNION ALL
    SELECT image_id, class, true
    FROM annotation_pixel JOIN annotation_map USING (image_id) SEMI JOIN answered USING (image_id)
    WHERE NOT painted AND pixels >= $least_pixels
), truth AS (
    SELECT run_id, image_id, class, bool_or(known) AS known
    FROM annotated JOIN answered USING (image_id)
    GROUP BY run_id, image_id, class
), said AS (
    SELECT run_id, image_id, unnest(range(len(probabilities)))::INTEGER AS class,
           unnest(probabilities) AS probability
    FROM prediction_label SEMI JOIN answered USING (run_id, image_id)
), marked AS (
    SELECT run_id, image_id, class, max(score) AS found
    FROM prediction_object SEMI JOIN answered USING (run_id, image_id)
    GROUP BY run_id, image_id, class
    UNION ALL
    SELECT run_id, image_id, predicted, 1.0
    FROM pixel_count SEMI JOIN answered USING (run_id, image_id)
    WHERE run_id IN (SELECT run_id FROM run WHERE NOT (has_boxes OR has_masks))
    GROUP BY run_id, image_id, predicted
    HAVING sum(pixels) >= $least_pixels
)
SELECT run_id, image_id, class, CASE WHEN known IS NULL THEN false WHEN known THEN true END AS shown,
       probability, found
FROM truth
FULL JOIN said USING (run_id, image_id, class)
FULL JOIN marked USING (run_id, image_id, class)
WHERE class BETWEEN 0 AND $classes - 1 AND class IS DISTINCT FROM $background::INTEGER
ORDER BY run_id, image_id, class
