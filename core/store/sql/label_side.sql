-- `image_label` are the rows of image_labels.sql. What a label head says of each image and class,
-- against what the same run found on the image, both from the same fraction on.
-- Where nothing was found, `found` and so `marked` is NULL, which no WHEN takes for true.
SELECT run_id, image_id, class, shown, probability, found,
       CASE WHEN said AND marked THEN 'both'
            WHEN said THEN 'said, not found'
            WHEN marked THEN 'found, not said'
            ELSE 'neither' END AS side
FROM (
    SELECT *, probability >= $least AS said, found >= $least AS marked
    FROM image_label
    WHERE probability IS NOT NULL
)
WHERE $class::INTEGER IS NULL OR class = $class::INTEGER
