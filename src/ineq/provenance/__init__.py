"""Where results come from: digests of code and files, records, what is stale, what a change reruns."""
