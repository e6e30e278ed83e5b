-- An id is unique in a split, a name need not be: an id wins.
SELECT image_id
FROM image
WHERE dataset_id = $dataset AND split = $split
  AND (name = $text OR CAST(source_id AS VARCHAR) = $text)
ORDER BY CAST(source_id AS VARCHAR) = $text DESC, image_id
LIMIT 1
