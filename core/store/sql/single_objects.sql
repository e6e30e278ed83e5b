-- For images of one annotated object each: it, and the surest prediction of each run.
-- Its box is NULL where annotations do not say where objects are.
-- No rows of a run unless every image of its split that is looked at has exactly one object.
WITH chosen AS (
    SELECT run_id, image_id, located
    FROM prediction_image JOIN image USING (image_id) JOIN split USING (dataset_id, split)
    WHERE list_contains($runs::INTEGER[], run_id)
      AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
), truth AS (
    SELECT run_id, image_id, count(*) AS objects, any_value(class) AS class,
           any_value(x) FILTER (located) AS x, any_value(y) FILTER (located) AS y,
           any_value(width) FILTER (located) AS width,
           any_value(height) FILTER (located) AS height
    FROM annotation_object JOIN chosen USING (image_id)
    GROUP BY run_id, image_id
), alone AS (
    SELECT run_id, count(*) AS images FROM truth WHERE objects = 1 GROUP BY run_id
), whole AS (
    SELECT run_id, images
    FROM alone JOIN (SELECT run_id, count(*) AS images FROM chosen GROUP BY run_id)
    USING (run_id, images)
), surest AS (
    SELECT run_id, image_id, class, score, x, y, width, height
    FROM prediction_object SEMI JOIN whole USING (run_id)
    QUALIFY row_number() OVER (
        PARTITION BY run_id, image_id ORDER BY score DESC, object_index
    ) = 1
)
SELECT run_id, image_id, truth.class AS truth, truth.x, truth.y, truth.width, truth.height,
       coalesce(surest.class, -1) AS predicted, coalesce(surest.score, 0) AS score,
       coalesce(surest.x, 0) AS predicted_x, coalesce(surest.y, 0) AS predicted_y,
       coalesce(surest.width, 0) AS predicted_width, coalesce(surest.height, 0) AS predicted_height
FROM truth SEMI JOIN whole USING (run_id) LEFT JOIN surest USING (run_id, image_id)
ORDER BY run_id, image_id
