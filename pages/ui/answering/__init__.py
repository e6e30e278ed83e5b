"""Systems that answer while a visitor waits: a process a framework, kept warm for everybody."""
