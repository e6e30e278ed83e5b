-- `label_side` are the rows of label_side.sql.
SELECT s.run_id, s.image_id, i.source_id, i.name AS image, s.class, s.side, s.probability, s.found,
       s.shown
FROM label_side s JOIN image i USING (image_id)
WHERE side IN (SELECT unnest($sides::VARCHAR[]))
ORDER BY s.image_id, s.run_id, s.class
