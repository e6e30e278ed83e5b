SELECT run_id, image_id, class, truth, predicted, shared
FROM boundary_count
WHERE list_contains($runs::INTEGER[], run_id)
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
ORDER BY run_id, image_id, class
