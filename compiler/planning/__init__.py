"""From a project to its plan: steps, jobs and triggers."""
