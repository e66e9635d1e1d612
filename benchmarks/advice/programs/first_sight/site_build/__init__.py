"""Static site builder: many small source files, a few jinja2 templates."""
