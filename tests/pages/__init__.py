"""Pages as people see them: by role, with what they may do, refusals answered in place."""
