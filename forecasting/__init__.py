"""People: from published figures to a Projection, with its uncertainty."""
