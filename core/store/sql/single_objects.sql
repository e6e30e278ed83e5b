-- For images of one annotated object each: it, and the surest prediction of a run.
-- Its box is NULL where annotations do not say where objects are.
-- No rows unless every image of the split that is looked at has exactly one object.
WITH chosen AS (
    SELECT image_id, located
    FROM prediction_image JOIN image USING (image_id) JOIN split USING (dataset_id, split)
    WHERE run_id = $run
      AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
), truth AS (
    SELECT image_id, count(*) AS objects, any_value(class) AS class,
           any_value(x) FILTER (located) AS x, any_value(y) FILTER (located) AS y,
           any_value(width) FILTER (located) AS width,
           any_value(height) FILTER (located) AS height
    FROM annotation_object JOIN chosen USING (image_id)
    GROUP BY image_id
), surest AS (
    SELECT image_id, class, score, x, y, width, height
    FROM prediction_object
    WHERE run_id = $run
    QUALIFY row_number() OVER (PARTITION BY image_id ORDER BY score DESC, object_index) = 1
)
SELECT image_id, truth.class AS truth, truth.x, truth.y, truth.width, truth.height,
       coalesce(surest.class, -1) AS predicted, coalesce(surest.score, 0) AS score,
       coalesce(surest.x, 0) AS predicted_x, coalesce(surest.y, 0) AS predicted_y,
       coalesce(surest.width, 0) AS predicted_width, coalesce(surest.height, 0) AS predicted_height
FROM truth LEFT JOIN surest USING (image_id)
WHERE (SELECT count(*) FROM truth WHERE objects = 1) = (SELECT count(*) FROM chosen)
ORDER BY image_id
