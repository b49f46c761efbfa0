"""What other logs tell of the requests in an execution log: the functions' own logs, the access log, trace ids."""
