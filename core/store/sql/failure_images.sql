-- `failure` are the rows of failure.sql.
SELECT image_id, count(*) AS errors, max(score) AS surest
FROM failure
GROUP BY image_id
ORDER BY CASE WHEN $by_score THEN max(score) ELSE count(*) END DESC NULLS LAST, errors DESC, image_id
