-- How often trainings on a split see each class in an epoch, of those that draw images by classes.
SELECT training_id, system, weights, finished, CAST(settings AS VARCHAR) AS settings,
       class, name, images, drawn
FROM training_class JOIN training USING (training_id)
WHERE dataset = $dataset AND train_split = $split
ORDER BY finished DESC, training_id, class
