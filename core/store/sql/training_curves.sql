-- The points of some trainings' curves.
SELECT training_id, epoch, name, value
FROM training_epoch
WHERE list_contains($trainings, training_id)
ORDER BY training_id, name, epoch
