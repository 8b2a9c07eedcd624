"""Pages for people: templates, components and the figures on them, in Chinese and English."""
