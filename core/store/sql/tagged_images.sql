SELECT DISTINCT image_id
FROM image_tag JOIN image USING (image_id)
WHERE dataset_id = $dataset AND split = $split AND tag IN (SELECT unnest($tags::VARCHAR[]))
ORDER BY image_id
