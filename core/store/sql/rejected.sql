SELECT r.name AS run, d.name AS dataset, x.split, x.place, x.image_id, x.stage, x.message,
       x.attempts, x.rejected_at
FROM rejected x
JOIN dataset d USING (dataset_id)
LEFT JOIN run r ON r.run_id = x.run_id
WHERE $run::INTEGER IS NULL OR x.run_id = $run::INTEGER
ORDER BY x.rejected_at, x.place
