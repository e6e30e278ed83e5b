-- `label_side` are the rows of label_side.sql.
SELECT run_id, class, side, count(*) AS images, count(*) FILTER (shown) AS showing,
       count(*) FILTER (shown IS NULL) AS unknown
FROM label_side
GROUP BY run_id, class, side
ORDER BY run_id, class, side
