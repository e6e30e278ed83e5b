"""Many visitors at one dashboard for minutes: errors, answers in time, memory that is bounded."""
