-- Trainings, newest first. With weights given, those that a run's weights_sha256 names, and
-- with a run those whose history was imported to it.
SELECT training_id, system, dataset, train_split, val_split, seed,
    CAST(settings AS VARCHAR) AS settings,
    CAST(versions AS VARCHAR) AS versions, weights,
    weights_sha256, goal, best_epoch, planned_epochs, seconds, status, started, finished, run_id
FROM training
WHERE ($weights::VARCHAR IS NULL AND $run::INTEGER IS NULL)
    OR run_id = $run::INTEGER
    OR (run_id IS NULL AND weights_sha256 <> ''
        AND list_contains(string_split($weights::VARCHAR, ' + '), weights_sha256))
ORDER BY finished DESC, training_id
