-- A stage's mean is over the images that it was timed on. Where it stands, the image with most
-- stages tells: not every image needs every stage.
WITH timed AS (
    SELECT run_id, unnest(stages) AS stage, unnest(stage_seconds) AS seconds,
           unnest(range(len(stages))) AS position
    FROM prediction_stage
    WHERE run_id IN (SELECT unnest($runs::INTEGER[]))
      AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
)
SELECT run_id, stage, avg(seconds) AS seconds, count(*) AS images
FROM timed
GROUP BY run_id, stage
ORDER BY run_id, max(position), stage
