SELECT attempt, host, pid, started, heartbeat, ended, reason
FROM run_attempt
WHERE run_id = $run
ORDER BY attempt
