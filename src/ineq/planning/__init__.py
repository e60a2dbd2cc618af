"""What is to be done: stages as templates, the registry of all, a study's jobs, and what they cost. No torch."""
