WITH answered AS (
    SELECT run_id, count(*) AS images, avg(seconds) AS seconds_per_image
    FROM prediction_image GROUP BY run_id
), left_out AS (
    SELECT run_id, count(*) AS rejected FROM rejected WHERE run_id IS NOT NULL GROUP BY run_id
), attempt AS (
    SELECT run_id, max_by(heartbeat, attempt) AS heartbeat, max_by(pid, attempt) AS pid,
           max_by(host, attempt) AS host, count(*) AS attempts
    FROM run_attempt GROUP BY run_id
)
SELECT r.run_id, r.name AS run, r.system, r.dataset_id, d.name AS dataset, r.split, r.status,
       coalesce(a.images, 0) AS images, r.expected_images, coalesce(l.rejected, 0) AS rejected,
       r.has_boxes, r.has_masks, r.has_label_maps, r.has_labels, r.weights, r.weights_sha256,
       CAST(r.settings AS VARCHAR) AS settings, CAST(r.versions AS VARCHAR) AS versions,
       r.device, r.created, r.finished, t.heartbeat, t.pid, t.host,
       coalesce(t.attempts, 0) AS attempts,
       e.evaluated, e.pixel_source, e.paint_threshold, e.threshold_origin, e.has_segments,
       a.seconds_per_image
FROM run r
JOIN dataset d USING (dataset_id)
LEFT JOIN answered a USING (run_id)
LEFT JOIN left_out l USING (run_id)
LEFT JOIN attempt t USING (run_id)
LEFT JOIN evaluation e USING (run_id)
WHERE ($dataset::VARCHAR IS NULL OR d.name = $dataset::VARCHAR)
  AND ($split::VARCHAR IS NULL OR r.split = $split::VARCHAR)
ORDER BY r.created DESC, r.run_id DESC
