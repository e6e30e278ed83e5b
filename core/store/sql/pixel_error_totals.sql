SELECT run_id, class, kind, sum(missed)::BIGINT AS missed, sum(added)::BIGINT AS added,
    sum(wrong)::BIGINT AS wrong
FROM pixel_error_count
WHERE run_id IN (SELECT unnest($runs::INTEGER[]))
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
GROUP BY run_id, class, kind
ORDER BY run_id, class, kind
