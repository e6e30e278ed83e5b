"""Sound files of every format, and what spoils them: for tests and for a coverage-guided fuzzer."""
