-- `failure` are the rows of failure.sql. The surest errors first, then the largest missed objects.
SELECT f.run_id, f.image_id, i.source_id, i.name AS image, f.kind, f.object_index, f.class, f.score,
       f.area, a.class AS nearest_class, f.nearest, f.nearest_iou
FROM failure f
JOIN image i USING (image_id)
LEFT JOIN annotation_object a ON a.image_id = f.image_id AND a.object_index = f.nearest
ORDER BY f.score DESC NULLS LAST, f.area DESC, f.image_id, f.run_id, f.object_index
LIMIT $most
