"""The networks that systems are made of, one framework a file."""
