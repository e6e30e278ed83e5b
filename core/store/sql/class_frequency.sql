-- Crowd regions are counted apart: they stand for an unknown number of objects.
WITH counted AS (
    SELECT class,
           count(*) FILTER (NOT crowd) AS objects,
           count(DISTINCT image_id) FILTER (NOT crowd) AS images,
           count(*) FILTER (crowd) AS crowd_regions
    FROM annotation_object JOIN image USING (image_id)
    WHERE dataset_id = $dataset AND split = $split
    GROUP BY class
)
SELECT c.class, c.name, c.supercategory, coalesce(n.objects, 0) AS objects,
       coalesce(n.images, 0) AS images, coalesce(n.crowd_regions, 0) AS crowd_regions
FROM category c LEFT JOIN counted n USING (class)
WHERE c.dataset_id = $dataset
ORDER BY c.class
