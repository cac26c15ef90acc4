"""The embedded runtime: PostgreSQL, a broker and the site's children, all kept under LORE_HOME.

Knows neither Django nor the settings (stdlib, psycopg and redis alone), so that a deployment with its own services can
leave it out.
"""
