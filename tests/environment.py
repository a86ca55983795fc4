"""The environment variables that the tracker reads."""

VARIABLES = (
    *("ALLOWED_HOSTS", "DATABASE_URL", "DEBUG", "EMAIL_URL", "PDF_MEGABYTES", "PDF_SECONDS", "SECRET_KEY"),
    *("SITE_URL", "TIME_ZONE"),
)
