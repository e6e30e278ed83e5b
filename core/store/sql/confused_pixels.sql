-- How many pixels of some classes were given others on each image (-1: none was given).
SELECT run_id, image_id, CAST(sum(pixels) AS BIGINT) AS pixels
FROM pixel_count
WHERE run_id IN (SELECT unnest($runs::INTEGER[]))
  AND ($truth::INTEGER[] IS NULL OR truth IN (SELECT unnest($truth::INTEGER[])))
  AND ($predicted::INTEGER[] IS NULL OR predicted IN (SELECT unnest($predicted::INTEGER[])))
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
GROUP BY run_id, image_id
ORDER BY run_id, image_id
