SELECT run_id, count(*) AS rows
FROM pixel_count
WHERE list_contains($runs::INTEGER[], run_id)
GROUP BY run_id
