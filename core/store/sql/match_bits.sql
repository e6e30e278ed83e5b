-- What scores need of each prediction of one run, without the words that go with it.
SELECT image_id, class, score, rank, hits, ignored
FROM match
WHERE run_id = $run AND geometry = $geometry
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
