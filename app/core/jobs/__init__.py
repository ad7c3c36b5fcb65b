"""Background work with progress: a table, a folder of files for each job, and workers that claim by lease."""
