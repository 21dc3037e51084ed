"""A module for each page with exercises, named as the page: what it asks, how that is judged."""
