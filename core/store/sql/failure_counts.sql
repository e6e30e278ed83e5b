-- `failure` are the rows of failure.sql.
SELECT run_id, kind, count(*) AS errors, count(DISTINCT image_id) AS images
FROM failure
GROUP BY run_id, kind
ORDER BY run_id, kind
