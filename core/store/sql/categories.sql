SELECT class, c.name, supercategory, source_id
FROM category c JOIN dataset d USING (dataset_id)
WHERE d.name = $dataset
ORDER BY class
