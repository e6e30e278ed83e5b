SELECT s.dataset_id, d.name AS dataset, s.split, s.images,
       (SELECT count(*) FROM category c WHERE c.dataset_id = s.dataset_id) AS classes,
       d.background, s.format, s.source, s.source_sha256, s.images_folder,
       s.has_objects, s.has_masks, s.has_label_maps, s.maps_painted, s.located, s.imported,
       (SELECT count(*) FROM run r WHERE r.dataset_id = s.dataset_id AND r.split = s.split) AS runs
FROM split s JOIN dataset d USING (dataset_id)
ORDER BY d.name, s.split
