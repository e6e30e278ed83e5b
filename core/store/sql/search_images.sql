-- Names that begin with the text come first.
SELECT image_id, source_id, name, path
FROM image
WHERE dataset_id = $dataset AND split = $split
  AND (contains(lower(name), lower($text)) OR CAST(source_id AS VARCHAR) = $text)
ORDER BY starts_with(lower(name), lower($text)) DESC, image_id
LIMIT $most
