-- Crowd regions are no objects. Small is an area of at most 32 pixels squared, as COCO has it.
SELECT i.image_id, any_value(p.brightness) AS brightness, any_value(p.contrast) AS contrast,
       any_value(i.height) AS height, any_value(i.width) AS width,
       count(a.image_id) AS objects, count(a.image_id) FILTER (a.area <= 1024) AS small
FROM image i
LEFT JOIN image_property p ON p.image_id = i.image_id
LEFT JOIN annotation_object a ON a.image_id = i.image_id AND NOT a.crowd
WHERE i.dataset_id = $dataset AND i.split = $split
GROUP BY i.image_id
ORDER BY i.image_id
