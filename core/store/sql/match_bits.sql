-- What scores need of each prediction of runs, without the words that go with it.
SELECT run_id, image_id, class, score, rank, hits, ignored
FROM match
WHERE list_contains($runs::INTEGER[], run_id) AND geometry = $geometry
  AND ($images::INTEGER[] IS NULL OR image_id IN (SELECT unnest($images::INTEGER[])))
