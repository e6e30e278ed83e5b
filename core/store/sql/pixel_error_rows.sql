SELECT run_id, image_id, class, list_position($kinds::VARCHAR[], kind) - 1 AS kind, missed, added,
    wrong
FROM pixel_error_count
WHERE list_contains($runs::INTEGER[], run_id)
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
ORDER BY run_id, image_id, class, kind
